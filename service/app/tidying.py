"""Once a day, forgets what has served its time: in the state database, and raw waveforms."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog

from configs.instant import ns_of
from ingest.ports import WaveformStore
from service.errors import StateUnavailableError
from service.state import retention
from service.state.database import StateDatabase

DAY_S = 86_400.0
STOP_S = 5.0
_log = structlog.get_logger(__name__)


def tidy_state(database: StateDatabase, *, now: datetime) -> None:
    """Forget what has served its time; where the database is away, that is logged and waits for the next time."""
    try:
        with database.transaction() as session:
            retention.tidy(session, now=now)
    except StateUnavailableError as error:
        _log.warning("tidying_failed", reason=str(error))


def tidy_waveforms(waveforms: WaveformStore, *, now: datetime) -> None:
    """Delete raw waveforms past their time; what stands in the way is logged and tried again the next time."""
    try:
        waveforms.retire(ns_of(now))
    except OSError as error:
        _log.warning("waveforms_not_tidied", reason=error.strerror)


@contextmanager
def run_tidying(
    database: StateDatabase, waveforms: WaveformStore, *, clock: Callable[[], datetime], every_s: float = DAY_S
) -> Iterator[None]:
    """Tidy at once and then once a day while the context lasts."""
    stopping = threading.Event()

    def keep_tidying() -> None:
        while True:
            now = clock()
            tidy_state(database, now=now)
            tidy_waveforms(waveforms, now=now)
            if stopping.wait(every_s):
                return

    thread = threading.Thread(target=keep_tidying, name="tidying", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(STOP_S)
