"""Which spare part is for which slot, and when it is there.

Parts in store, and then those on order as they come, go to the slots that need them first; a slot needs its part on the day
that it is to be replaced or may fail (P10), whichever comes first. Substitutes that their own slots leave over go to those who would
wait longest. Of a part number whose stock nobody recorded nothing is known, so that no plan waits for it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from configs.plant import MachineId, PartType, PartTypeId, SiteId, SlotId
from models.prognosis.decision import SAFETY_DAYS
from service.advisory.slot_plan import PlannedSlot
from service.advisory.stock import OrderState, StockItem, StockOrder, Store

Place = tuple[MachineId, SlotId]

SOONEST = timedelta(days=1)
"""An order that should have come by now may come tomorrow."""


class SpareState(StrEnum):
    """Where the spare of a slot is."""

    IN_STORE = "in_store"
    ON_ORDER = "on_order"
    TO_ORDER = "to_order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spare:
    """The spare of a slot: `at` is when it is there, at the earliest; `order_by` the last day to order it in good time.

    `order_by` is None where it is there or has been ordered.
    """

    state: SpareState
    at: datetime
    order_by: datetime | None = None


def spares_of(slots: Iterable[PlannedSlot], store: Store, *, now: datetime) -> Mapping[Place, Spare]:
    """Return the spare of every slot whose part number has a recorded stock."""
    usual = {(item.site, part): item for item in store.items for part in item.fits}
    queues = {(item.site, item.part_number): _queue(item, store.orders, now) for item in store.items}
    found: dict[Place, Spare] = {}
    late: list[tuple[PlannedSlot, StockItem]] = []
    for slot in sorted(slots, key=lambda each: needed_at(each, now)):
        item = usual.get((slot.facts.site.id, slot.facts.part.id))
        if item is None:
            continue
        spare = _taken(queues[item.site, item.part_number], slot.facts.part.quantity)
        found[place_of(slot)] = spare or _to_order(slot, item, now)
        if spare is None:
            late.append((slot, item))
    for slot, item in late:
        spare = _substitute(slot, item, store.items, queues)
        found[place_of(slot)] = spare or found[place_of(slot)]
    return found


def needed_at(slot: PlannedSlot, now: datetime) -> datetime:
    """Return when a slot needs its part: on its planned day, or by when one in ten has failed."""
    return max(now, min(slot.remaining.p10_at, slot.due or slot.remaining.p10_at))


def place_of(slot: PlannedSlot) -> Place:
    """Return the place of a slot in the plant."""
    return slot.facts.machine.id, slot.facts.slot.id


def _queue(item: StockItem, orders: Sequence[StockOrder], now: datetime) -> list[Spare]:
    """Return the parts of a number one by one, the last to come first."""
    own = sorted(
        (
            order
            for order in orders
            if (order.site, order.part_number, order.state) == (item.site, item.part_number, OrderState.OPEN)
        ),
        key=lambda order: order.due_at,
    )
    coming = [
        Spare(state=SpareState.ON_ORDER, at=max(order.due_at, now + SOONEST))
        for order in own
        for _ in range(order.quantity)
    ]
    return [*reversed(coming), *[Spare(state=SpareState.IN_STORE, at=now)] * item.on_hand]


def _taken(queue: list[Spare], quantity: int) -> Spare | None:
    """Take parts for one replacement out of a queue; return the last of them, None where there are not enough."""
    if len(queue) < quantity:
        return None
    taken = [queue.pop() for _ in range(quantity)]
    return taken[-1]


def _to_order(slot: PlannedSlot, item: StockItem, now: datetime) -> Spare:
    lead = lead_time_of(item, (slot.facts.part,))
    latest = needed_at(slot, now) - timedelta(days=lead + SAFETY_DAYS)
    return Spare(state=SpareState.TO_ORDER, at=now + timedelta(days=lead), order_by=max(now, latest))


def _substitute(
    slot: PlannedSlot,
    item: StockItem,
    items: Iterable[StockItem],
    queues: Mapping[tuple[SiteId, str], list[Spare]],
) -> Spare | None:
    """Take what another part number has over: what lies there, above its minimum."""
    for other in _substitutes(slot.facts.part.id, item.site, items):
        queue = queues[other.site, other.part_number]
        there = sum(spare.state is SpareState.IN_STORE for spare in queue)
        if there - other.minimum >= slot.facts.part.quantity:
            return [queue.pop() for _ in range(slot.facts.part.quantity)][-1]
    return None


def _substitutes(part: PartTypeId, site: SiteId, items: Iterable[StockItem]) -> Iterator[StockItem]:
    return (item for item in items if item.site == site and part in item.replaces)


def lead_time_of(item: StockItem, parts: Sequence[PartType]) -> float:
    """Return how many days an order of a part number takes: its own time, else the catalogue's longest."""
    return item.lead_time_days if item.lead_time_days is not None else max(part.lead_time_days for part in parts)
