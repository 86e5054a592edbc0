from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from configs.plant import LifeUnit, MachineId, SlotId
from ingest.meter import MeterState
from ingest.ports import ConditionBlock
from models.features.windowing import extract
from models.health import Health, HealthStatus, SlotHealth
from models.health_assessment.detection_state import DetectionState, fresh_recursions
from models.training.fit import fit_type
from service.monitor.codec import decode_state, encode_state
from service.monitor.evidence import MachineEvidence, SlotAsked, evidence_of, file_records, rate_of
from service.monitor.fleet import Fleet, fleets_of, renewals_of
from service.monitor.schedule import Schedule, interval_s
from tests.fakes.parts import NOW, NOW_NS, a_closed_life, a_life
from tests.fakes.plants import a_part_type, a_plant
from tests.fakes.windows import PLAN, a_judged_machine, a_judged_type, windows

PUMP = MachineId("pump1")
HOURS = LifeUnit.OPERATING_HOURS
KIND = a_judged_type()
MODEL = fit_type(extract(windows(), PLAN, {})[0], PLAN)


def a_meter(value: float) -> MeterState:
    return MeterState(machine=PUMP, unit=HOURS, value=value, at_ns=NOW_NS)


def test_a_meters_rate_is_taken_since_the_newest_record_that_is_four_weeks_old() -> None:
    old = a_closed_life(400.0, id="a", installed_at=NOW - timedelta(days=400), removed_at=NOW - timedelta(days=60))
    young = a_life(id="b", installed_at=NOW - timedelta(days=10), meter_at_install=1900.0)
    records = file_records([old, young], [a_meter(2000.0)])
    rate = rate_of(records, PUMP, HOURS, NOW)
    assert rate is not None
    assert rate.per_day == pytest.approx(10.0, abs=0.1)


def test_a_meter_without_an_old_record_is_read_from_its_oldest() -> None:
    records = file_records([a_life(used_days=10.0)], [a_meter(1200.0)])
    rate = rate_of(records, PUMP, HOURS, NOW)
    assert rate is not None
    assert rate.per_day == pytest.approx(20.0, rel=0.06)


def test_calendar_days_pass_and_an_unknown_meter_says_nothing() -> None:
    records = file_records([], [])
    assert rate_of(records, PUMP, LifeUnit.CALENDAR_DAYS, NOW).per_day == 1.0
    assert rate_of(records, PUMP, HOURS, NOW) is None
    only_meter = file_records([], [a_meter(5.0)])
    assert rate_of(only_meter, PUMP, HOURS, NOW) is not None


def the_evidence(*, learnt: bool = True, hours: int = 3, has_health: bool = True):
    machine = a_judged_machine(KIND)
    slot = machine.slots[0]
    state = DetectionState()
    if learnt:
        recursions = fresh_recursions(MODEL, 0, (slot.id,))
        row = replace(recursions.novelty, value=(3.0, *recursions.novelty.value[1:]))
        state = replace(state, recursions=replace(recursions, novelty=row))
    health = Health(
        machine=PUMP,
        at_ns=NOW_NS,
        status=HealthStatus.OK,
        health=80.0,
        anomaly=0.3,
        learnt_s=1.0,
        needed_s=1.0,
        slots=(SlotHealth(slot=slot.id, health=80.0, indicator=20.0),),
    )
    block = ConditionBlock(
        machines=np.array([PUMP] * hours, dtype=object),
        keys=np.array(["bearing"] * hours, dtype=object),
        hours_ns=np.arange(hours, dtype=np.int64),
        values=np.full(hours, 20.0),
        weights=np.full(hours, 60.0),
    )
    known = MachineEvidence(state=state, health=health if has_health else None, holding=(), hours=block)
    fleet = Fleet(equipment_type=KIND, plan=PLAN, machines={PUMP: machine}, model=MODEL, digest="d" * 64)
    asked = SlotAsked(site=a_plant().sites[0], machine=machine, slot=slot, part_type=a_part_type())
    return evidence_of(asked, fleet, file_records([a_life(slot=slot.id)], [a_meter(1200.0)]), known, (NOW, 4))


def test_a_slots_evidence_holds_its_life_its_course_and_what_moved() -> None:
    found = the_evidence()
    assert found.life is not None
    assert (found.meter, found.plant_revision, found.model_digest) == (1200.0, 4, "d" * 64)
    assert found.indicator is not None
    assert found.indicator.values.tolist() == [20.0] * 3
    (moved,) = found.contributions
    assert (moved.sensor, moved.deviation) == ("vib", 3.0)
    assert moved.expected < moved.value


def test_without_hours_or_a_baseline_there_is_no_course_and_nothing_moved() -> None:
    assert the_evidence(hours=0).indicator is None
    assert the_evidence(learnt=False).contributions == ()
    bare = the_evidence(has_health=False)
    assert (bare.indicator, bare.contributions, bare.model_digest) == (None, (), "")


def test_a_detection_state_survives_json() -> None:
    state = DetectionState(recursions=fresh_recursions(MODEL, 0, (SlotId("bearing"),)), score=0.5)
    assert decode_state(encode_state(state)) == state
    assert decode_state("{}") == DetectionState()


@pytest.mark.parametrize("text", ["", "nonsense", '{"recursions": 5}'])
def test_a_state_that_cannot_be_read_is_built_anew(text: str) -> None:
    assert decode_state(text) == DetectionState()


def test_parts_that_last_hours_show_no_trend_and_kinds_without_machines_are_no_fleet() -> None:
    tool = a_part_type("pump.tool", eta=1.0)
    kind = a_judged_type()
    machine = a_judged_machine(kind, slots=(replace(kind.slots[0], part_type=tool.id), kind.slots[1]))
    plant = replace(a_plant(machine, kinds=(kind, replace(kind, id="empty"))), part_types=(tool, a_part_type()))
    (fleet,) = fleets_of(plant)
    assert [slot.id for slot in fleet.machines[PUMP].slots] == ["seal"]


def test_renewals_come_in_order_of_time() -> None:
    first, second = a_life(used_days=50.0), a_life(used_days=5.0)
    times = [each.at_ns for each in renewals_of([second, first])[PUMP]]
    assert times == sorted(times)


def test_the_cadence_follows_the_life_of_the_part() -> None:
    assert interval_s(a_part_type(), 3600.0) == 3600.0
    assert interval_s(a_part_type(eta=10.0), 3600.0) == pytest.approx(8.3255 / 11.0 * 86_400 / 50, rel=0.01)
    assert interval_s(a_part_type(eta=0.001), 3600.0) == 60.0
    assert interval_s(a_part_type(eta=0.001), 20.0) == 20.0


def test_slots_come_due_spread_over_the_hour_and_at_once_when_asked_for() -> None:
    schedule, part = Schedule(longest_s=3600.0), a_part_type()
    slots = [(PUMP, SlotId(f"s{i}")) for i in range(40)]
    assert all(schedule.is_due(slot, part, NOW) for slot in slots)
    for slot in slots:
        schedule.done(slot, part, NOW)
    due = [sum(schedule.is_due(slot, part, NOW + timedelta(minutes=m)) for slot in slots) for m in (0, 30, 60)]
    assert due[0] == 0
    assert 5 < due[1] < 35
    assert due[2] == 40
    schedule.hurry(slots[:1])
    assert schedule.is_due(slots[0], part, NOW)


def test_due_slots_are_looked_for_every_few_seconds_and_at_once_when_asked_for() -> None:
    schedule = Schedule(longest_s=3600.0)
    assert schedule.attends("pump", NOW)
    assert not schedule.attends("pump", NOW + timedelta(seconds=9))
    assert schedule.attends("fan", NOW + timedelta(seconds=9))
    schedule.hurry([(PUMP, SlotId("seal"))])
    assert schedule.attends("pump", NOW + timedelta(seconds=9))
