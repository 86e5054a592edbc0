"""What to order, against stock, orders and the needs of all slots."""

from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import PartType, PartTypeId
from models.prediction import Reason, ReasonCode
from service.advisory.budget import budget_of, served_by
from service.advisory.costs import CostBasis
from service.advisory.slot_plan import PlannedSlot
from service.advisory.stock import OrderState, StockItem, StockOrder, Store
from service.advisory.supply import HORIZON_DAYS, SupplyLine, demand_of, supply_lines
from tests.fakes.conclusions import NOW
from tests.fakes.planning import SITE, an_item, an_order, planned
from tests.fakes.plants import a_part_type

FAILS = Reason(code=ReasonCode.RUN_TO_FAILURE)
SEAL, BELT = PartTypeId("pump.seal"), PartTypeId("pump.belt")
PARTS = {SEAL: a_part_type(), BELT: a_part_type("pump.belt")}


def lines(
    *slots: PlannedSlot,
    items: tuple[StockItem, ...] = (),
    orders: tuple[StockOrder, ...] = (),
    parts: dict[PartTypeId, PartType] = PARTS,
) -> tuple[SupplyLine, ...]:
    return supply_lines(slots, Store(items=items, orders=orders), parts, now=NOW)


def days_to(line: SupplyLine, at: str = "order_by") -> float:
    when = getattr(line, at)
    return (when - NOW) / timedelta(days=1)


def test_a_part_is_ordered_a_lead_time_and_safety_before_it_is_needed() -> None:
    """P10 in 20 days, 7 days of lead time and 7 of safety: to be ordered in 6 days, which is before the next review."""
    (line,) = lines(planned(reasons=(FAILS,)), items=(an_item(on_hand=0),))
    assert days_to(line, "needed_by") == pytest.approx(20.0, abs=0.7)
    assert days_to(line) == pytest.approx(6.0, abs=0.7)
    assert line.quantity == 1
    assert line.cost_krw == 90_000.0


def test_what_is_there_is_not_ordered_but_what_follows_is_foreseen() -> None:
    (line,) = lines(planned(days=20.0, eta=800.0), items=(an_item(on_hand=1),))
    assert line.quantity == 0
    assert line.needed_by is not None
    assert line.needed_by > NOW + timedelta(days=25)


def test_what_is_on_order_counts_and_is_pressed_for_where_it_comes_late() -> None:
    slot = planned(days=5.0)
    (in_time,) = lines(slot, items=(an_item(on_hand=0),), orders=(an_order(days=3.0),))
    (late,) = lines(slot, items=(an_item(on_hand=0),), orders=(an_order(days=30.0),))
    (closed,) = lines(slot, items=(an_item(on_hand=0),), orders=(an_order(state=OrderState.CANCELLED),))
    assert (in_time.quantity, in_time.on_order, in_time.comes_late) == (0, 1, False)
    assert (late.quantity, late.comes_late) == (0, True)
    assert (closed.quantity, closed.on_order, closed.arrives_at) == (1, 0, None)


def test_slots_of_several_machines_share_the_stock_of_their_part_number() -> None:
    slots = [planned(f"pump{i}", days=3.0) for i in range(3)]
    (line,) = lines(*slots, items=(an_item(on_hand=1),))
    assert line.quantity == 2
    assert [need.slot.facts.machine.id for need in line.needs] == ["pump0", "pump1", "pump2"]
    assert [need.slot.facts.machine.id for need in served_by(line)] == ["pump1", "pump2"]


def test_one_part_number_serves_several_part_types() -> None:
    belt = planned("pump2", slot="belt", days=3.0, name="pump.belt")
    (line,) = lines(planned(days=3.0), belt, items=(an_item(fits=(SEAL, BELT), on_hand=0),))
    assert line.quantity == 2


def test_a_substitute_counts_as_far_as_its_own_slots_leave_it() -> None:
    belt = planned("pump2", slot="belt", days=3.0, name="pump.belt")
    seal = planned(days=3.0, reasons=(FAILS,))
    substitute = an_item("B-1", fits=(BELT,), replaces=(SEAL,), on_hand=5)
    found = {line.item.part_number: line for line in lines(seal, belt, items=(an_item(on_hand=0), substitute))}
    assert found["S-1"].spare_substitutes >= 1
    assert found["S-1"].quantity == 0
    scarce = replace(substitute, on_hand=1)
    found = {line.item.part_number: line for line in lines(seal, belt, items=(an_item(on_hand=0), scarce))}
    assert (found["S-1"].spare_substitutes, found["S-1"].quantity) == (0, 1)


def test_the_minimum_is_kept_whatever_is_predicted() -> None:
    (line,) = lines(items=(an_item(on_hand=1, minimum=3),))
    assert (line.quantity, line.order_by, line.needs) == (2, None, ())
    assert line.always_late is False


def test_a_part_of_which_no_stock_is_recorded_is_ordered_by_the_catalogues_figures() -> None:
    (line,) = lines(planned(days=3.0))
    assert not line.is_recorded
    assert (line.price_krw, line.lead_time_days, line.quantity) == (100_000.0, 7.0, 1)
    assert days_to(line) == 0.0


def test_a_lead_time_longer_than_the_life_is_told() -> None:
    (line,) = lines(planned(days=3.0, eta=400.0, lead_time_days=60.0))
    assert line.always_late
    assert line.quantity >= 2


def test_an_item_that_no_known_part_uses_is_left_out() -> None:
    assert lines(items=(an_item(fits=()),)) == ()


def test_expected_demand_rises_with_the_weeks_and_its_range_holds_the_mean() -> None:
    slots = [planned(f"pump{i}", days=10.0 + 8 * i, eta=1500.0) for i in range(6)]
    (line,) = lines(*slots)
    assert [each.weeks for each in line.expected] == [4, 12, 26]
    means = [each.mean for each in line.expected]
    assert means == sorted(means)
    assert all(each.p10 <= each.mean <= each.p90 for each in line.expected)


def test_what_must_be_ordered_comes_first_and_the_most_urgent_before_the_rest() -> None:
    near = planned("pump1", days=2.0)
    far = planned("pump2", slot="belt", days=160.0, name="pump.belt")
    assert [line.part.id for line in lines(far, near)] == ["pump.seal", "pump.belt"]
    never = planned("pump2", slot="belt", days=3 * HORIZON_DAYS, name="pump.belt", reasons=(FAILS,))
    assert [line.order_by is None for line in lines(never, near)] == [False, True]


def test_a_free_part_still_has_a_policy_and_failures_seen_narrow_the_demand() -> None:
    learnt = Reason(code=ReasonCode.SITE_LIVES, parameters=(30.0, 40.0))
    optimum = Reason(code=ReasonCode.COST_OPTIMUM, parameters=(5.0,))
    vague = lines(*[planned(f"pump{i}", days=9.0, eta=700.0, price_krw=0.0) for i in range(8)])[0]
    sure = lines(*[planned(f"pump{i}", days=9.0, eta=700.0, reasons=(optimum, learnt)) for i in range(8)])[0]
    assert sure.expected[2].p90 - sure.expected[2].p10 < vague.expected[2].p90 - vague.expected[2].p10


def test_a_budget_says_what_the_list_costs_and_what_it_averts() -> None:
    slot = planned(days=3.0)
    found = budget_of(lines(slot))
    assert found.spent == 100_000.0
    assert found.averted == pytest.approx(0.4 * 400_000.0)
    assert (found.slots, found.basis) == (1, CostBasis.CATALOGUE)
    typed = planned(days=3.0, site=replace(SITE, cost_unplanned_krw=2_100_000.0))
    assert budget_of(lines(typed)).basis is CostBasis.TYPED
    assert budget_of(lines(planned(days=500.0))).slots == 0


def test_a_day_that_readings_may_move_on_needs_its_part_later_than_one_that_is_sure() -> None:
    age = Reason(code=ReasonCode.AGE_USED, parameters=(3000.0, 9000.0))
    optimum = Reason(code=ReasonCode.COST_OPTIMUM, parameters=(5.0,))
    shows = Reason(code=ReasonCode.TREND, parameters=(60.0, 1.0))
    watched, worn = planned(days=30.0, reasons=(optimum, age)), planned(days=30.0, reasons=(optimum, age, shows))
    blind = replace(watched, facts=replace(watched.facts, prediction=None))
    moving, fixed, unknown = (
        demand_of([replace(slot, due=NOW + timedelta(days=10))], notice=21.0, now=NOW)
        for slot in (watched, worn, blind)
    )
    assert (moving.moves.tolist(), fixed.moves.tolist(), unknown.moves.tolist()) == ([True], [False], [False])
    assert moving.age[0] == pytest.approx(3000.0 * 60.0 / (30.0 * 40.0))


def test_a_part_that_lasts_hours_is_bought_by_the_week_and_its_demand_grows_evenly() -> None:
    tool = planned(days=0.5, eta=20.0)
    (line,) = lines(tool, parts={SEAL: a_part_type(eta=20.0)})
    assert line.is_consumed
    assert not line.always_late
    four, twelve, half_year = line.expected
    assert twelve.mean == pytest.approx(3.0 * four.mean, rel=0.1)
    assert half_year.mean == pytest.approx(6.5 * four.mean, rel=0.1)
    assert four.p10 < four.mean < four.p90
