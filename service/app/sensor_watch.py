"""The watch over the sensors themselves, in a thread of its own that does one machine after the other."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from configs.errors import YejiError
from service.app.foundations import Foundations
from service.monitor.sensor_watch import SensorPorts, SensorWatch

PAUSE_S = 5.0
REST_S = 60.0
STOP_S = 10.0
_log = structlog.get_logger(__name__)


@contextmanager
def run_sensor_watch(base: Foundations, *, pause_s: float = PAUSE_S, rest_s: float = REST_S) -> Iterator[None]:
    """Watch while the context lasts: a pause between two machines, a rest where none is due."""
    stopping = threading.Event()
    watch = SensorWatch(SensorPorts(plant=base.plant, telemetry=base.store, quality=base.store, database=base.database))

    def keep_watching() -> None:
        trouble = ""
        looked = False
        while not stopping.wait(pause_s if looked else rest_s):
            try:
                looked = watch.look_at_next() is not None
            except YejiError as error:
                looked = False
                if str(error) != trouble:
                    _log.warning("sensors_not_watched", reason=str(error))
                trouble = str(error)
            else:
                trouble = ""

    thread = threading.Thread(target=keep_watching, name="sensors", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOP_S)
