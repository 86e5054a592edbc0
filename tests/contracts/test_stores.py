"""What every store promises, run against each adapter and the fake."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from configs.plant import EquipmentTypeId, LifeUnit, MachineId, SensorId
from ingest.meter import MeterState
from ingest.operation import OperatingState
from ingest.ports import ConditionBlock, IntakeState, LastValue, MachineProgress, SettledAs, Settlement
from ingest.reading import Flags, QualityFlag, ReadingBatch, RejectionReason
from ingest.rollup import WindowBlock
from ingest.sequence_ledger import observe, open_ledger
from ingest.spool.spooled_store import SpooledStore
from ingest.stores.duckdb_store import DuckDBStore
from tests.fakes.history_files import a_parquet_of
from tests.fakes.readings import MINUTE_NS, NOON_NS, SECOND_NS, a_batch, a_rejection, an_intake_batch
from tests.fakes.remote_stores import a_spooled_store, fresh_buckets
from tests.fakes.store import MemoryStore

PUMP = EquipmentTypeId("pump")
ONE, TWO = MachineId("pump1"), MachineId("pump2")
Store = DuckDBStore | MemoryStore | SpooledStore
Reopen = Callable[[], Store]


@pytest.fixture(params=["duckdb", "memory", pytest.param("influxdb", marks=pytest.mark.influxdb)])
def reopen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reopen]:
    """Return what closes the store, if it is open, and opens it again on the same data."""
    memory, opened = MemoryStore(), []
    if request.param == "influxdb":
        server = request.getfixturevalue("influx")
        buckets = fresh_buckets(server)

    def open_again() -> Store:
        if request.param == "memory":
            return memory
        while opened:
            opened.pop().close()
        if request.param == "duckdb":
            opened.append(DuckDBStore(tmp_path / "telemetry.duckdb"))
        else:
            opened.append(a_spooled_store(server, buckets, tmp_path / "spool.sqlite"))
        return opened[-1]

    yield open_again
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Reopen) -> Store:
    return reopen()


def ramp(machine: str = "pump1", seconds: int = 130, start_s: int = 0, **more: float) -> list[tuple[str, int, dict]]:
    return [(machine, NOON_NS + (start_s + i) * SECOND_NS, {"vib": float(start_s + i)} | more) for i in range(seconds)]


def windows(store: Store, width_s: float = 60, machines: tuple[MachineId, ...] = (ONE, TWO)) -> WindowBlock:
    store.roll_up(NOON_NS)
    return store.read_windows(PUMP, machines, start_ns=NOON_NS, end_ns=NOON_NS + 3600 * SECOND_NS, width_s=width_s)


def test_an_empty_store_holds_nothing(store: Store) -> None:
    assert store.load() == IntakeState(ledgers=(), meters=())
    assert (list(store.progress()), list(store.last_values()), list(store.gaps())) == ([], [], [])
    assert list(store.dead_letters(10)) == []
    assert store.read_series(ONE, 0, NOON_NS).event_times_ns.size == 0
    assert windows(store).starts_ns.size == 0
    assert store.read_condition(ONE, 0, NOON_NS).hours_ns.size == 0


def test_readings_come_back_as_they_were_committed(store: Store) -> None:
    store.commit(an_intake_batch(a_batch(*ramp(seconds=3, temp=20.0), *ramp("pump2", seconds=1))))
    series = store.read_series(ONE, NOON_NS, NOON_NS + 2 * SECOND_NS)
    assert series.sensors == (SensorId("vib"), SensorId("temp"))
    assert series.event_times_ns.tolist() == [NOON_NS, NOON_NS + SECOND_NS]
    assert series.values.tolist() == [[0.0, 20.0], [1.0, 20.0]]
    assert series.states.tolist() == ["executing"] * 2
    assert series.quality.tolist() == [[0, 0], [0, 0]]


def test_progress_and_last_values_follow_event_time_not_arrival(store: Store) -> None:
    store.commit(an_intake_batch(a_batch(*ramp(seconds=3))))
    late = a_batch((ONE, NOON_NS - SECOND_NS, {"vib": 9.0}), state="idle")
    store.commit(an_intake_batch(replace(late, received_times_ns=np.array([NOON_NS + 60 * SECOND_NS]))))
    newest = NOON_NS + 2 * SECOND_NS
    assert list(store.progress()) == [
        MachineProgress(
            machine=ONE,
            first_event_time_ns=NOON_NS - SECOND_NS,
            newest_event_time_ns=newest,
            newest_received_time_ns=NOON_NS + 60 * SECOND_NS,
            state=OperatingState.EXECUTING,
            changes=4,
        )
    ]
    assert list(store.last_values()) == [
        LastValue(
            machine=ONE, sensor=SensorId("vib"), event_time_ns=newest, received_time_ns=newest, value=2.0, quality=0
        )
    ]


def test_a_sensor_may_appear_later_and_names_may_differ_in_case_only(store: Store) -> None:
    store.commit(an_intake_batch(a_batch(*ramp(seconds=1))))
    odd = {"Vib": 1.0, "machine": 2.0, "vib__q": 3.0, 'vib"': 4.0}
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + SECOND_NS, odd))))
    series = store.read_series(ONE, NOON_NS, NOON_NS + MINUTE_NS)
    found = {sensor: series.values[:, at].tolist() for at, sensor in enumerate(series.sensors)}
    expected = {"vib": [0.0, np.nan]} | {name: [np.nan, value] for name, value in odd.items()}
    np.testing.assert_equal(found, expected)


def test_equipment_types_that_differ_in_case_only_stay_apart(store: Store) -> None:
    other = a_batch(("PUMP9", NOON_NS, {"vib": 5.0}), equipment_type=EquipmentTypeId("Pump"))
    store.commit(an_intake_batch(a_batch(*ramp(seconds=1)), other))
    assert store.read_series(MachineId("PUMP9"), 0, 2 * NOON_NS).values.tolist() == [[5.0]]
    assert store.read_series(ONE, 0, 2 * NOON_NS).values.tolist() == [[0.0]]


def test_a_state_without_values_moves_the_machine_on(reopen: Reopen) -> None:
    store = reopen()
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS, {}), state="executing")))
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + SECOND_NS, {"vib": 1.0}))))
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + MINUTE_NS, {}), state="off")))
    for opened in (lambda: store, reopen):
        again = opened()
        (progress,) = again.progress()
        assert (progress.state, progress.newest_event_time_ns) == (OperatingState.OFF, NOON_NS + MINUTE_NS)
        assert again.read_series(ONE, NOON_NS, NOON_NS + MINUTE_NS + 1).states.tolist() == ["executing"] * 2 + ["off"]
        assert windows(again).count.tolist() == [[1.0]]


def test_rows_of_one_instant_are_merged(store: Store) -> None:
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS, {"vib": 1.0}))))
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS, {"temp": 20.0}))))
    series = store.read_series(ONE, 0, 2 * NOON_NS)
    assert (series.values.tolist(), series.quality.tolist()) == ([[1.0, 20.0]], [[0, 0]])


@pytest.mark.parametrize("values", [(2.0, 1.0), (1.0, 2.0)])
def test_two_values_of_one_instant_are_a_conflict_whichever_came_first(store: Store, values: tuple[float, ...]) -> None:
    for seq, value in enumerate(values):
        store.commit(an_intake_batch(a_batch((ONE, NOON_NS, {"vib": value}), seqs=np.array([seq]))))
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + MINUTE_NS, {"temp": 1.0}))))
    series = store.read_series(ONE, NOON_NS, NOON_NS + 1)
    assert (series.values[0, 0], series.quality[0, 0]) == (1.0, QualityFlag.CONFLICT)
    assert next((last.value, last.quality) for last in store.last_values()) == (1.0, QualityFlag.CONFLICT)
    assert windows(store).count[0].tolist() == [0.0, 0.0]


def test_a_repeated_value_of_one_instant_is_a_duplicate_that_counts_once(store: Store) -> None:
    for seq in range(2):
        store.commit(an_intake_batch(a_batch((ONE, NOON_NS, {"vib": 3.0}), seqs=np.array([seq]))))
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + MINUTE_NS, {"vib": 1.0}))))
    assert store.read_series(ONE, NOON_NS, NOON_NS + 1).quality.tolist() == [[QualityFlag.DUPLICATE]]
    assert windows(store).count.tolist() == [[1.0]]


def test_windows_hold_the_aggregates_of_closed_minutes(store: Store) -> None:
    store.commit(an_intake_batch(a_batch(*ramp(), *ramp("pump2", seconds=60))))
    block = windows(store)
    assert block.machines.tolist() == [ONE, ONE]
    assert block.starts_ns.tolist() == [NOON_NS, NOON_NS + MINUTE_NS]
    assert block.states.tolist() == ["executing", "executing"]
    figures = (block.count, block.mean, block.minimum, block.maximum, block.last, block.good_share)
    assert [figure.ravel().tolist() for figure in figures] == [
        [60, 60],
        [29.5, 89.5],
        [0, 60],
        [59, 119],
        [59, 119],
        [1, 1],
    ]
    assert block.std.ravel() == pytest.approx([np.arange(60).std()] * 2)


@pytest.mark.parametrize("width_s", [120, 30, 7])
def test_windows_of_any_width_agree_with_their_readings(store: Store, width_s: float) -> None:
    store.commit(an_intake_batch(a_batch(*ramp(seconds=601))))
    block = windows(store, width_s)
    first = block.starts_ns[0]
    begin = (first - NOON_NS) // SECOND_NS
    assert first % (width_s * SECOND_NS) == 0
    assert block.mean[0, 0] == pytest.approx(begin + (width_s - 1) / 2)
    assert block.std[0, 0] == pytest.approx(np.arange(width_s).std())
    assert (block.starts_ns[-1] - NOON_NS) // SECOND_NS + width_s <= 601


def test_what_cannot_be_trusted_is_not_aggregated_but_counted(store: Store) -> None:
    batch = a_batch(*ramp(seconds=61))
    batch.quality[10:20] = QualityFlag.STUCK
    batch.quality[20:30] = QualityFlag.LATE
    store.commit(an_intake_batch(batch))
    block = windows(store)
    assert block.count.tolist() == [[50.0]]
    assert block.good_share[0, 0] == pytest.approx(50 / 60)
    assert block.mean[0, 0] == pytest.approx((sum(range(60)) - sum(range(10, 20))) / 50)


def test_a_window_without_a_good_value_says_so(store: Store) -> None:
    batch = a_batch(
        (ONE, NOON_NS, {"vib": 1.0}), (ONE, NOON_NS + 1, {"temp": 2.0}), (ONE, NOON_NS + 2 * MINUTE_NS, {"vib": 1.0})
    )
    batch.quality[:2] = QualityFlag.OUT_OF_RANGE
    store.commit(an_intake_batch(batch))
    for block in (windows(store), windows(store, 120)):
        assert block.count.tolist() == [[0.0, 0.0]]
        for figure in (block.mean, block.minimum, block.maximum, block.std, block.last):
            assert np.isnan(figure).all()
        assert block.good_share.tolist() == [[0.0, 0.0]]


def test_the_state_of_a_window_is_the_one_held_longest(store: Store) -> None:
    batch = a_batch(*ramp(seconds=121))
    states = np.array(["executing"] * 20 + ["idle"] * 40 + ["off"] * 30 + ["idle"] * 31, dtype=object)
    store.commit(an_intake_batch(replace(batch, states=states)))
    assert windows(store).states.tolist() == ["idle", "idle"]
    assert windows(store, 120).states.tolist() == ["idle"]


def test_late_readings_are_rolled_up_again(store: Store) -> None:
    store.commit(an_intake_batch(a_batch(*ramp(seconds=61))))
    assert windows(store).count.tolist() == [[60.0]]
    store.commit(an_intake_batch(a_batch((ONE, NOON_NS + SECOND_NS // 2, {"vib": 1000.0}))))
    block = windows(store)
    assert (block.count.tolist(), block.maximum.tolist()) == ([[61.0]], [[1000.0]])


def test_stored_readings_take_other_flags_and_the_rollups_follow(reopen: Reopen) -> None:
    store = reopen()
    store.commit(an_intake_batch(a_batch(*ramp(temp=20.0)), a_batch(*ramp("pump2"))))
    assert windows(store).count[:, 0].tolist() == [60.0] * 4

    def doubt(batch: ReadingBatch) -> Flags:
        flags = batch.quality.copy()
        flags[:, 0] |= np.uint16(QualityFlag.STUCK)
        return flags

    outcome = store.reflag(ONE, NOON_NS + 30 * SECOND_NS, NOON_NS + 130 * SECOND_NS, doubt)
    minutes = [NOON_NS, NOON_NS + MINUTE_NS, NOON_NS + 2 * MINUTE_NS]
    last = ("vib", NOON_NS + 129 * SECOND_NS, int(QualityFlag.STUCK))
    assert (outcome.cells, list(outcome.minutes_ns), list(outcome.last_flags)) == (100, minutes, [last])
    for again in (lambda: store, reopen):
        opened = again()
        assert opened.read_series(ONE, NOON_NS, NOON_NS + 31 * SECOND_NS).quality[29:, 0].tolist() == [0, 1]
        assert windows(opened).count.tolist() == [[30.0, 60.0], [0.0, 60.0], [60.0, 0.0], [60.0, 0.0]]
        assert {(v.machine, v.sensor): v.quality for v in opened.last_values()}[ONE, SensorId("vib")] == 1
    assert opened.reflag(ONE, NOON_NS, NOON_NS + MINUTE_NS, lambda batch: np.zeros_like(batch.quality)).cells == 30
    assert windows(opened).count[0].tolist() == [60.0, 60.0]
    assert opened.reflag(MachineId("pump9"), NOON_NS, NOON_NS + MINUTE_NS, doubt).cells == 0


def test_ledgers_meters_and_fingerprints_are_remembered(reopen: Reopen) -> None:
    ledger = observe(open_ledger("s", "b", 1), 5, NOON_NS)
    hours = MeterState(machine=ONE, unit=LifeUnit.OPERATING_HOURS, value=1.5, at_ns=NOON_NS)
    prints = (("s", NOON_NS, b"0123"), ("t", NOON_NS, b"\xff"))
    store = reopen()
    store.commit(an_intake_batch(ledgers=(ledger,), meters=(hours,), fingerprints=prints))
    store.commit(an_intake_batch(meters=(replace(hours, at_ns=NOON_NS + 5),)))
    for opened in (lambda: store, reopen, reopen):
        again = opened()
        state = again.load()
        assert (state.ledgers, state.fingerprints) == ((ledger,), prints)
        assert list(again.meters()) == [replace(hours, value=3.0, at_ns=NOON_NS + 5)]
        assert [(gap.first, gap.last) for gap in again.gaps()] == [(2, 4)]


def test_everything_stands_where_it_stood_after_opening_again(reopen: Reopen) -> None:
    store = reopen()
    store.commit(an_intake_batch(a_batch(*ramp(temp=1.0), *ramp("pump2", seconds=5))))
    before = (store.load(), windows(store).mean.tolist())
    store.commit(an_intake_batch(a_batch(*ramp(start_s=130, seconds=60))))
    again = reopen()
    assert before[0].progress[0].changes == 130
    assert again.progress()[0].changes == 190
    assert again.last_values()[0].value == 189.0
    assert windows(again).mean.tolist() == [[29.5, 1.0], [89.5, 1.0], [149.5, 1.0]]


def test_a_meter_that_is_set_is_counted_on_from(reopen: Reopen) -> None:
    store = reopen()
    store.set_meter(ONE, LifeUnit.SHOTS, 1000.0, NOON_NS)
    store.set_meters([MeterState(machine=TWO, unit=LifeUnit.STARTS, value=7.0, at_ns=NOON_NS)])
    shots = MeterState(machine=ONE, unit=LifeUnit.SHOTS, value=3.0, at_ns=NOON_NS + 9)
    store.commit(an_intake_batch(meters=(shots,)))
    for opened in (lambda: store, reopen):
        again = opened()
        assert list(again.meters(ONE)) == [replace(shots, value=1003.0)]
        assert len(again.meters()) == 2


def test_dead_letters_are_kept_whole_and_counted(reopen: Reopen) -> None:
    store = reopen()
    poison = a_rejection(b"\xff\x00poison")
    store.commit(
        an_intake_batch(rejections=(poison, poison, a_rejection(b"other", received_time_ns=NOON_NS + SECOND_NS)))
    )
    again = reopen()
    again.commit(an_intake_batch(rejections=(replace(poison, received_time_ns=NOON_NS + 2 * SECOND_NS),)))
    letters = again.dead_letters(10)
    assert [(letter.payload, letter.count) for letter in letters] == [(b"\xff\x00poison", 3), (b"other", 1)]
    assert letters[0].reason == RejectionReason.MALFORMED_JSON.value
    assert letters[0].detail == poison.detail
    noon = datetime(2026, 11, 25, tzinfo=UTC)
    assert (letters[0].first_seen, letters[0].last_seen) == (noon, noon + timedelta(seconds=2))
    assert len(again.dead_letters(1)) == 1


def test_dead_letters_are_settled_with_the_batch_until_they_come_again(reopen: Reopen) -> None:
    store = reopen()
    store.commit(an_intake_batch(rejections=(a_rejection(b"one"), a_rejection(b"two"))))
    letter = next(each for each in store.dead_letters(9) if each.payload == b"one")
    done = Settlement(letter=letter.id, settled_as=SettledAs.REPLAYED, by="Kim", at_ns=NOON_NS)
    store.commit(an_intake_batch(a_batch(("pump1", NOON_NS, {"vib": 1.0})), settlements=(done,)))
    store.commit(an_intake_batch(settlements=(replace(done, settled_as=SettledAs.DISCARDED),)))
    again = reopen()
    found = {each.payload: (each.settled_as, each.settled_by, each.is_whole) for each in again.dead_letters(9)}
    assert found == {b"one": (SettledAs.REPLAYED, "Kim", True), b"two": (SettledAs.OPEN, None, True)}
    again.commit(an_intake_batch(rejections=(a_rejection(b"one"),)))
    assert {each.settled_as for each in again.dead_letters(9)} == {SettledAs.OPEN}


NOON_MS = NOON_NS // 1_000_000


def test_history_goes_into_the_rollups_once(reopen: Reopen, tmp_path: Path) -> None:
    rows = [("pump1", NOON_MS + i * 60_000, "executing", 1.5 + i) for i in range(3)] + [
        ("pump1", NOON_MS + 180_000, "off", None)
    ]
    path = a_parquet_of(tmp_path / "pump-2026-11.parquet", rows)
    store = reopen()
    assert [store.import_parquet(PUMP, [path]) for _ in range(2)] == [4, 0]
    for opened in (lambda: store, reopen):
        again = opened()
        block = again.read_windows(PUMP, [ONE], start_ns=NOON_NS, end_ns=NOON_NS + 10 * MINUTE_NS, width_s=60)
        assert block.mean.ravel().tolist() == [1.5, 2.5, 3.5]
        for figure in (block.minimum, block.maximum, block.last):
            assert figure.tolist() == block.mean.tolist()
        assert (block.std.ravel().tolist(), block.count.ravel().tolist()) == ([0.0] * 3, [1.0] * 3)
        assert block.good_share.ravel().tolist() == [1.0] * 3
        (progress,) = again.progress()
        assert (progress.state, progress.changes) == (OperatingState.OFF, 4)
        assert (progress.first_event_time_ns, progress.newest_event_time_ns) == (NOON_NS, NOON_NS + 3 * MINUTE_NS)
        (last,) = again.last_values()
        assert (last.value, last.event_time_ns) == (3.5, NOON_NS + 2 * MINUTE_NS)


def test_denser_history_is_aggregated(store: Store, tmp_path: Path) -> None:
    rows = [("pump1", NOON_MS + i * 20_000, "executing", float(i)) for i in range(7)]
    assert store.import_parquet(PUMP, [a_parquet_of(tmp_path / "a.parquet", rows)]) == 7
    block = store.read_windows(PUMP, [ONE], start_ns=NOON_NS, end_ns=NOON_NS + 10 * MINUTE_NS, width_s=60)
    assert (block.mean.ravel().tolist(), block.count.ravel().tolist()) == ([1.0, 4.0], [3.0, 3.0])
    assert block.maximum.ravel().tolist() == [2.0, 5.0]


def test_live_readings_carry_on_from_history(store: Store, tmp_path: Path) -> None:
    rows = [("pump1", NOON_MS - 60_000 * i, "executing", 7.0) for i in (3, 2, 1)]
    store.import_parquet(PUMP, [a_parquet_of(tmp_path / "a.parquet", rows)])
    store.commit(an_intake_batch(a_batch(*ramp(seconds=61))))
    store.roll_up(NOON_NS)
    block = store.read_windows(
        PUMP, [ONE], start_ns=NOON_NS - 5 * MINUTE_NS, end_ns=NOON_NS + 5 * MINUTE_NS, width_s=60
    )
    assert block.mean.ravel().tolist() == [7.0, 7.0, 7.0, 29.5]


def test_condition_is_replaced_by_the_hour(reopen: Reopen) -> None:
    def block(value: float, hours: int) -> ConditionBlock:
        return ConditionBlock(
            machines=np.array([ONE] * hours, dtype=object),
            keys=np.array(["seal"] * hours, dtype=object),
            hours_ns=NOON_NS + np.arange(hours) * 60 * MINUTE_NS,
            values=np.full(hours, value),
            weights=np.full(hours, 60.0),
        )

    store = reopen()
    store.write_condition(block(1.0, 3))
    store.write_condition(block(2.0, 1))
    store.write_condition(block(0.0, 0))
    read = reopen().read_condition(ONE, NOON_NS, NOON_NS + 2 * 60 * MINUTE_NS)
    assert (read.values.tolist(), read.weights.tolist(), read.keys.tolist()) == ([2.0, 1.0], [60.0] * 2, ["seal"] * 2)
    assert read.hours_ns.tolist() == [NOON_NS, NOON_NS + 60 * MINUTE_NS]
    assert reopen().read_condition(TWO, NOON_NS, 2 * NOON_NS).values.size == 0
