"""The parts of the running program that go by the plant, and begin anew when people change it: intake, monitor, feeder."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime

import structlog

from configs.errors import YejiError
from configs.plant import Plant
from ingest.intake.writer import Intake
from service.app.feeder import run_feeder
from service.app.foundations import Foundations
from service.app.monitor import run_monitor
from service.app.sensor_watch import run_sensor_watch
from service.monitor.monitor import Monitor, MonitorStatus

STOP_S = 12.0
_log = structlog.get_logger(__name__)


class PlantParts:
    """Monitor and feeder of the plant as it stands; a thread of its own starts them anew when it changes.

    Intake goes by a new plant before `replant` returns; the monitor as soon as its round at hand is done.
    """

    def __init__(self, base: Foundations, intake: Intake, *, clock: Callable[[], datetime]) -> None:
        self._base = base
        self._intake = intake
        self._clock = clock
        self._running = ExitStack()
        self._monitor = self._start(base.plant)
        self._wanted: Plant | None = None
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="replanting", daemon=True)
        self._thread.start()

    def replant(self, plant: Plant) -> None:
        """Go by another plant."""
        self._intake.hand_in.replant(plant, self._base.store.load)
        self._wanted = plant
        self._wake.set()

    def monitor_status(self) -> MonitorStatus:
        """Return how the monitor stands."""
        return self._monitor.status()

    def stop(self) -> None:
        """Stop everything; safe to repeat."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(STOP_S)
        self._running.close()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._stopping.is_set():
                return
            plant, self._wanted = self._wanted, None
            if plant is not None:
                self._begin_anew(plant)

    def _begin_anew(self, plant: Plant) -> None:
        self._running.close()
        try:
            self._monitor = self._start(plant)
        except YejiError as error:
            _log.error("replanting_failed", revision=plant.revision, reason=str(error))
        else:
            _log.info("replanted", revision=plant.revision, machines=len(plant.machines))

    def _start(self, plant: Plant) -> Monitor:
        base = replace(self._base, plant=plant)
        with ExitStack() as stack:
            monitor = stack.enter_context(run_monitor(base, clock=self._clock))
            stack.enter_context(run_feeder(base, clock=self._clock))
            stack.enter_context(run_sensor_watch(base))
            self._running = stack.pop_all()
        return monitor


@contextmanager
def run_plant_parts(base: Foundations, intake: Intake, *, clock: Callable[[], datetime]) -> Iterator[PlantParts]:
    """Run monitor and feeder while the context lasts, and follow the plant."""
    parts = PlantParts(base, intake, clock=clock)
    base.plants.follow(parts.replant)
    try:
        yield parts
    finally:
        parts.stop()
