"""Quality flags: each kind seen when it is there, and not when it is not."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import OperatingRule, SensorId, SensorRole
from ingest.operation import OperatingState
from ingest.quality import (
    QualityMemory,
    QualityRules,
    TypeProfile,
    blank_memory,
    judge,
    judge_again,
    lookback_ns,
    profile_type,
    resolve_states,
)
from ingest.reading import QualityFlag, ReadingBatch
from tests.fakes.plants import a_machine, a_sensor, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS, a_batch

RULES = QualityRules(stuck_after_s=10.0, stuck_reports=5.0, gap_after_s=30.0)
F = QualityFlag


def a_profile(*sensors: object, rules: QualityRules = RULES, **changes: object) -> TypeProfile:
    kind = a_type(sensors=sensors or (a_sensor("vib"),), **changes)
    return profile_type(kind, [a_machine("pump1", kind), a_machine("pump2", kind)], rules)


def rows(
    values: list[float], machine: str = "pump1", start_s: float = 0, step_s: float = 1
) -> list[tuple[str, int, dict]]:
    return [
        (machine, NOON_NS + int((start_s + i * step_s) * SECOND_NS), {"vib": value}) for i, value in enumerate(values)
    ]


def flags_of(profile: TypeProfile, *batches: ReadingBatch) -> list[int]:
    """Return the flags of the first sensor over batches that follow each other."""
    memory, found = blank_memory(profile), []
    for batch in batches:
        flags, memory = judge(profile, memory, batch)
        found += flags[:, 0].tolist()
    return found


def test_a_lively_signal_is_good() -> None:
    assert flags_of(a_profile(), a_batch(*rows([1.0, 1.1, 0.9, 1.2] * 10))) == [0] * 40


def test_a_value_held_too_long_is_stuck_from_then_on_until_it_moves() -> None:
    found = flags_of(a_profile(), a_batch(*rows([2.0] * 13 + [2.5])))
    assert found == [0] * 10 + [F.STUCK] * 3 + [0]


def test_stuck_is_counted_across_batches() -> None:
    held = rows([2.0] * 13)
    assert flags_of(a_profile(), *(a_batch(row) for row in held)) == [0] * 10 + [F.STUCK] * 3


def test_a_machine_at_rest_is_never_stuck() -> None:
    idle = a_batch(*rows([0.0] * 60), state="idle")
    assert flags_of(a_profile(), idle) == [0] * 60


def test_stuck_is_counted_in_running_time() -> None:
    profile = a_profile()
    rest, run = a_batch(*rows([0.0] * 20), state="idle"), a_batch(*rows([0.0] * 12, start_s=20))
    assert flags_of(profile, rest, run) == [0] * 30 + [F.STUCK] * 2


def test_a_rest_in_between_neither_counts_nor_excuses() -> None:
    """A machine that stops every minute must not hide a dead sensor."""
    batch = a_batch(*rows([2.0] * 20))
    states = batch.states.copy()
    states[4:10] = "idle"
    assert flags_of(a_profile(), replace(batch, states=states)) == [0] * 17 + [F.STUCK] * 3


def test_a_step_below_half_the_resolution_is_no_change() -> None:
    fine = a_profile(a_sensor("vib", resolution=0.1, normal_high=1e9))
    assert flags_of(fine, a_batch(*rows([2.0, 2.04] * 7))) == [0] * 11 + [F.STUCK] * 3


def test_a_coarse_sensor_is_given_more_time() -> None:
    """One that shows whole degrees holds its value for long without being stuck."""
    coarse = a_profile(a_sensor("vib", resolution=1.0, normal_low=20, normal_high=40))
    assert flags_of(coarse, a_batch(*rows([30.0] * 200))) == [0] * 200


def test_a_set_point_may_be_held_for_ever() -> None:
    context = a_profile(a_sensor("vib", role=SensorRole.CONTEXT))
    assert flags_of(context, a_batch(*rows([2.0] * 50))) == [0] * 50


def test_a_sensor_that_is_silent_in_between_is_judged_by_its_reports() -> None:
    held = rows([2.0] * 13)
    held[5] = (held[5][0], held[5][1], {"vib": float("nan")})
    assert flags_of(a_profile(), a_batch(*held)) == [0] * 10 + [F.STUCK] * 3


def test_a_value_that_the_sensor_cannot_show_is_out_of_range() -> None:
    assert flags_of(a_profile(), a_batch(*rows([2.7, 101.0, 4.0, -103.0]))) == [
        0,
        F.OUT_OF_RANGE | F.SPIKE,
        0,
        F.OUT_OF_RANGE | F.SPIKE,
    ]


def test_a_sensor_first_seen_far_off_is_suspected_of_another_unit() -> None:
    """Micrometres a second instead of millimetres a second, until it shows what is usual."""
    suspect = F.OUT_OF_RANGE | F.SUSPECT_UNIT
    assert flags_of(a_profile(), a_batch(*rows([2500.0, 2300.0, 2.4, 2.5]))) == [suspect, suspect, 0, 0]
    assert flags_of(a_profile(), a_batch(*rows([-2500.0]))) == [F.OUT_OF_RANGE]


def test_the_first_reading_after_silence_follows_a_gap() -> None:
    profile = a_profile()
    assert flags_of(profile, a_batch(*rows([1.0, 2.0])), a_batch(*rows([3.0, 4.0], start_s=32))) == [0, 0, F.GAP, 0]
    assert flags_of(profile, a_batch(*rows([1.0, 2.0], step_s=31))) == [0, F.GAP]


def test_a_slow_machine_has_no_gap_between_its_reports() -> None:
    slow = a_profile(a_sensor("vib", period_s=60))
    assert flags_of(slow, a_batch(*rows([1.0, 2.0, 3.0], step_s=60))) == [0, 0, 0]


def test_silence_after_off_is_no_gap() -> None:
    off = a_batch(*rows([1.0]), state="off")
    assert flags_of(a_profile(), off, a_batch(*rows([2.0], start_s=3600))) == [0, 0]


def test_behind_the_machines_own_closed_window_is_late_and_never_behind_the_wall_clock() -> None:
    profile = a_profile()
    newest = a_batch(*rows([1.0], start_s=61))
    assert flags_of(profile, newest, a_batch(*rows([2.0], start_s=60)), a_batch(*rows([3.0], start_s=59))) == [
        0,
        0,
        F.LATE,
    ]
    old = a_batch(*rows([1.0, 2.0]))
    hour_later = replace(old, received_times_ns=old.event_times_ns + 240 * SECOND_NS)
    assert flags_of(profile, hour_later) == [0, 0]


def test_late_readings_leave_the_memory_alone() -> None:
    profile = a_profile()
    _, memory = judge(profile, blank_memory(profile), a_batch(*rows([1.0], start_s=100)))
    flags, after = judge(profile, memory, a_batch(*rows([7.0, 7.0], start_s=1)))
    assert flags.ravel().tolist() == [F.LATE, F.LATE]
    assert_same(after, memory)


@pytest.mark.parametrize("skew_s", [301, -301])
def test_a_clock_far_off_is_told(skew_s: int) -> None:
    batch = a_batch(*rows([1.0]))
    skewed = replace(batch, received_times_ns=batch.event_times_ns + skew_s * SECOND_NS)
    assert flags_of(a_profile(), skewed) == [F.CLOCK_SKEW]


def test_a_sensor_found_dead_stays_dead_through_any_rest_until_it_moves() -> None:
    """A new start is no reason to believe a sensor that has not moved since it was found stuck."""
    batch = a_batch(*rows([2.0] * 24 + [2.5]))
    states = batch.states.copy()
    states[14:18] = "idle"
    found = flags_of(a_profile(), replace(batch, states=states))
    assert found == [0] * 10 + [F.STUCK] * 14 + [0]


def test_a_dead_sensor_is_remembered_across_batches() -> None:
    held = a_batch(*rows([2.0] * 12))
    rest = a_batch(*rows([2.0] * 3, start_s=12), state="idle")
    again = a_batch(*rows([2.0, 2.0, 2.2], start_s=15))
    assert flags_of(a_profile(), held, rest, again)[10:] == [F.STUCK] * 7 + [0]


def test_a_leap_far_outside_is_a_spike_and_the_way_back_is_none() -> None:
    assert flags_of(a_profile(), a_batch(*rows([2.0, 2.1, 33.0, 2.0, 2.1]))) == [0, 0, F.SPIKE, 0, 0]


def test_a_fast_change_to_outside_is_told_and_counts() -> None:
    """A part that breaks may do that: the value is kept, and so is the warning."""
    assert flags_of(a_profile(), a_batch(*rows([2.7, 17.2, 17.3]))) == [0, F.RATE, 0]


def test_a_machine_that_is_switched_on_or_wears_does_not_leap() -> None:
    profile = a_profile()
    off, on = a_batch(*rows([0.0] * 3), state="idle"), a_batch(*rows([40.0, 39.0], start_s=3))
    assert flags_of(profile, off, on) == [0] * 5
    wear = [2.0 + i / 10 for i in range(200)]
    assert flags_of(profile, a_batch(*rows(wear))) == [0] * 200
    assert flags_of(profile, a_batch(*rows([2.0])), a_batch(*rows([40.0], start_s=100))) == [0, F.GAP]


def test_a_set_point_may_leap_to_its_bound_but_not_anywhere() -> None:
    context = a_profile(a_sensor("vib", role=SensorRole.CONTEXT, range_high=10.0))
    assert flags_of(context, a_batch(*rows([2.0, 10.0, 2.0]))) == [0, 0, 0]
    assert flags_of(a_profile(a_sensor("vib", role=SensorRole.CONTEXT)), a_batch(*rows([2.0, 50.0, 2.0]))) == [
        0,
        F.SPIKE,
        0,
    ]


def test_what_stands_far_out_may_scatter_there() -> None:
    """The kurtosis of a worn bearing leaps from one side of the usual to the other by noise alone."""
    assert flags_of(a_profile(), a_batch(*rows([-4.0, 9.0, -3.0, 8.0]))) == [0, 0, 0, 0]


@pytest.mark.parametrize(("unit", "mistaken"), [("bar", 14.5038), ("mm/s", 10.0), ("m", 1000.0)])
def test_another_unit_afterwards_is_suspected_until_the_usual_comes_back(unit: str, mistaken: float) -> None:
    seen = [2.0, 2.05, 2.0 * mistaken, 2.1 * mistaken, 2.05 * mistaken, 2.0]
    sensor = a_sensor("vib", unit=unit, normal_low=1.0, range_high=1e6)
    assert flags_of(a_profile(sensor), a_batch(*rows(seen))) == [0, 0, *[F.SUSPECT_UNIT] * 3, 0]


def test_noise_that_falls_to_a_tenth_is_no_other_unit() -> None:
    seen = a_batch(*rows([4.0, 0.4, 4.0]))
    assert flags_of(a_profile(a_sensor("vib", normal_low=3.5, normal_high=5.0)), seen) == [0, 0, 0]


def test_a_ratio_says_nothing_of_the_unit_where_the_usual_begins_at_zero() -> None:
    """Leakage of a seal goes from a little to a lot by noise alone; out of the sensor's range it cannot."""
    leak = a_profile(a_sensor("vib", normal_high=10.0, range_high=30.0))
    assert flags_of(leak, a_batch(*rows([2.7, 11.9, 2.7]))) == [0, 0, 0]
    assert flags_of(leak, a_batch(*rows([9.0, 88.3]))) == [0, F.OUT_OF_RANGE | F.SUSPECT_UNIT]


def test_gallons_are_told_of_flows_alone() -> None:
    span = {"normal_low": 10.0, "normal_high": 50.0}
    flow = a_profile(a_sensor("vib", unit="m3/h", **span, range_high=500.0))
    other = a_profile(a_sensor("vib", **span, range_high=500.0))
    seen = a_batch(*rows([20.0, 88.06]))
    assert (flags_of(flow, seen)[1], flags_of(other, seen)[1]) == (F.SUSPECT_UNIT, 0)


def test_a_machine_at_rest_shows_nothing_of_its_units() -> None:
    cold = a_profile(a_sensor("vib", unit="degC", normal_low=180.0, normal_high=260.0, range_high=400.0))
    assert flags_of(cold, a_batch(*rows([18.0, 18.1]), state="off")) == [0, 0]


@pytest.mark.parametrize("other", [lambda c: 1.8 * c + 32, lambda c: c + 273.15])
def test_fahrenheit_and_kelvin_are_told_from_celsius(other) -> None:
    warm = a_profile(a_sensor("vib", unit="degC", normal_low=20.0, normal_high=60.0, range_high=400.0))
    assert flags_of(warm, a_batch(*rows([45.0, other(45.1), other(45.2)]))) == [0, F.SUSPECT_UNIT, F.SUSPECT_UNIT]


def test_swapped_wires_are_suspected_in_both_sensors() -> None:
    kind = a_type(sensors=(a_sensor("vib"), a_sensor("temp", normal_low=30.0, normal_high=60.0)))
    profile = profile_type(kind, [a_machine("pump1", kind)], RULES)
    pairs = [(2.0, 41.0), (2.1, 41.1), (41.0, 2.0), (41.2, 2.1), (2.0, 41.0)]
    batch = a_batch(*(("pump1", NOON_NS + i * SECOND_NS, {"vib": a, "temp": b}) for i, (a, b) in enumerate(pairs)))
    flags, _ = judge(profile, blank_memory(profile), batch)
    assert (flags == F.SUSPECT_SWAP).tolist() == [[False] * 2, [False] * 2, [True] * 2, [True] * 2, [False] * 2]


def test_a_sensor_that_is_silent_alone_comes_back_after_a_gap() -> None:
    profile = a_profile(a_sensor("vib"), a_sensor("temp", normal_high=60.0))
    seen = [
        ("pump1", NOON_NS + i * SECOND_NS, {"temp": 20.0 + i % 3} | ({} if 2 < i < 40 else {"vib": i % 5}))
        for i in range(44)
    ]
    flags, _ = judge(profile, blank_memory(profile), a_batch(*seen))
    assert np.flatnonzero(flags[:, 0]).tolist() == []
    assert np.flatnonzero(flags[:, 1]).tolist() == [40]


def arrived(seconds: list[int], values: list[float]) -> ReadingBatch:
    """Return readings at every second that arrived in the order of `seconds`."""
    batch = a_batch(*rows(values))
    received = np.empty(len(values), np.int64)
    for place, second in enumerate(seconds):
        received[second] = NOON_NS + (1000 + place) * SECOND_NS
    return replace(batch, received_times_ns=received)


def piece(batch: ReadingBatch, rows_of: list[int]) -> ReadingBatch:
    names = [n for n in ReadingBatch.__dataclass_fields__ if n not in {"equipment_type", "sensors"}]
    return replace(batch, **{name: getattr(batch, name)[rows_of] for name in names})


@given(
    st.lists(st.sampled_from([2.0, 2.0, 2.0, 2.6, 19.0, 20.0, 51.0]), min_size=1, max_size=40),
    st.randoms(use_true_random=False),
)
def test_flags_recomputed_in_order_of_time_do_not_depend_on_the_order_of_arrival(values: list[float], random) -> None:
    """Whatever came first, judging again gives what judging in order would have; lateness is a fact of arrival."""
    profile = a_profile()
    seconds = list(range(len(values)))
    in_order, _ = judge(profile, blank_memory(profile), arrived(seconds, values))
    random.shuffle(seconds)
    batch = arrived(seconds, values)
    live, memory = np.zeros(batch.values.shape, np.uint16), blank_memory(profile)
    for second in seconds:
        live[[second]], memory = judge(profile, memory, piece(batch, [second]))
    again = judge_again(profile, replace(batch, quality=np.zeros_like(live)))
    arrival = np.uint16(F.LATE | F.CLOCK_SKEW)
    assert (again & ~arrival).tolist() == (in_order & ~arrival).tolist()
    assert (again & arrival).tolist() == (live & arrival).tolist()


def test_judging_again_goes_on_from_what_lasts() -> None:
    profile = a_profile()
    batch = a_batch(*rows([2.0] * 8))
    stuck = replace(batch, quality=np.full((8, 1), F.STUCK, np.uint16))
    assert judge_again(profile, stuck).ravel().tolist() == [F.STUCK] * 8
    assert judge_again(profile, batch).ravel().tolist() == [0] * 8
    assert lookback_ns(profile, 0) == 60 * SECOND_NS


def test_what_is_not_reported_has_no_flag() -> None:
    batch = replace(a_batch(*rows([float("nan")])), received_times_ns=np.array([0]))
    assert flags_of(a_profile(), batch) == [0]


def test_states_are_reported_else_ruled_else_remembered_else_executing() -> None:
    profile = a_profile(
        a_sensor("vib"), a_sensor("rpm"), operating_rule=OperatingRule(sensor=SensorId("rpm"), above=10)
    )
    memory = blank_memory(profile)
    memory.state[profile.machines["pump2"]] = "maintenance"
    at = [NOON_NS + i * SECOND_NS for i in range(5)]
    batch = a_batch(
        ("pump1", at[0], {"vib": 1.0}),
        ("pump1", at[1], {"rpm": 100.0}),
        ("pump1", at[2], {"vib": 1.0}),
        ("pump1", at[3], {"rpm": 5.0}),
        ("pump1", at[4], {"rpm": 100.0}),
        ("pump2", at[0], {"vib": 1.0}),
    )
    reported = np.array([None, None, None, None, "off", None], dtype=object)
    states = resolve_states(profile, memory, replace(batch, states=reported))
    assert states.tolist() == ["executing", "executing", "executing", "idle", "off", "maintenance"]


def test_a_machine_that_never_tells_counts_as_running() -> None:
    profile = a_profile()
    batch = replace(a_batch(*rows([1.0])), states=np.array([None], dtype=object))
    assert resolve_states(profile, blank_memory(profile), batch).tolist() == [OperatingState.EXECUTING.value]


def test_a_sensor_that_some_machines_lack_is_judged_for_the_others() -> None:
    kind = a_type(sensors=(a_sensor("vib"), a_sensor("temp")))
    lean = a_machine("pump2", kind, sensors=(a_sensor("vib"),))
    profile = profile_type(kind, [a_machine("pump1", kind), lean], RULES)
    batch = a_batch(("pump1", NOON_NS, {"vib": 1.0, "temp": -200.0}), ("pump2", NOON_NS, {"vib": 1.0}))
    flags, _ = judge(profile, blank_memory(profile), batch)
    assert flags.tolist() == [[0, F.OUT_OF_RANGE], [0, 0]]


def test_machines_without_sensors_are_no_trouble() -> None:
    kind = a_type(sensors=())
    profile = profile_type(kind, [a_machine("pump1", kind)], RULES)
    flags, _ = judge(profile, blank_memory(profile), a_batch(("pump1", NOON_NS, {}), state="off"))
    assert flags.shape == (1, 0)


def assert_same(one: QualityMemory, other: QualityMemory) -> None:
    np.testing.assert_array_equal(one.value, other.value)
    np.testing.assert_array_equal(one.held_from_ns, other.held_from_ns)
    np.testing.assert_array_equal(one.run_ns, other.run_ns)
    np.testing.assert_array_equal(one.seen_ns, other.seen_ns)
    np.testing.assert_array_equal(one.marks, other.marks)
    np.testing.assert_array_equal(one.newest_ns, other.newest_ns)
    assert one.state.tolist() == other.state.tolist()


@given(
    st.lists(st.tuples(st.sampled_from(["pump1", "pump2"]), st.sampled_from([1.0, 1.0, 2.0, 500.0])), max_size=40),
    st.data(),
)
def test_cutting_the_stream_into_batches_changes_nothing(reports: list[tuple[str, float]], data: st.DataObject) -> None:
    profile = a_profile()
    stream = [(machine, NOON_NS + i * SECOND_NS, {"vib": value}) for i, (machine, value) in enumerate(reports)]
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))) | {0, len(stream)})
    whole, memory = {}, blank_memory(profile)
    if stream:
        batch = a_batch(*stream)
        flags, memory = judge(profile, memory, batch)
        whole = dict(zip(batch.event_times_ns.tolist(), flags[:, 0].tolist(), strict=True))
    parts, part_memory = {}, blank_memory(profile)
    for start, end in pairwise(cuts):
        batch = a_batch(*stream[start:end])
        flags, part_memory = judge(profile, part_memory, batch)
        parts |= dict(zip(batch.event_times_ns.tolist(), flags[:, 0].tolist(), strict=True))
    assert parts == whole
    assert_same(part_memory, memory)
