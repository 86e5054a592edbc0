"""What the embedded store promises beyond the contract: one process, one line in trouble, and nothing lost by a kill."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest

from configs.plant import EquipmentTypeId, LifeUnit, MachineId
from ingest.errors import StoreBrokenError, StoreDamagedError, StoreLockedError, StoreUnavailableError
from ingest.meter import MeterState
from ingest.reading import QualityFlag, RejectionReason
from ingest.stores.duckdb_file import DuckDBFile, _translated
from ingest.stores.duckdb_store import NS_PER_DAY, SNAPSHOT_EVERY_COMMITS, DuckDBOptions, DuckDBStore
from tests.fakes.readings import (
    MINUTE_NS,
    NOON_NS,
    SECOND_NS,
    TOPIC,
    a_batch,
    a_ledger,
    a_rejection,
    an_intake_batch,
)

ROOT = Path(__file__).parents[3]
PUMP, ONE = EquipmentTypeId("pump"), MachineId("pump1")
OPEN = "import sys; from pathlib import Path; from ingest.stores.duckdb_store import DuckDBStore; DuckDBStore(Path(sys.argv[1]))"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "telemetry.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(path)
    yield opened
    opened.close()
    opened.close()


def one(at_s: float = 0, **values: float):
    return an_intake_batch(a_batch(("pump1", NOON_NS + int(at_s * SECOND_NS), values or {"vib": 1.0})))


def test_a_second_process_is_refused_in_one_line(store: DuckDBStore, path: Path) -> None:
    second = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert second.returncode != 0
    line = second.stderr.strip().splitlines()[-1]
    assert "StoreLockedError" in line
    assert f"{path} is in use by process" in line
    store.commit(one())


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnavailableError, match="cannot be made"):
        DuckDBStore(tmp_path / "file" / "telemetry.duckdb")


def test_a_file_that_is_no_store_is_said_in_one_line(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreDamagedError, match="cut short or altered") as raised:
        DuckDBStore(path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (
            duckdb.IOException("Could not set lock on file: Conflicting lock is held in python (PID 7)"),
            StoreLockedError,
        ),
        (duckdb.IOException("Could not set lock on file"), StoreLockedError),
        (duckdb.FatalException("fsync failed"), StoreBrokenError),
        (duckdb.IOException("database has been invalidated because of a previous fatal error"), StoreBrokenError),
        (duckdb.IOException("No space left on device"), StoreUnavailableError),
    ],
)
def test_errors_mean_something_to_a_person(error: duckdb.Error, kind: type[Exception]) -> None:
    assert type(_translated(Path("x.duckdb"), error)) is kind


def test_a_failed_commit_keeps_nothing_and_the_next_one_works(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(one())
    batch = replace(one(1), rejections=(a_rejection(),), ledgers=(a_ledger(),))
    with monkeypatch.context() as patch:
        patch.setattr("ingest.stores.duckdb_store.changes_of", lambda _batch: object())
        with pytest.raises(StoreUnavailableError):
            store.commit(batch)
    assert (store.progress()[0].changes, list(store.dead_letters(9)), store.load().ledgers) == (1, [], ())
    store.commit(batch)
    assert (store.progress()[0].changes, len(store.dead_letters(9)), len(store.load().ledgers)) == (2, 1, 1)


def test_a_full_disk_is_said_and_got_over_without_a_restart(small_disk: Path) -> None:
    store = DuckDBStore(small_disk / "telemetry.duckdb")
    committed, full = 0, None
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 3_000_000)
    generator = np.random.default_rng(1)
    while full is None and committed < 3_000:
        rows = [
            ("pump1", NOON_NS + (1000 * committed + i) * SECOND_NS, {"vib": v})
            for i, v in enumerate(generator.random(1000))
        ]
        try:
            store.commit(an_intake_batch(a_batch(*rows)))
            committed += 1
        except StoreUnavailableError as error:
            full = error
    assert full is not None
    assert not isinstance(full, StoreBrokenError)
    assert "look at the disk's space" in str(full)
    ballast.unlink()
    store.commit(one(1000 * committed))
    assert store.progress()[0].changes == 1000 * committed + 1
    found = store.read_series(ONE, 0, 2 * NOON_NS).event_times_ns.size
    assert found == 1000 * committed + 1
    store.close()


@pytest.mark.parametrize("point", ["before commit", "in commit", "after commit", "half acknowledged"])
def test_a_kill_loses_nothing_acknowledged_and_keeps_no_half(path: Path, point: str) -> None:
    """Four commits of ten messages; the fourth meets its end."""
    script = Path(__file__).with_name("crash_process.py")
    killed = subprocess.run(
        [sys.executable, str(script), str(path), point, "4"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert killed.returncode == -9, killed.stderr
    acknowledged = killed.stdout.splitlines()
    assert len(acknowledged) == (35 if point == "half acknowledged" else 30)
    store = DuckDBStore(path)
    stored = 40 if point in {"after commit", "half acknowledged"} else 30
    letters = [letter.payload for letter in store.dead_letters(99)]
    assert (store.progress()[0].changes, len(letters)) == (stored * 9 // 10, stored // 10)
    assert store.load().ledgers[0].highest == stored - 1
    times = set(store.read_series(ONE, 0, 2 * NOON_NS).event_times_ns.tolist())
    for payload in acknowledged:
        assert payload in letters or json.loads(payload)["ts"] * 1_000_000 in times
    store.close()


def reopened(store: DuckDBStore, path: Path, options: DuckDBOptions | None = None) -> DuckDBStore:
    """Open the store again as after a kill: without the snapshot of a clean stop."""
    store._file.close()
    return DuckDBStore(path, options)


def test_the_standing_is_rebuilt_from_a_snapshot_and_the_commits_since(path: Path) -> None:
    store = DuckDBStore(path)
    hours = MeterState(machine=ONE, unit=LifeUnit.OPERATING_HOURS, value=1.0, at_ns=NOON_NS)
    store.commit(replace(one(0), ledgers=(a_ledger(),), meters=(hours,)))
    store.commit(one(61))
    assert store.roll_up(NOON_NS) == 1
    store.commit(replace(one(122, temp=5.0), meters=(hours,), fingerprints=(("s", 1, b"x"),)))
    before = (store.load(), store.progress(), store.last_values(), store.gaps())
    again = reopened(store, path)
    assert (again.load(), again.progress(), again.last_values(), again.gaps()) == before
    assert again.meters()[0].value == 2.0
    assert again.roll_up(NOON_NS) == 1
    assert reopened(again, path).roll_up(NOON_NS) == 0


def test_a_snapshot_lets_go_of_the_commits_behind_it(path: Path) -> None:
    store = DuckDBStore(path)
    for at in range(3):
        store.commit(one(at))
    assert store._file.rows("select count(*) from commits") == [(3,)]
    store.roll_up(NOON_NS)
    assert store._file.rows("select count(*) from commits") == [(0,)]
    store.commit(one(3))
    store.roll_up(NOON_NS + SECOND_NS)
    assert store._file.rows("select count(*) from commits") == [(1,)]
    store._last_number += SNAPSHOT_EVERY_COMMITS
    store.roll_up(NOON_NS + SECOND_NS)
    assert store._file.rows("select count(*) from commits") == [(0,)]
    assert reopened(store, path).progress()[0].changes == 4


def test_minutes_that_could_not_be_rolled_up_are_done_next_time(
    store: DuckDBStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.commit(an_intake_batch(a_batch(*(("pump1", NOON_NS + i * MINUTE_NS, {"vib": 1.0}) for i in range(3)))))
    with monkeypatch.context() as patch:
        patch.setattr("ingest.stores.duckdb_rollups.windows", lambda *_: "select * from nowhere")
        with pytest.raises(StoreUnavailableError):
            store.roll_up(NOON_NS)
    span = {"start_ns": NOON_NS, "end_ns": NOON_NS + NS_PER_DAY}
    assert store.read_windows(PUMP, [ONE], width_s=60, **span).starts_ns.size == 0
    assert store.roll_up(NOON_NS) == 2
    assert store.read_windows(PUMP, [ONE], width_s=60, **span).starts_ns.size == 2


def test_raw_readings_are_retired_and_their_rollups_stay(path: Path) -> None:
    store = DuckDBStore(path, DuckDBOptions(raw_days=1.0))
    store.commit(one(0))
    store.commit(an_intake_batch(a_batch(("pump2", NOON_NS, {"vib": 1.0}))))
    store.roll_up(NOON_NS)
    store.roll_up(NOON_NS + 2 * NS_PER_DAY)
    assert store.read_series(ONE, 0, 2 * NOON_NS).event_times_ns.size == 0
    assert store._file.rows("select machine, vib from min_pump order by machine") == [("pump1", 1.0), ("pump2", 1.0)]
    store.close()


def test_a_device_over_its_quota_is_counted_and_others_are_kept(path: Path) -> None:
    options = DuckDBOptions(dead_letters_per_device=3)
    store = DuckDBStore(path, options)
    for round_ in range(2):
        store.commit(
            an_intake_batch(rejections=tuple(a_rejection(b"%d" % i) for i in range(5 * round_, 5 * round_ + 5)))
        )
    store.commit(an_intake_batch(rejections=(a_rejection(b"x", topic=TOPIC.replace("pump1", "pump2")),)))
    strangers = [
        a_rejection(b"y", topic=f"yeji/v1/a/b/made-up-{i}/telemetry", reason=RejectionReason.UNKNOWN_MACHINE)
        for i in range(50)
    ]
    store.commit(an_intake_batch(rejections=tuple(strangers)))
    letters = store.dead_letters(99)
    assert sorted((letter.count, letter.payload) for letter in letters if letter.topic == TOPIC) == [
        (1, b"0"),
        (1, b"1"),
        (1, b"2"),
        (7, b""),
    ]
    assert sum(letter.count for letter in letters if letter.reason == "unknown_machine") == 50
    assert len(letters) == 4 + 1 + 4
    again = reopened(store, path, options)
    again.commit(an_intake_batch(rejections=(a_rejection(b"99"),)))
    assert max(letter.count for letter in again.dead_letters(99) if letter.topic == TOPIC) == 8
    again.close()


def test_a_very_long_payload_is_kept_in_part(store: DuckDBStore) -> None:
    store.commit(an_intake_batch(rejections=(a_rejection(b"x" * 100_000),)))
    assert len(store.dead_letters(1)[0].payload) == 65_536


def test_reading_and_rolling_up_go_on_while_readings_are_committed(store: DuckDBStore) -> None:
    """The monitor and the pages have threads of their own."""
    store.commit(one(0))
    over, failures = threading.Event(), []

    def look() -> None:
        try:
            while not over.is_set():
                store.roll_up(NOON_NS)
                store.read_windows(PUMP, [ONE], start_ns=NOON_NS, end_ns=NOON_NS + NS_PER_DAY, width_s=60)
                store.read_series(ONE, NOON_NS, NOON_NS + NS_PER_DAY)
                store.set_meter(ONE, LifeUnit.SHOTS, 1.0, NOON_NS)
        except Exception as error:  # noqa: BLE001
            failures.append(error)

    looking = threading.Thread(target=look)
    looking.start()
    for at in range(1, 100):
        values = {"vib": float(at)} | ({f"extra{at}": 1.0} if at % 20 == 0 else {})
        store.commit(one(at * 10, **values))
    over.set()
    looking.join()
    assert failures == []
    store.roll_up(NOON_NS)
    block = store.read_windows(PUMP, [ONE], start_ns=NOON_NS, end_ns=NOON_NS + NS_PER_DAY, width_s=60)
    assert block.count[:, block.sensors.index("vib")].tolist() == [6.0] * 16
    assert store.progress()[0].changes == 100


def test_a_conflict_in_the_file_is_seen_by_sql_too(store: DuckDBStore) -> None:
    store.commit(one(0, vib=1.0))
    store.commit(one(0, vib=2.0))
    store.commit(one(61, vib=2.0))
    store.roll_up(NOON_NS)
    block = store.read_windows(PUMP, [ONE], start_ns=NOON_NS, end_ns=NOON_NS + MINUTE_NS, width_s=30)
    assert (block.count.tolist(), block.good_share.tolist()) == ([[0.0]], [[0.0]])
    assert store.read_series(ONE, NOON_NS, NOON_NS + 1).quality.tolist() == [[QualityFlag.CONFLICT]]


def test_a_query_that_fails_is_translated(path: Path) -> None:
    file = DuckDBFile(path, 1, 64)
    with pytest.raises(StoreUnavailableError):
        file.fetch("select * from nowhere")
    with pytest.raises(StoreUnavailableError):
        file.rows("select * from nowhere")
    with pytest.raises(RuntimeError), file.transaction():
        raise RuntimeError
    assert file.rows("select 1") == [(1,)]
    file.close()
