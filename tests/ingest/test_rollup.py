"""Windows of readings: the pure roll-up, and that the embedded store's SQL agrees with it."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.reading import UNTRUSTED, QualityFlag, Series
from ingest.rollup import WindowBlock, blank_series, count_reported, join_windows, merge_instants, roll_up
from ingest.stores.duckdb_store import DuckDBStore
from tests.fakes.readings import MINUTE_NS, NOON_NS, SECOND_NS, a_batch, an_intake_batch

PUMP, ONE = EquipmentTypeId("pump"), MachineId("pump1")
FIGURES = ("count", "mean", "minimum", "maximum", "std", "last", "good_share")


def a_series(times_s: list[float], values: list[float], quality: list[int] | None = None, states: str = "") -> Series:
    names = {"e": "executing", "i": "idle", "o": "off"}
    return Series(
        machine=ONE,
        sensors=(SensorId("vib"),),
        event_times_ns=np.array([NOON_NS + int(at * SECOND_NS) for at in times_s], np.int64),
        states=np.array([names[s] for s in states or "e" * len(times_s)], dtype=object),
        values=np.array(values, np.float64)[:, None],
        quality=np.array(quality or [0] * len(values), np.uint16)[:, None],
    )


def test_windows_are_aligned_to_the_epoch_and_gaps_leave_none() -> None:
    block = roll_up(a_series([5, 59, 200], [1, 3, 7]), PUMP, 60)
    assert block.starts_ns.tolist() == [NOON_NS, NOON_NS + 3 * MINUTE_NS]
    assert (block.mean.ravel().tolist(), block.count.ravel().tolist()) == ([2.0, 7.0], [2.0, 1.0])
    assert (block.std.ravel().tolist(), block.last.ravel().tolist()) == ([1.0, 0.0], [3.0, 7.0])


def test_nothing_has_no_windows() -> None:
    block = roll_up(a_series([], []), PUMP, 60)
    assert (block.starts_ns.size, block.mean.shape, block.states.size) == (0, (0, 1), 0)


def test_untrusted_values_are_counted_and_not_aggregated() -> None:
    block = roll_up(a_series([0, 1, 2], [1, 99, float("nan")], [0, QualityFlag.STUCK, 0]), PUMP, 60)
    assert (block.mean.tolist(), block.good_share.tolist()) == ([[1.0]], [[0.5]])
    alone = roll_up(a_series([0], [1], [QualityFlag.OUT_OF_RANGE]), PUMP, 60)
    assert (alone.count.tolist(), alone.good_share.tolist()) == ([[0.0]], [[0.0]])
    assert all(np.isnan(getattr(alone, name)).all() for name in ("mean", "minimum", "maximum", "std", "last"))
    silent = roll_up(a_series([0], [float("nan")]), PUMP, 60)
    assert np.isnan(silent.good_share).all()


def test_the_state_held_longest_names_the_window_and_a_tie_the_busier_one() -> None:
    assert roll_up(a_series([0, 1, 2], [1, 1, 1], states="iie"), PUMP, 60).states.tolist() == ["idle"]
    assert roll_up(a_series([0, 1], [1, 1], states="ie"), PUMP, 60).states.tolist() == ["executing"]


flags = st.sampled_from([0, 0, 0, QualityFlag.STUCK, QualityFlag.LATE, QualityFlag.OUT_OF_RANGE, QualityFlag.GAP])
cells = st.one_of(st.none(), st.floats(-1e6, 1e6, width=32))
readings = st.lists(
    st.tuples(st.integers(0, 299), cells, cells, flags, st.sampled_from(["executing", "idle", "off"])),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[0],
)


@settings(max_examples=12)
@given(readings, st.sampled_from([60.0, 120.0, 300.0, 7.0]))
def test_the_embedded_store_agrees(rows: list, width_s: float) -> None:
    rows.sort()
    last = ("pump1", NOON_NS + 3600 * SECOND_NS, {"vib": 0.0, "temp": 0.0})
    batch = a_batch(
        *(
            ("pump1", NOON_NS + at * SECOND_NS, {"vib": np.nan if a is None else a, "temp": np.nan if b is None else b})
            for at, a, b, _, _ in rows
        ),
        last,
    )
    batch.quality[:-1] = np.array([[row[3]] for row in rows])
    batch.states[:-1] = [row[4] for row in rows]
    with tempfile.TemporaryDirectory() as folder:
        store = DuckDBStore(Path(folder) / "telemetry.duckdb")
        store.commit(an_intake_batch(batch))
        store.roll_up(NOON_NS)
        span = {"start_ns": NOON_NS, "end_ns": NOON_NS + 1800 * SECOND_NS}
        found = store.read_windows(PUMP, [ONE], width_s=width_s, **span)
        expected = roll_up(store.read_series(ONE, *_aligned(span, width_s)), PUMP, width_s)
        store.close()
    assert_agree(found, expected)


def _aligned(span: dict[str, int], width_s: float) -> tuple[int, int]:
    width = int(width_s * SECOND_NS)
    return tuple(-(-edge // width) * width for edge in span.values())  # type: ignore[return-value]


def assert_agree(one: WindowBlock, other: WindowBlock) -> None:
    assert one.sensors == other.sensors
    assert one.starts_ns.tolist() == other.starts_ns.tolist()
    assert one.machines.tolist() == other.machines.tolist()
    assert one.states.tolist() == other.states.tolist() or one.width_s > 60  # a longer window counts minutes
    for name in FIGURES:
        absolute = 1e-2 if name == "std" else 1e-6  # a spread is the root of a difference of large squares
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=1e-6, atol=absolute, err_msg=name)


def test_untrusted_means_that_the_value_itself_may_be_wrong() -> None:
    assert QualityFlag.LATE & UNTRUSTED == 0
    assert pytest.approx(int(QualityFlag.STUCK & UNTRUSTED)) == int(QualityFlag.STUCK)


def test_instants_are_merged_to_the_lower_value_and_flagged() -> None:
    torn = a_series([0, 0, 1, 1, 2], [2, 1, 3, 3, 4], states="ieeee")
    merged = merge_instants(torn)
    assert merged.values.ravel().tolist() == [1, 3, 4]
    assert merged.quality.ravel().tolist() == [QualityFlag.CONFLICT, QualityFlag.DUPLICATE, 0]
    assert merged.states.tolist() == ["idle", "executing", "executing"]
    apart = a_series([0, 1], [1, 2])
    assert merge_instants(apart) is apart


def test_nothing_is_merged_of_a_machine_without_readings() -> None:
    blank = blank_series(ONE, (SensorId("vib"), SensorId("temp")))
    assert (merge_instants(blank) is blank, blank.values.shape) == (True, (0, 2))


@pytest.mark.parametrize("width_s", [120.0, 600.0])
def test_joined_windows_are_those_of_the_readings_themselves(width_s: float) -> None:
    """Two hours of uneven readings, some of which cannot be trusted, and a machine whose last minutes are all bad."""
    generator = np.random.default_rng(5)
    times = np.sort(generator.uniform(0, 7200, 400)).round(3)
    flags = [int(QualityFlag.STUCK) if at % 7 == 0 or at > 380 else 0 for at in range(400)]
    series = a_series(times.tolist(), generator.normal(5, 2, 400).tolist(), flags)
    joined = join_windows(roll_up(series, PUMP, 60), count_reported(series, 60), width_s)
    whole = roll_up(series, PUMP, width_s)
    assert joined.starts_ns.tolist() == whole.starts_ns.tolist()
    for name in FIGURES:
        np.testing.assert_allclose(getattr(joined, name), getattr(whole, name), rtol=1e-9, atol=1e-9, err_msg=name)


def test_windows_of_several_machines_are_joined_apart() -> None:
    one = roll_up(a_series([0, 60], [1, 3]), PUMP, 60)
    columns = {name: np.concatenate([getattr(one, name)] * 2) for name in (*FIGURES, "starts_ns", "states")}
    machines = np.array(["pump1", "pump1", "pump2", "pump2"], dtype=object)
    both = WindowBlock(equipment_type=PUMP, sensors=one.sensors, width_s=60.0, machines=machines, **columns)
    joined = join_windows(both, both.count, 120.0)
    assert (joined.machines.tolist(), joined.mean.ravel().tolist()) == (["pump1", "pump2"], [2.0, 2.0])
    assert joined.last.ravel().tolist() == [3.0, 3.0]


def test_nothing_joins_to_nothing() -> None:
    blank = a_series([], [])
    joined = join_windows(roll_up(blank, PUMP, 60), count_reported(blank, 60), 120.0)
    assert (joined.starts_ns.size, joined.last.shape) == (0, (0, 1))
