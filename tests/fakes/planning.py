"""Slots, plans and stores to test with, at the `NOW` of conclusions."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from configs.plant import MachineId, PartTypeId, Site, SiteId, SlotId
from models.prediction import Prediction, Reason, ReasonCode
from service.advisory.slot_plan import PlannedSlot, SlotFacts, plan_slot
from service.advisory.stock import OrderState, StockItem, StockOrder
from tests.fakes.conclusions import NOW, a_prediction
from tests.fakes.plants import a_machine, a_part_type, a_plant

SITE = a_plant().sites[0]
BY_COST = Reason(code=ReasonCode.COST_OPTIMUM, parameters=(5.0,))


def facts_of(
    machine: str = "pump1",
    *,
    slot: str = "seal",
    days: float = 20.0,
    site: Site = SITE,
    reasons: tuple[Reason, ...] = (BY_COST,),
    **part: Any,
) -> SlotFacts:
    """Return a slot whose P10, and day to replace, is so many days ahead."""
    owner = a_machine(machine)
    place = replace(owner.slots[0], id=SlotId(slot))
    prediction: Prediction = a_prediction(slot, days=days, machine=MachineId(machine), reasons=reasons)
    return SlotFacts(
        site=site,
        machine=replace(owner, slots=(place,)),
        slot=place,
        part=a_part_type(**part),
        prediction=prediction,
    )


def planned(*args: Any, **changes: Any) -> PlannedSlot:
    found = plan_slot(facts_of(*args, **changes), now=NOW)
    assert found is not None
    return found


def an_item(part_number: str = "S-1", **changes: Any) -> StockItem:
    item = StockItem(
        site=SiteId("busan"),
        part_number=part_number,
        name="Seal",
        fits=(PartTypeId("pump.seal"),),
        replaces=(),
        on_hand=1,
        minimum=0,
        supplier="Hana",
        price_krw=90_000.0,
        lead_time_days=7.0,
        changed_at=NOW,
        changed_by="Lee",
    )
    return replace(item, **changes)


def an_order(quantity: int = 1, *, days: float = 3.0, **changes: Any) -> StockOrder:
    order = StockOrder(
        id=f"o{quantity}",
        site=SiteId("busan"),
        part_number="S-1",
        quantity=quantity,
        ordered_at=NOW,
        due_at=NOW + timedelta(days=days),
        supplier=None,
        price_krw=None,
        state=OrderState.OPEN,
        closed_at=None,
        said_by="Lee",
    )
    return replace(order, **changes)
