"""The plan of slots, stops and what may share them."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from configs.calendar import Shift, WorkCalendar, public_holidays
from configs.plant import MachineId, SlotId
from models.prediction import Reason, ReasonCode
from service.advisory.plan import NoteKind, make_plan, stops_of, worth_replacing
from service.advisory.slot_plan import PlannedSlot, SlotFacts, Timing, plan_slot
from tests.fakes.conclusions import NOW
from tests.fakes.planning import BY_COST, SITE, facts_of, planned

SEOUL = ZoneInfo("Asia/Seoul")
DAYTIME = Shift(name="day", start=time(8), end=time(17), weekdays=(0, 1, 2, 3, 4))
WORKING = replace(SITE, calendar=WorkCalendar(shifts=(DAYTIME,), holidays=public_holidays("KR")))
PRICED = replace(SITE, downtime_krw_per_hour=1_000_000.0, planned_stop_h=2.0)
TWELVE_WEEKS = NOW + timedelta(weeks=12)


def slots_of_stops(slots: list[PlannedSlot]) -> list[list[str]]:
    ordered = sorted(slots, key=lambda slot: slot.due or TWELVE_WEEKS)
    return [[slot.facts.slot.id for slot in stop.slots] for stop in stops_of(ordered, until=TWELVE_WEEKS)]


def test_a_part_is_replaced_in_the_last_shift_before_its_day() -> None:
    slot = planned(days=20.0, site=WORKING)
    assert slot.due == datetime(2026, 12, 14, 8, tzinfo=SEOUL)
    assert slot.turn is not None
    assert not slot.is_overdue
    assert planned(days=20.0).due == NOW + timedelta(days=20)
    assert planned(days=200.0, site=WORKING).turn is None


def test_what_is_overdue_is_done_in_the_shift_under_way_or_the_next() -> None:
    slot = planned(days=-3.0, site=WORKING)
    assert (slot.is_overdue, slot.due) == (True, datetime(2026, 11, 25, 8, tzinfo=SEOUL))
    late = Shift(name="late", start=time(14), end=time(22), weekdays=(0, 1, 2, 3, 4))
    assert planned(days=-3.0, site=replace(SITE, calendar=WorkCalendar(shifts=(late,)))).due == NOW
    assert planned(days=-3.0).due == NOW


@pytest.mark.parametrize(
    ("reasons", "timing"),
    [
        ((BY_COST,), Timing.BY_COST),
        ((Reason(code=ReasonCode.CHOSEN_RISK, parameters=(0.1,)),), Timing.BY_RISK),
        ((Reason(code=ReasonCode.RUN_TO_FAILURE),), Timing.RUN_TO_FAILURE),
        ((Reason(code=ReasonCode.UNKNOWN_START, parameters=(0.0,)),), Timing.UNKNOWN_AGE),
        ((Reason(code=ReasonCode.TREND, parameters=(1.0, 1.0)),), Timing.BY_COST),
    ],
)
def test_the_reason_of_the_day_is_told(reasons: tuple[Reason, ...], timing: Timing) -> None:
    slot = planned(reasons=reasons)
    assert slot.timing is timing
    assert (slot.due is None) == (timing in {Timing.RUN_TO_FAILURE, Timing.UNKNOWN_AGE})


def test_a_part_without_a_number_is_told_and_the_rest_is_planned() -> None:
    mute = replace(facts_of("pump2"), prediction=None)
    plan = make_plan([mute, facts_of("pump1")], now=NOW)
    assert plan.unplanned == (mute,)
    assert [slot.facts.machine.id for slot in plan.slots] == ["pump1"]
    assert len(plan.stops) == 1


def test_a_life_here_follows_the_median_that_the_prediction_knows() -> None:
    aged = Reason(code=ReasonCode.AGE_USED, parameters=(3000.0, 6000.0))
    known, unknown = planned(reasons=(BY_COST, aged)), planned(reasons=(BY_COST,), beta=2.0, eta=8000.0)
    assert known.scale_days == pytest.approx(6000.0 / 0.8325546 / 20.0, rel=1e-6)
    assert unknown.scale_days == pytest.approx(8000.0 / 20.0, rel=1e-6)
    assert known.cost_per_day == pytest.approx(known.costs.planned / known.cycle_days)


def test_replacements_within_a_week_share_a_stop_where_standing_has_no_price() -> None:
    near, far = planned(slot="a", days=20.0), planned(slot="b", days=26.0)
    late = planned(slot="c", days=30.0)
    assert slots_of_stops([near, far, late]) == [["a", "b"], ["c"]]


def test_a_part_comes_forward_where_that_costs_less_than_a_stop_of_its_own() -> None:
    cheap = planned(slot="cheap", days=40.0, site=PRICED)
    dear = planned(slot="dear", days=40.0, site=PRICED, price_krw=400_000_000.0)
    first = planned(slot="first", days=20.0, site=PRICED)
    assert slots_of_stops([first, cheap, dear]) == [["first", "cheap"], ["dear"]]
    stop = stops_of([first, cheap], until=TWELVE_WEEKS)[0]
    assert stop.pulled == (cheap,)
    assert stop.saved == pytest.approx(2_000_000.0 - cheap.cost_per_day * 20.0)
    assert not stop.is_overdue


def test_nothing_comes_forward_by_more_than_four_weeks_and_later_stops_are_left_out() -> None:
    first, later = planned(slot="first", days=2.0, site=PRICED), planned(slot="later", days=40.0, site=PRICED)
    beyond = planned(slot="beyond", days=100.0, site=PRICED)
    assert slots_of_stops([first, later, beyond]) == [["first"], ["later"]]


def test_a_machine_that_stands_now_is_offered_what_is_due_soon() -> None:
    soon, late = facts_of(slot="soon", days=5.0), facts_of(slot="late", days=60.0)
    plan = make_plan([soon, late], standing=[MachineId("pump1"), MachineId("pump2")], now=NOW)
    assert {machine: [each.facts.slot.id for each in found] for machine, found in plan.chances.items()} == {
        "pump1": ["soon"]
    }
    assert worth_replacing([planned(reasons=(Reason(code=ReasonCode.RUN_TO_FAILURE),))], now=NOW) == ()
    overdue = planned(days=-2.0)
    assert worth_replacing([overdue], now=NOW) == (overdue,)


def notes(facts: SlotFacts, now: datetime = NOW) -> list[NoteKind]:
    return [note.kind for note in make_plan([facts], now=now).notes]


def test_a_plan_says_what_it_lacks() -> None:
    assert notes(facts_of()) == [NoteKind.NO_CALENDAR, NoteKind.NO_COSTS]
    typed = replace(WORKING, cost_unplanned_krw=5e6)
    assert notes(facts_of(site=typed)) == []
    assert notes(facts_of(site=typed), now=NOW.replace(year=2031, month=12)) == [NoteKind.CALENDAR_ENDS]
    closed = tuple(NOW.date() + timedelta(days=day) for day in range(-5, 100))
    asleep = replace(typed, calendar=WorkCalendar(shifts=(DAYTIME,), closed=closed))
    assert notes(facts_of(site=asleep)) == [NoteKind.NO_SHIFT]


def test_a_plan_without_slots_is_empty() -> None:
    plan = make_plan([], now=NOW)
    assert (plan.stops, plan.slots, plan.notes) == ((), (), ())
    assert plan_slot(replace(facts_of(), prediction=None), now=NOW) is None


def test_a_replacement_waits_for_its_spare_and_is_not_brought_forward_before_it() -> None:
    comes = NOW + timedelta(days=9, hours=1)
    at = {(MachineId("pump1"), SlotId("late")): comes}
    facts = [facts_of(slot="soon", days=3.0, site=WORKING), facts_of(slot="late", days=4.0, site=WORKING)]
    together, apart = make_plan(facts, now=NOW), make_plan(facts, spare_at=at, now=NOW)
    assert [{each.facts.slot.id for each in stop.slots} for stop in together.stops] == [{"soon", "late"}]
    assert [[each.facts.slot.id for each in stop.slots] for stop in apart.stops] == [["soon"], ["late"]]
    waiting = apart.stops[1].slots[0]
    assert waiting.spare_at == comes
    assert waiting.due is not None
    assert waiting.due >= comes
    assert waiting.turn is not None
    assert waiting.turn.name == "day"
    nowhere = make_plan([facts_of(slot="late", days=4.0)], spare_at=at, now=NOW).stops[0]
    assert (nowhere.at, nowhere.turn) == (comes, None)
