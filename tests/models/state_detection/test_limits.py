from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import Bound, Limit, LimitLevel, MachineId, SensorId
from models.condition import Condition
from models.features.recursion import layout_of
from models.state_detection.limits import (
    LimitMemory,
    Samples,
    blank_limits,
    judge_limit,
    limits_of,
    matched,
)
from models.state_detection.window_limits import judge_limits, judge_window_limits
from tests.fakes.plants import a_sensor
from tests.fakes.windows import a_judged_machine, a_judged_type, a_limit, a_slot

PUMP = MachineId("pump1")
SECOND = 1_000_000_000
BLANK = LimitMemory(sensor=SensorId("vib"), level=LimitLevel.WARNING, bound=Bound.UPPER)


def samples(*values: float, every_s: int = 60, first_s: int = 60, runs: bool = True) -> Samples:
    times = (np.arange(len(values), dtype=np.int64) * every_s + first_s) * SECOND
    return Samples(times_ns=times, values=np.array(values), judged=np.full(len(values), runs))


def judged(*values: float, limit: Limit | None = None, memory: LimitMemory = BLANK) -> tuple[Condition, ...]:
    return judge_limit(PUMP, limit or a_limit(), samples(*values), memory)[0]


def test_a_limit_is_raised_after_its_on_delay() -> None:
    assert judged(4.1, 4.2) == ()
    (condition,) = judged(4.1, 4.9, 4.2)
    assert condition.since_ns == 180 * SECOND
    assert (condition.until_ns, condition.value, condition.limit, condition.sensor) == (None, 4.9, 4.0, "vib")
    assert condition.score == pytest.approx(1.0 + 0.9 / 4.0)


def test_a_value_back_inside_starts_the_delay_anew() -> None:
    assert judged(4.1, 3.9, 4.1, 4.1) == ()


def test_a_limit_clears_below_its_deadband_for_its_off_delay() -> None:
    raised = (5.0, 5.0, 5.0)
    (holding,) = judged(*raised, 3.6, 3.6, 3.6, 3.6, 3.6)
    assert holding.until_ns is None
    (cleared,) = judged(*raised, 3.4, 3.4, 3.4, 3.4)
    assert cleared.until_ns == 420 * SECOND


def test_a_lower_limit_looks_the_other_way() -> None:
    low = a_limit(bound=Bound.LOWER, value=1.0)
    (condition,) = judged(0.5, 0.2, 0.9, limit=low, memory=replace(BLANK, bound=Bound.LOWER))
    assert condition.value == 0.2
    assert condition.score == pytest.approx(1.8)


def test_a_machine_that_does_not_run_raises_and_clears_nothing() -> None:
    assert judge_limit(PUMP, a_limit(), samples(9.0, 9.0, 9.0, runs=False), BLANK)[0] == ()
    _, memory = judge_limit(PUMP, a_limit(), samples(5.0, 5.0, 5.0), BLANK)
    stopped = samples(0.0, 0.0, 0.0, 0.0, 0.0, first_s=600, runs=False)
    (holding,), _ = judge_limit(PUMP, a_limit(), stopped, memory)
    assert holding.until_ns is None


def test_values_that_are_missing_or_judged_already_are_passed_over() -> None:
    _, memory = judge_limit(PUMP, a_limit(), samples(5.0, float("nan"), 5.0), BLANK)
    assert memory.raised_ns == 180 * SECOND
    again, after = judge_limit(PUMP, a_limit(), samples(0.0, 0.0), memory)
    assert after == memory
    assert len(again) == 1


@given(st.lists(st.sampled_from([3.0, 3.7, 4.5, float("nan")]), max_size=30), st.integers(0, 30))
def test_values_in_two_blocks_are_judged_as_at_once(values: list[float], cut: int) -> None:
    cut = min(cut, len(values))
    whole, end = judge_limit(PUMP, a_limit(), samples(*values), BLANK)
    first, between = judge_limit(PUMP, a_limit(), samples(*values[:cut]), BLANK)
    second, last = judge_limit(PUMP, a_limit(), samples(*values[cut:], first_s=60 * (cut + 1)), between)
    assert last == end
    assert {c.until_ns for c in (*first, *second) if c.until_ns} == {c.until_ns for c in whole if c.until_ns}


def a_limited_machine() -> object:
    kind = a_judged_type()
    sensors = (a_sensor("vib", limits=(a_limit(), a_limit(level=LimitLevel.CRITICAL, value=6.0))), *kind.sensors[1:])
    return replace(a_judged_machine(kind), sensors=sensors)


def test_every_limit_of_a_machine_is_judged_and_remembered() -> None:
    machine = a_limited_machine()
    shown = {SensorId("vib"): samples(7.0, 7.0, 7.0)}
    conditions, memories = judge_limits(machine, shown, ())
    assert [c.level for c in conditions] == [LimitLevel.WARNING, LimitLevel.CRITICAL]
    standing, same = judge_limits(machine, {}, memories)
    assert standing == conditions
    assert same == memories


def test_a_limit_that_was_moved_keeps_its_memory_and_a_new_one_starts_blank() -> None:
    machine = a_limited_machine()
    _, memories = judge_limits(machine, {SensorId("vib"): samples(7.0, 7.0, 7.0)}, ())
    assert matched(machine, memories[:1]) == (memories[0], blank_limits(machine)[1])
    assert [sensor for sensor, _ in limits_of(machine)] == ["vib", "vib"]


def test_windows_of_many_machines_are_judged_each_on_its_own() -> None:
    machine = a_limited_machine()
    means = np.array([[7.0], [7.0], [7.0], [1.0], [1.0], [1.0]])
    ends = np.tile(np.arange(1, 4, dtype=np.int64) * 60 * SECOND, 2)
    layout = layout_of(np.array([0, 0, 0, 1, 1, 1]), 2)
    first, second = judge_window_limits(
        ((SensorId("vib"),), means), (ends, np.ones(6, dtype=bool)), layout, [(machine, ()), (machine, ())]
    )
    assert len(first[0]) == 2
    assert second[0] == ()


def test_a_limit_names_the_slots_whose_wear_moves_its_sensor_that_way_the_clearest_first() -> None:
    slots = (
        a_slot("seal", ("flow", False), ("vib", True)),
        a_slot("bearing", ("vib", True)),
        a_slot("valve", ("vib", False)),
    )
    machine = replace(a_limited_machine(), slots=slots)
    conditions, _ = judge_limits(machine, {SensorId("vib"): samples(7.5, 7.5, 7.5, 7.5)}, ())
    assert conditions
    assert {condition.slots for condition in conditions} == {("bearing", "seal")}
