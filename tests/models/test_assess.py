"""Windows of a pump from its first minute to a worn bearing, at once and one by one."""

from dataclasses import replace

import numpy as np
import pytest

from configs.plant import Machine, MachineId, SlotId
from ingest.ports import ConditionBlock
from ingest.rollup import WindowBlock
from models.assess import MachineAssessment, Watched, assess_windows
from models.condition import ConditionKind
from models.features.rows import take_windows
from models.features.windowing import extract
from models.health import HealthStatus
from models.health_assessment.detection_state import DetectionState, Renewal
from models.training.fit import fit_type
from tests.fakes.plants import a_sensor
from tests.fakes.readings import NOON_NS
from tests.fakes.windows import (
    LEARNING_WINDOWS,
    MINUTE_NS,
    PLAN,
    a_judged_machine,
    a_judged_type,
    a_limit,
    block_of,
    together,
    windows,
)

PUMP, OTHER = MachineId("pump1"), MachineId("pump2")
KIND = a_judged_type()
FIRST = LEARNING_WINDOWS


def watched(*machines: Machine, parts: tuple[Renewal, ...] = (), learnt: bool = True) -> Watched:
    machines = machines or (a_judged_machine(KIND),)
    model = None
    if learnt:
        learning = together(*(windows(m.id, seed=len(m.id) + i) for i, m in enumerate(machines)))
        model = fit_type(extract(learning, PLAN, {})[0], PLAN)
    return Watched(plan=PLAN, machines=machines, model=model, parts={machines[0].id: parts})


def later(machine: str = "pump1", *, size: int = 60, first: int = FIRST, **shift: float) -> WindowBlock:
    return windows(machine, size=size, first=first, seed=5, shift=shift)


def assessed(block: WindowBlock, view: Watched, state: DetectionState | None = None) -> MachineAssessment:
    (only,) = assess_windows(block, view, {PUMP: state} if state else {}).machines
    return only


def test_a_machine_learns_and_says_how_far_it_is() -> None:
    found = assessed(windows(size=50), watched(learnt=False))
    assert found.health.status is HealthStatus.LEARNING
    assert (found.health.learnt_s, found.health.needed_s) == (3000.0, 12_000.0)
    assert found.health.health is None
    assert found.conditions == ()


def test_assessment_stops_at_the_window_that_completes_learning() -> None:
    found = assessed(windows(size=LEARNING_WINDOWS + 30), watched(learnt=False))
    assert found.window_end_ns == NOON_NS + LEARNING_WINDOWS * MINUTE_NS
    assert found.state.learning.to_ns == found.window_end_ns
    assert found.health.learnt_s == 12_000.0
    waiting = assess_windows(later(size=5), watched(learnt=False), {PUMP: found.state})
    assert waiting.machines == ()


def test_windows_in_which_a_machine_stands_teach_nothing() -> None:
    idle = replace(windows(size=40), states=np.full(40, "idle", dtype=object))
    assert assessed(idle, watched(learnt=False)).health.learnt_s == 0.0


def test_a_sound_machine_is_healthy_and_has_no_condition() -> None:
    found = assessed(later(size=200), watched())
    assert found.health.status is HealthStatus.OK
    assert found.health.health > 85.0
    assert 0.0 < found.health.anomaly < 1.0
    assert {slot.slot for slot in found.health.slots} == {"bearing", "seal"}
    assert found.conditions == ()


def test_a_worn_bearing_is_an_anomaly_that_names_its_sensors_and_its_slot() -> None:
    found = assessed(later(vib=1.5, temp=4.0), watched())
    (condition,) = found.conditions
    assert condition.kind is ConditionKind.ANOMALY
    assert condition.until_ns is None
    assert condition.slots[0] == "bearing"
    first = condition.contributions[0]
    assert first.sensor in {"vib", "temp"}
    assert sum(part.share for part in condition.contributions) == pytest.approx(1.0, abs=0.2)
    assert first.value > first.expected
    assert first.deviation > 0
    bearing, seal = found.health.slots
    assert bearing.health < seal.health
    assert found.health.health == bearing.health


def test_an_anomaly_that_is_over_says_when() -> None:
    view = watched()
    raised = assessed(later(vib=1.5, temp=4.0), view)
    over = assessed(later(first=FIRST + 60), view, raised.state)
    (condition,) = over.conditions
    assert condition.since_ns == raised.conditions[0].since_ns
    assert condition.until_ns is not None
    assert over.state.anomaly is None


def test_an_anomaly_holds_while_the_machine_stands() -> None:
    view = watched()
    raised = assessed(later(vib=1.5, temp=4.0), view)
    idle = replace(later(size=5, first=FIRST + 60), states=np.full(5, "idle", dtype=object))
    found = assessed(idle, view, raised.state)
    assert found.conditions == (raised.state.anomaly,)
    assert found.health.status is HealthStatus.NOT_RUNNING
    assert found.health.health == raised.health.health


def test_what_cannot_be_judged_has_no_health() -> None:
    blind = block_of(np.full((5, 4), np.nan), first=FIRST)
    found = assessed(blind, watched())
    assert found.health.status is HealthStatus.NO_DATA
    assert (found.health.health, found.health.anomaly) == (None, None)


def test_limits_are_judged_while_a_machine_still_learns() -> None:
    sensors = (a_sensor("vib", limits=(a_limit(value=2.5),)), *KIND.sensors[1:])
    machine = a_judged_machine(KIND, sensors=sensors)
    found = assessed(later(vib=3.0), watched(machine, learnt=False))
    (condition,) = found.conditions
    assert (condition.kind, condition.sensor) == (ConditionKind.LIMIT, "vib")


def a_long_story() -> WindowBlock:
    """Two pumps: one wears, is repaired and stands at times, the other has gaps and loses a sensor."""
    first = together(
        later(size=90), later(size=60, first=FIRST + 90, vib=1.2), later(size=90, first=FIRST + 150, vib=0.4)
    )
    second = later("pump2", size=240)
    first.states[70:80] = "idle"
    second.mean[100:130, 0] = np.nan
    second.count[100:130, 0] = 0
    return together(first, take_windows(second, (np.arange(240) < 30) | (np.arange(240) > 50)))


def test_a_history_at_once_and_window_by_window_come_to_the_same() -> None:
    view = watched(
        a_judged_machine(KIND),
        a_judged_machine(KIND, "pump2"),
        parts=(Renewal(slot=SlotId("bearing"), at_ns=NOON_NS + (FIRST + 150) * MINUTE_NS + 1),),
    )
    story = a_long_story()
    whole = assess_windows(story, view, {})
    states: dict[MachineId, DetectionState] = {}
    ended: set[tuple[str, int, int | None]] = set()
    hours: list[ConditionBlock] = []
    for start in np.unique(story.starts_ns):
        step = assess_windows(take_windows(story, story.starts_ns == start), view, states)
        states |= {each.machine: each.state for each in step.machines}
        ended |= {(c.machine, c.since_ns, c.until_ns) for each in step.machines for c in each.conditions if c.until_ns}
        hours.append(step.hours)
    for each in whole.machines:
        assert_same_state(states[each.machine], each.state)
    at_once = {(c.machine, c.since_ns, c.until_ns) for each in whole.machines for c in each.conditions if c.until_ns}
    assert ended == at_once
    assert_same_hours(hours, whole.hours)


def assert_same_state(first: DetectionState, second: DetectionState) -> None:
    assert first.alarm == second.alarm
    assert first.learning == second.learning
    assert first.renewals == second.renewals
    for kind in ("novelty", "indicators"):
        for part in ("value", "settled", "total", "weight"):
            own = [getattr(getattr(state.recursions, kind), part) for state in (first, second)]
            np.testing.assert_allclose(own[0], own[1], atol=1e-9)
    np.testing.assert_allclose(first.features.totals, second.features.totals, atol=1e-9)
    np.testing.assert_allclose(first.hour.totals, second.hour.totals, atol=1e-9)
    assert first.hour.counts == second.hour.counts


def assert_same_hours(steps: list[ConditionBlock], whole: ConditionBlock) -> None:
    def rows(blocks: list[ConditionBlock]) -> dict[tuple[str, str, int], tuple[float, float]]:
        return {
            (m, k, h): (v, w)
            for block in blocks
            for m, k, h, v, w in zip(
                block.machines, block.keys, block.hours_ns.tolist(), block.values, block.weights, strict=True
            )
        }

    found, expected = rows(steps), rows([whole])
    assert found.keys() == expected.keys()
    assert found.keys()
    for key, (value, weight) in expected.items():
        assert found[key] == (pytest.approx(value, abs=1e-9), weight)


def test_a_new_part_starts_anew_from_the_level_that_it_shows() -> None:
    worn = assessed(later(vib=1.5, temp=4.0), watched())
    changed = Renewal(slot=SlotId("bearing"), at_ns=NOON_NS + (FIRST + 60) * MINUTE_NS)
    view = watched(parts=(changed,))
    fresh = assessed(later(first=FIRST + 60, size=40, vib=0.5), view, worn.state)
    assert fresh.state.renewals == (changed,)
    bearing = fresh.health.slots[0]
    assert bearing.health > 95.0
    assert bearing.health > worn.health.slots[0].health
    kept = assessed(later(first=FIRST + 60, size=40, vib=0.5), watched(), worn.state)
    assert kept.health.slots[0].health < bearing.health


def test_a_part_that_came_while_the_machine_was_learnt_changes_nothing() -> None:
    early = Renewal(slot=SlotId("bearing"), at_ns=NOON_NS + 5 * MINUTE_NS)
    unknown = Renewal(slot=SlotId("elsewhere"), at_ns=NOON_NS + 500 * MINUTE_NS)
    found = assessed(later(size=400), watched(parts=(early, unknown)))
    assert found.state.renewals == ()


def test_a_machine_that_was_learnt_again_starts_anew() -> None:
    view = watched()
    raised = assessed(later(vib=1.5, temp=4.0), view)
    again = fit_type(extract(later(size=200, vib=1.5, temp=4.0), PLAN, {})[0], PLAN)
    found = assessed(later(first=FIRST + 200, vib=1.5, temp=4.0), replace(view, model=again), raised.state)
    assert found.conditions == ()
    assert found.health.health > 85.0


def test_a_machine_without_slots_is_as_healthy_as_its_score_is_low() -> None:
    found = assessed(later(), watched(a_judged_machine(KIND, slots=())))
    assert found.health.slots == ()
    assert found.health.health == pytest.approx(100.0 - 50.0 * found.health.anomaly)


def test_a_machine_that_was_never_scored_has_no_health_yet() -> None:
    found = assessed(later(size=1), watched(a_judged_machine(KIND, slots=())))
    assert found.health.status is HealthStatus.OK
    assert found.health.health is None


def test_hours_hold_the_mean_score_and_the_mean_indicator() -> None:
    block = later(size=130, first=240)
    hours = assess_windows(block, watched(), {}).hours
    assert set(hours.keys.tolist()) == {"", "bearing", "seal"}
    assert len(np.unique(hours.hours_ns)) == 2
    assert hours.weights.max() == 60.0


def test_nothing_comes_of_nothing() -> None:
    empty = assess_windows(take_windows(later(), np.zeros(60, dtype=bool)), watched(), {})
    assert empty.machines == ()
    assert empty.hours.machines.size == 0
