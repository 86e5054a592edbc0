"""Changes of the store of spare parts: what is there, what is ordered, what came in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from configs.plant import PartTypeId, Plant, SiteId
from ingest.part_life import PartLife
from service.actor import Actor
from service.advisory.findings import draw_id
from service.advisory.replacement import check_text
from service.advisory.stock import (
    LONGEST_LEAD_DAYS,
    OrderState,
    StockItem,
    StockOrder,
    check_item,
    check_quantity,
    closed_order,
)
from service.errors import InvalidRequestError, NotFoundError
from service.security.rights import Right, require
from service.state import audit, stock
from service.state.audit import AuditedAct
from service.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWish:
    """Parts that were ordered; without a day they come after `lead_time_days`."""

    site: SiteId
    part_number: str
    quantity: int
    lead_time_days: float
    due_at: datetime | None = None
    supplier: str | None = None
    price_krw: float | None = None


def set_items(
    database: StateDatabase, actor: Actor, items: Sequence[StockItem], *, plant: Plant, now: datetime
) -> tuple[StockItem, ...]:
    """Keep part numbers as they were typed in or imported, all or none; return them as they are kept."""
    known = frozenset(part.id for part in plant.part_types)
    kept = []
    with database.transaction() as session:
        for item in items:
            require(actor, Right.CHANGE_STOCK, item.site)
            _check_site(plant, item.site)
            kept.append(_set_item(session, actor, item, known, now=now))
    return tuple(kept)


def remove_item(database: StateDatabase, actor: Actor, site: SiteId, part_number: str, *, now: datetime) -> None:
    """Take a part number out of the store; NotFoundError where it is not there."""
    require(actor, Right.CHANGE_STOCK, site)
    with database.transaction() as session:
        before = _existing(session, actor, site, part_number)
        stock.remove_item(session, site, part_number)
        act = _act("stock_item_removed", before, before=_told(before))
        audit.append(session, actor, act, now=now)


def record_order(database: StateDatabase, actor: Actor, wish: OrderWish, *, plant: Plant, now: datetime) -> StockOrder:
    """Keep that parts were ordered."""
    require(actor, Right.CHANGE_STOCK, wish.site)
    _check_site(plant, wish.site)
    due_at = wish.due_at or now + timedelta(days=min(max(wish.lead_time_days, 0.0), LONGEST_LEAD_DAYS))
    if not now - timedelta(days=1) <= due_at <= now + timedelta(days=LONGEST_LEAD_DAYS):
        raise InvalidRequestError("due_at: the parts come today or later, within ten years; correct the day")
    order = StockOrder(
        id=draw_id(wish.site, f"order:{wish.part_number}", now),
        site=wish.site,
        part_number=wish.part_number,
        quantity=check_quantity("quantity", wish.quantity, least=1),
        ordered_at=now,
        due_at=due_at,
        supplier=check_text("supplier", wish.supplier),
        price_krw=wish.price_krw,
        state=OrderState.OPEN,
        closed_at=None,
        said_by=actor.name,
    )
    with database.transaction() as session:
        stock.add_order(session, order)
        act = AuditedAct(
            action="stock_ordered",
            object_kind="stock_order",
            object_id=order.id,
            site=order.site,
            after=f"{order.quantity} {order.part_number}",
        )
        audit.append(session, actor, act, now=now)
    return order


def close_order(
    database: StateDatabase, actor: Actor, order_id: str, state: OrderState, *, plant: Plant, now: datetime
) -> StockOrder:
    """Keep that an order came in, which adds to the store, or was called off."""
    require(actor, Right.CHANGE_STOCK)
    with database.transaction() as session:
        order = stock.lock_order(session, actor, order_id)
        closed = closed_order(order, state, now=now)
        stock.save_order(session, closed)
        if state is OrderState.RECEIVED:
            _take_in(session, actor, closed, plant, now=now)
        act = AuditedAct(
            action=f"stock_order_{state.value}",
            object_kind="stock_order",
            object_id=order.id,
            site=order.site,
            after=f"{order.quantity} {order.part_number}",
        )
        audit.append(session, actor, act, now=now)
    return closed


def use_part(session: Session, actor: Actor, life: PartLife, site: SiteId, plant: Plant, *, now: datetime) -> None:
    """Take the new part of a slot out of the store, inside a transaction: the usual one, else a substitute, where there is any."""
    quantity = next((part.quantity for part in plant.part_types if part.id == life.part_type), 1)
    there = [item for item in stock.items(session, actor, site=site) if item.on_hand > 0]
    usual = [item for item in there if life.part_type in item.fits]
    instead = [item for item in there if life.part_type in item.replaces]
    for item in (*usual, *instead)[:1]:
        left = replace(item, on_hand=max(0, item.on_hand - quantity), changed_at=now, changed_by=actor.name)
        stock.save_item(session, left)
        audit.append(session, actor, _act("stock_used", item, before=_told(item), after=_told(left)), now=now)


def _set_item(
    session: Session, actor: Actor, item: StockItem, part_types: frozenset[PartTypeId], *, now: datetime
) -> StockItem:
    present = stock.items(session, actor, site=item.site)
    others = tuple(each for each in present if each.part_number != item.part_number)
    before = next((each for each in present if each.part_number == item.part_number), None)
    kept = replace(check_item(item, others, part_types), changed_at=now, changed_by=actor.name)
    stock.save_item(session, kept)
    act = _act("stock_item_set", kept, before=None if before is None else _told(before), after=_told(kept))
    audit.append(session, actor, act, now=now)
    return kept


def _take_in(session: Session, actor: Actor, order: StockOrder, plant: Plant, *, now: datetime) -> None:
    item = stock.item_of(session, actor, order.site, order.part_number)
    if item is None:
        part = next((each.id for each in plant.part_types if str(each.id) == order.part_number), None)
        item = StockItem(
            site=order.site,
            part_number=order.part_number,
            name=None,
            fits=() if part is None else (part,),
            replaces=(),
            on_hand=0,
            minimum=0,
            supplier=order.supplier,
            price_krw=order.price_krw,
            lead_time_days=None,
            changed_at=now,
            changed_by=actor.name,
        )
    stock.save_item(
        session, replace(item, on_hand=item.on_hand + order.quantity, changed_at=now, changed_by=actor.name)
    )


def _existing(session: Session, actor: Actor, site: SiteId, part_number: str) -> StockItem:
    item = stock.item_of(session, actor, site, part_number)
    if item is None:
        raise NotFoundError(f"there is no part number {part_number} in the store of {site}")
    return item


def _check_site(plant: Plant, site: SiteId) -> None:
    if site not in {each.id for each in plant.sites}:
        raise InvalidRequestError(f"site: the plant has no site {site}")


def _act(action: str, item: StockItem, *, before: str | None = None, after: str | None = None) -> AuditedAct:
    return AuditedAct(
        action=action,
        object_kind="stock_item",
        object_id=item.part_number,
        site=item.site,
        before=before,
        after=after,
    )


def _told(item: StockItem) -> str:
    return f"{item.on_hand} on hand, {item.minimum} at least, fits {', '.join(item.fits) or 'nothing'}"
