"""A small factory under the monitor's eyes: a store in memory, a state database, and a clock that is set by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from configs.instant import ns_of, utc_of_ns
from configs.plant import Plant
from configs.settings import MonitorSettings
from ingest.ports import IntakeBatch
from ingest.reading import ReadingBatch
from ingest.rollup import WindowBlock
from service.actions.conclusions import RecordedChanges
from service.actor import SYSTEM
from service.monitor.monitor import Monitor
from service.monitor.ports import MonitorPorts
from service.state import cases
from service.state.database import StateDatabase
from tests.fakes.plants import a_plant, a_sensor
from tests.fakes.readings import NOON_NS
from tests.fakes.state_databases import migrated_sqlite, sqlite_database
from tests.fakes.store import MemoryStore
from tests.fakes.windows import MINUTE_NS, a_judged_machine, a_judged_type, a_limit, windows

__all__ = ["migrated_sqlite", "sqlite_database"]


@dataclass
class Factory:
    """What the monitor works with, and what it has said."""

    plant: Plant
    store: MemoryStore
    database: StateDatabase
    folder: Path
    now: datetime
    told: list[RecordedChanges] = field(default_factory=list)

    def monitor(self, **settings: float) -> Monitor:
        """Return a monitor as it would start now; `poll` it by hand."""
        monitor = Monitor(self.ports(**settings))
        monitor.prepare()
        return monitor

    def ports(self, **settings: float) -> MonitorPorts:
        """Return what a monitor works with."""
        return MonitorPorts(
            plant=self.plant,
            telemetry=self.store,
            condition=self.store,
            meters=self.store,
            database=self.database,
            artefacts=self.folder / "artefacts",
            keys=self.folder / "keys",
            settings=MonitorSettings(**settings),
            clock=lambda: self.now,
            announce=self.told.append,
        )

    def report(self, block: WindowBlock, *, state: str = "executing") -> None:
        """Let a machine report the means of windows, one reading at the start of each, and set the clock behind them."""
        size = block.starts_ns.size
        self.store.commit(
            IntakeBatch(readings=(_batch(block, state),), rejections=(), ledgers=(), meters=(), fingerprints=())
        )
        assert size > 0
        self.now = max(self.now, utc_of_ns(int(block.starts_ns[-1])) + timedelta(seconds=1))

    def cases(self) -> list:
        """Return all cases."""
        with self.database.reading() as session:
            return list(cases.list_cases(session, SYSTEM))

    def pass_by(self, span: timedelta) -> None:
        """Let time pass in which nothing is reported."""
        self.now += span

    @property
    def now_ns(self) -> int:
        """The clock, in nanoseconds."""
        return ns_of(self.now)


def _batch(block: WindowBlock, state: str) -> ReadingBatch:
    size = block.starts_ns.size
    times = block.starts_ns.copy()
    return ReadingBatch(
        equipment_type=block.equipment_type,
        sensors=block.sensors,
        machines=block.machines,
        event_times_ns=times,
        received_times_ns=times,
        boots=np.array(["b1"] * size, dtype=object),
        seqs=np.arange(size, dtype=np.int64),
        rows=np.zeros(size, np.int32),
        states=np.array([state] * size, dtype=object),
        jobs=np.array([None] * size, dtype=object),
        values=block.mean,
        quality=np.zeros(block.mean.shape, np.uint16),
    )


@pytest.fixture
def make_factory(sqlite_database: StateDatabase, tmp_path: Path) -> Callable[..., Factory]:
    """Return a builder of factories of pumps with those names."""

    def make(*names: str) -> Factory:
        kind = a_judged_type()
        limited = (a_sensor("vib", limits=(a_limit(value=4.0, on_delay_s=0.0),)), *kind.sensors[1:])
        machines = tuple(a_judged_machine(kind, name, sensors=limited) for name in names or ("pump1",))
        return Factory(
            plant=a_plant(*machines, kinds=(kind,)),
            store=MemoryStore(),
            database=sqlite_database,
            folder=tmp_path,
            now=utc_of_ns(NOON_NS),
        )

    return make


@pytest.fixture
def factory(make_factory: Callable[..., Factory]) -> Iterator[Factory]:
    """Return a factory of one pump, `pump1`."""
    return make_factory()


__all__ += ["MINUTE_NS", "Factory", "windows"]
