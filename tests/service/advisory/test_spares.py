"""Which spare is for which slot, and when it is there."""

from datetime import datetime, timedelta

import pytest

from configs.plant import MachineId, PartTypeId, SlotId
from models.prediction import Reason, ReasonCode
from service.advisory.slot_plan import PlannedSlot
from service.advisory.spares import Spare, SpareState, spares_of
from service.advisory.stock import OrderState, StockItem, StockOrder, Store
from tests.fakes.conclusions import NOW
from tests.fakes.planning import an_item, an_order, planned

SEAL, BELT = PartTypeId("pump.seal"), PartTypeId("pump.belt")


def spares(*slots: PlannedSlot, items: tuple[StockItem, ...], orders: tuple[StockOrder, ...] = ()) -> dict[str, Spare]:
    found = spares_of(slots, Store(items=items, orders=orders), now=NOW)
    return {str(machine): spare for (machine, _), spare in found.items()}


def days(at: datetime | None) -> float:
    assert at is not None
    return (at - NOW) / timedelta(days=1)


def test_what_is_there_goes_to_whoever_needs_it_first_then_what_is_coming_then_what_is_to_be_ordered() -> None:
    slots = [planned("c", days=50.0), planned("a", days=3.0), planned("b", days=20.0)]
    found = spares(*slots, items=(an_item(on_hand=1),), orders=(an_order(days=9.0),))
    assert [found[name].state for name in "abc"] == [SpareState.IN_STORE, SpareState.ON_ORDER, SpareState.TO_ORDER]
    assert (days(found["a"].at), days(found["b"].at), days(found["c"].at)) == (0.0, 9.0, 7.0)
    assert [found[name].order_by is None for name in "abc"] == [True, True, False]
    assert days(found["c"].order_by) == pytest.approx(50.0 - 7.0 - 7.0)


def test_an_order_that_should_have_come_may_come_tomorrow_and_closed_ones_do_not_count() -> None:
    overdue, closed = an_order(days=-3.0), an_order(2, days=1.0, state=OrderState.RECEIVED)
    found = spares(planned("a"), planned("b"), items=(an_item(on_hand=0),), orders=(closed, overdue))
    assert sorted(spare.state for spare in found.values()) == ["on_order", "to_order"]
    assert min(days(spare.at) for spare in found.values()) == 1.0


def test_a_slot_that_takes_two_parts_waits_for_the_second() -> None:
    pair = planned("a", quantity=2)
    found = spares(pair, items=(an_item(on_hand=1),), orders=(an_order(days=5.0),))
    assert (found["a"].state, days(found["a"].at)) == (SpareState.ON_ORDER, 5.0)
    assert spares(pair, items=(an_item(on_hand=1),))["a"].state is SpareState.TO_ORDER


def test_a_substitute_serves_who_would_wait_as_far_as_its_own_slots_and_its_minimum_leave_it() -> None:
    seal, belt = planned("a", days=3.0), planned("b", slot="belt", days=3.0, name="pump.belt")
    own = an_item(on_hand=0)
    scarce, plenty, kept = (
        an_item("B-1", fits=(BELT,), replaces=(SEAL,), on_hand=on_hand, minimum=minimum)
        for on_hand, minimum in ((1, 0), (2, 0), (2, 1))
    )
    assert spares(seal, belt, items=(own, plenty))["a"].state is SpareState.IN_STORE
    assert spares(seal, belt, items=(own, scarce))["a"].state is SpareState.TO_ORDER
    assert spares(seal, belt, items=(own, kept))["a"].state is SpareState.TO_ORDER


def test_nothing_is_said_of_a_part_whose_stock_nobody_recorded() -> None:
    assert spares(planned("a"), items=()) == {}


def test_a_part_that_runs_to_failure_is_needed_by_its_lower_quantile() -> None:
    runs = planned("a", days=30.0, reasons=(Reason(code=ReasonCode.RUN_TO_FAILURE),))
    found = spares_of([runs], Store(items=(an_item(on_hand=0),), orders=()), now=NOW)
    assert days(found[MachineId("a"), SlotId("seal")].order_by) == pytest.approx(30.0 - 14.0)
