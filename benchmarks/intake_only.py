"""Intake as `yeji run` wires it, without monitor and pages: `python -m benchmarks.intake_only PLANT DATA HOST PORT [COUNT]`.

It ends on SIGTERM, or once so many messages are stored or refused, and prints what they cost; once a second it brings
the rollups up to date, as the running service does.
"""

import json
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np
import psutil

from configs.plant_file import load_plant
from configs.settings import Settings
from ingest.intake.status import IntakeStatus
from ingest.intake.writer import Intake
from ingest.ports import IntakeBatch, IntakeStore
from service.app.foundations import Foundations, lay_foundations
from service.app.intake import run_intake

LOOK_EVERY_S = 0.05
UPKEEP_EVERY_S = 1.0
WARM_UP_NS = 5_000_000_000
FOREVER = 2**62


class Ages:
    """How old readings are once they are durable, by their own time, after a warm-up from the first of them."""

    def __init__(self, store: IntakeStore) -> None:
        self._commit = store.commit
        self._from_ns = FOREVER
        self._found: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
        store.commit = self._measured  # type: ignore[method-assign]

    def _measured(self, batch: IntakeBatch) -> None:
        self._commit(batch)
        now_ns = time.time_ns()
        if batch.readings and self._from_ns == FOREVER:
            self._from_ns = now_ns + WARM_UP_NS
        if now_ns >= self._from_ns:
            self._found += [now_ns - readings.event_times_ns for readings in batch.readings]

    def percentile_ms(self, share: float) -> float | None:
        """Return a percentile in milliseconds; None where nothing came."""
        return float(np.percentile(np.concatenate(self._found), share)) / 1e6 if self._found else None


def main() -> None:
    """Take in until told to stop."""
    plant, count = Path(sys.argv[1]), int(sys.argv[5]) if len(sys.argv) > 5 else FOREVER
    settings = Settings(data_dir=Path(sys.argv[2]), plant_file=plant)
    over, memory_mib = threading.Event(), list[float]()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    with lay_foundations(settings, load_plant(plant)) as base:
        ages, began, began_cpu = Ages(base.store), time.perf_counter(), time.process_time()
        with run_intake(base, broker=(sys.argv[3], int(sys.argv[4])), clock_ns=time.time_ns) as intake:
            while not over.is_set() and _done(intake.status()) < count:
                _look_after(base, intake, over, count, memory_mib)
            cpu_s, seconds = time.process_time() - began_cpu, time.perf_counter() - began
        status = intake.status()
    told = {
        "messages": status.messages,
        "readings": status.readings,
        "refused": _refused(status),
        "duplicates": status.duplicates,
        "commits": status.commits,
        "reconnects": status.source.reconnects,
        "cpu_s": cpu_s,
        "seconds": seconds,
        "rss_mib": memory_mib,
        "p50_ms": ages.percentile_ms(50),
        "p99_ms": ages.percentile_ms(99),
    }
    print(json.dumps(told), flush=True)


def _look_after(base: Foundations, intake: Intake, over: threading.Event, count: int, memory_mib: list[float]) -> None:
    """Spend a second: look often whether it is over, then bring the rollups up to date and note the memory."""
    until = time.monotonic() + UPKEEP_EVERY_S
    while time.monotonic() < until and not over.wait(LOOK_EVERY_S) and _done(intake.status()) < count:
        pass
    if _done(intake.status()) < count:
        base.store.roll_up(time.time_ns())
    memory_mib.append(psutil.Process().memory_info().rss / 2**20)


def _done(status: IntakeStatus) -> int:
    return status.messages + _refused(status)


def _refused(status: IntakeStatus) -> int:
    return sum(count for _, count in status.rejected)


if __name__ == "__main__":
    main()
