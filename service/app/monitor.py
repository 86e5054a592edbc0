"""The monitor: stored readings to conclusions, in a thread of its own."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from service.app.announcer import Announcer
from service.app.foundations import Foundations
from service.monitor.monitor import Monitor, MonitorStatus
from service.monitor.ports import MonitorPorts
from service.observability.health import PartReadiness, Pulse

ARTEFACT_FOLDER = "artefacts"
KEY_FOLDER = "keys"
STOP_S = 10.0
STALLED_AFTER_S = 120.0
"""Learning a type's model is the longest that the monitor goes without a count that rises."""


@contextmanager
def run_monitor(base: Foundations, *, clock: Callable[[], datetime]) -> Iterator[Monitor]:
    """Draw conclusions while the context lasts; a round at hand when it ends is finished or begun anew next time."""
    ports = MonitorPorts(
        plant=base.plant,
        telemetry=base.store,
        condition=base.store,
        meters=base.store,
        database=base.database,
        artefacts=base.folder / ARTEFACT_FOLDER,
        keys=base.folder / KEY_FOLDER,
        settings=base.settings.monitor,
        clock=clock,
        announce=Announcer(base.live, base.plant).announce,
    )
    monitor = Monitor(ports)
    monitor.start()
    try:
        yield monitor
    finally:
        monitor.stop(STOP_S)


class MonitorWatch:
    """Tells whether the monitor makes progress: its counts of rounds and windows rise."""

    def __init__(self, read: Callable[[], MonitorStatus], clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._pulse = Pulse(clock)
        self._seen = (-1, -1)

    def readiness(self) -> PartReadiness:
        """Return whether it lives, has no trouble, and gets on."""
        status = self._read()
        if not status.alive:
            return PartReadiness(name="monitor", ready=False, detail=status.trouble or "has ended; restart the service")
        if status.trouble:
            return PartReadiness(name="monitor", ready=False, detail=status.trouble)
        counts = (status.rounds, status.windows)
        if counts != self._seen:
            self._seen = counts
            self._pulse.beat()
        return self._pulse.check("monitor", within_s=STALLED_AFTER_S)

    def metrics(self) -> Mapping[str, float]:
        """Return what the monitor counts."""
        status = self._read()
        return {
            "rounds_total": float(status.rounds),
            "windows_total": float(status.windows),
            "behind_seconds": status.behind_s,
            "caught_up": float(status.caught_up),
        }
