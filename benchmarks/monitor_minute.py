"""What one minute costs the monitor, with the stores it really has: `python -m benchmarks.monitor_minute MACHINES FOLDER`."""

import json
import resource
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from configs.catalogue.load import load_catalogue
from configs.instant import ns_of
from configs.plant import Plant
from configs.plant_file import parse_plant
from configs.settings import MonitorSettings
from ingest.ports import IntakeBatch
from ingest.reading import ReadingBatch
from ingest.stores.duckdb_store import DuckDBStore
from models.health import HealthStatus
from service.actor import SYSTEM
from service.monitor import learning
from service.monitor.monitor import Monitor
from service.monitor.ports import MonitorPorts
from service.state import health
from service.state.database import StateDatabase, sqlite_url

KIND = "centrifugal_pump"
BEGAN = datetime(2026, 11, 24, 6, tzinfo=UTC)
LEARNT_MINUTES = 40
READINGS_A_MINUTE = 4
WARM, JUDGED = 2, 3
SEED = 20261125


class Minutes:
    """A fleet that reports minute after minute, and the monitor that follows."""

    def __init__(self, machines: int, folder: Path) -> None:
        self._plant = _plant(machines)
        self._kind = next(kind for kind in self._plant.equipment_types if kind.id == KIND)
        self._store = DuckDBStore(folder / "telemetry.duckdb")
        self._database = StateDatabase(sqlite_url(folder / "state.sqlite"))
        self._database.migrate()
        self._rng = np.random.default_rng(SEED)
        self._minute = 0
        self.monitor = Monitor(
            MonitorPorts(
                plant=self._plant,
                telemetry=self._store,
                condition=self._store,
                meters=self._store,
                database=self._database,
                artefacts=folder / "artefacts",
                keys=folder / "keys",
                settings=MonitorSettings(),
                clock=lambda: BEGAN + timedelta(seconds=60 * self._minute + 2),
                announce=lambda _: None,
            )
        )
        self.monitor.prepare()

    def report(self) -> None:
        """Let every machine report one more minute, durable."""
        at = BEGAN + timedelta(minutes=self._minute)
        for second in np.linspace(0.0, 45.0, READINGS_A_MINUTE).tolist():
            batch = self._readings(ns_of(at + timedelta(seconds=second)))
            self._store.commit(IntakeBatch(readings=(batch,), rejections=(), ledgers=(), meters=(), fingerprints=()))
        self._minute += 1

    def healths(self) -> tuple[HealthStatus, ...]:
        """Return how each machine's health stands."""
        with self._database.reading() as session:
            return tuple(each.status for each in health.latest(session, SYSTEM))

    def _readings(self, at_ns: int) -> ReadingBatch:
        machines = np.array([machine.id for machine in self._plant.machines], dtype=object)
        size, sensors = machines.size, self._kind.sensors
        times = np.full(size, at_ns, dtype=np.int64)
        return ReadingBatch(
            equipment_type=self._kind.id,
            sensors=tuple(sensor.id for sensor in sensors),
            machines=machines,
            event_times_ns=times,
            received_times_ns=times,
            boots=np.full(size, "b1", dtype=object),
            seqs=np.full(size, self._minute, dtype=np.int64),
            rows=np.zeros(size, np.int32),
            states=np.full(size, "executing", dtype=object),
            jobs=np.full(size, None, dtype=object),
            values=self._values(size),
            quality=np.zeros((size, len(sensors)), np.uint16),
        )

    def _values(self, size: int) -> NDArray[np.float64]:
        low, high = (np.array([getattr(s, name) for s in self._kind.sensors]) for name in ("normal_low", "normal_high"))
        return (low + high) / 2.0 + 0.05 * (high - low) * self._rng.standard_normal((size, low.size))


def _plant(machines: int) -> Plant:
    """Return a plant of pumps that learn what is usual within the first minutes."""
    lines = [
        '[[site]]\nid = "bench"\nname = "Bench"\ntime_zone = "Asia/Seoul"\n',
        '[[line]]\nid = "pumps"\nname = "Pumps"\nsite = "bench"\n',
        *(
            f'[[machine]]\nid = "p{i:05d}"\nname = "p{i:05d}"\nline = "pumps"\ntype = "{KIND}"\n'
            for i in range(machines)
        ),
    ]
    plant = parse_plant("\n".join(lines), load_catalogue(), "benchmark")
    kinds = tuple(replace(kind, learning_span_s=kind.window_s * LEARNT_MINUTES) for kind in plant.equipment_types)
    return replace(plant, equipment_types=kinds)


def measure(machines: int, folder: Path) -> dict[str, float]:
    """Return the CPU seconds of a minute's round, mean and worst, and the process's largest memory in MiB."""
    learning.LEARNT_AT_ONCE = machines
    minutes = Minutes(machines, folder)
    for _ in range(LEARNT_MINUTES + 1):
        minutes.report()
    minutes.monitor.poll()
    spent = []
    for _ in range(WARM + JUDGED):
        minutes.report()
        began = time.process_time()
        minutes.monitor.poll()
        spent.append(time.process_time() - began)
    status = minutes.monitor.status()
    if status.trouble:
        raise RuntimeError(status.trouble)
    learnt = sum(1 for each in minutes.healths() if each is HealthStatus.OK)
    if learnt != machines:
        raise RuntimeError(f"only {learnt} of {machines} machines are judged")
    return {
        "seconds": float(np.mean(spent[WARM:])),
        "worst": float(np.max(spent[WARM:])),
        "windows": float(status.windows),
        "mebibytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0,
    }


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]), Path(sys.argv[2]))))
