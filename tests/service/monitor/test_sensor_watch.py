"""What misleads is found on stored readings, kept, written on them, and over when it is over."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from configs.plant import MachineId
from ingest.quality.steady import BLOCK_NS
from ingest.reading import QualityFlag
from ingest.stores.duckdb_store import DuckDBStore
from service.actor import SYSTEM
from service.monitor.sensor_watch import SensorPorts, SensorWatch
from service.state import sensor_doubts
from service.state.database import StateDatabase
from tests.fakes.plants import a_plant, a_type
from tests.fakes.readings import NOON_NS, a_batch, an_intake_batch
from tests.fakes.running import SENSORS, a_runner, running

BLOCKS = 320
MINUTES = 10
RUNNER = a_runner()
NAMES = [sensor.id for sensor in SENSORS]
SWAP = {("cold", QualityFlag.SUSPECT_SWAP), ("hot", QualityFlag.SUSPECT_SWAP)}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(tmp_path / "telemetry.duckdb")
    yield opened
    opened.close()


def report(store: DuckDBStore, first: int, last: int, *, swapped: bool) -> None:
    """Store minutes of the blocks from `first` to `last` as if they had been sent live."""
    blocks, rng = running(BLOCKS + 40), np.random.default_rng(first)
    rows = []
    for block in range(first, last):
        mean = blocks.mean[block][[1, 0, 2, 3]] if swapped else blocks.mean[block]
        for minute in range(MINUTES):
            values = mean + 0.01 * rng.standard_normal(len(NAMES))
            at = NOON_NS + block * BLOCK_NS + minute * BLOCK_NS // MINUTES
            rows.append(("pump1", at, dict(zip(NAMES, values.tolist(), strict=True))))
    store.commit(an_intake_batch(a_batch(*rows)))
    store.roll_up(NOON_NS + BLOCKS * BLOCK_NS)


def a_watch(store: DuckDBStore, database: StateDatabase) -> SensorWatch:
    plant = a_plant(RUNNER, kinds=(a_type(sensors=SENSORS, slots=RUNNER.slots),))
    return SensorWatch(SensorPorts(plant=plant, telemetry=store, quality=store, database=database))


def standing(database: StateDatabase) -> set[tuple[str, QualityFlag]]:
    with database.reading() as session:
        found = sensor_doubts.standing(session, SYSTEM).get(MachineId("pump1"), [])
    return {(doubt.sensor, doubt.flag) for doubt in found}


def test_exchanged_cables_are_found_written_and_over_when_they_are_put_right(
    store: DuckDBStore, sqlite_database: StateDatabase
) -> None:
    watch = a_watch(store, sqlite_database)
    assert watch.look_at_next() is None
    report(store, 0, BLOCKS, swapped=False)
    assert (watch.look_at_next(), standing(sqlite_database)) == ("pump1", set())
    assert watch.look_at_next() is None
    report(store, BLOCKS, BLOCKS + 13, swapped=True)
    assert (watch.look_at_next(), standing(sqlite_database)) == ("pump1", SWAP)
    flagged = store.read_series(MachineId("pump1"), NOON_NS, NOON_NS + 10**18)
    assert set(flagged.quality[-20:, 0].tolist()) == {int(QualityFlag.SUSPECT_SWAP)}
    assert set(flagged.quality[: 300 * MINUTES, 0].tolist()) == {0}
    report(store, BLOCKS + 13, BLOCKS + 26, swapped=True)
    assert (watch.look_at_next(), standing(sqlite_database)) == ("pump1", SWAP)
    report(store, BLOCKS + 26, BLOCKS + 39, swapped=False)
    assert (watch.look_at_next(), standing(sqlite_database)) == ("pump1", set())
