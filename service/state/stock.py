"""Spare parts: what is in store, and what is on order."""

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

from configs.plant import PartTypeId, SiteId
from service.actor import Actor
from service.advisory.stock import OrderState, StockItem, StockOrder
from service.errors import NotFoundError
from service.state.codec import decode, encode
from service.state.scope import visible
from service.state.tables import StockItemRow, StockOrderRow
from service.state.upsert import upsert

_PARTS = tuple[PartTypeId, ...]


def items(session: Session, actor: Actor, *, site: SiteId | None = None) -> tuple[StockItem, ...]:
    """Return what is in store, by site and part number."""
    query = select(StockItemRow).where(visible(StockItemRow.site, actor))
    if site is not None:
        query = query.where(StockItemRow.site == site)
    rows = session.scalars(query.order_by(StockItemRow.site, StockItemRow.part_number))
    return tuple(_item(row) for row in rows)


def item_of(session: Session, actor: Actor, site: SiteId, part_number: str) -> StockItem | None:
    """Return a part number of a store, or None."""
    found = session.scalar(
        select(StockItemRow).where(
            visible(StockItemRow.site, actor), StockItemRow.site == site, StockItemRow.part_number == part_number
        )
    )
    return None if found is None else _item(found)


def save_item(session: Session, item: StockItem) -> None:
    """Keep a part number as it stands."""
    row = {
        "site": item.site,
        "part_number": item.part_number,
        "name": item.name,
        "fits": encode(_PARTS, item.fits),
        "replaces": encode(_PARTS, item.replaces),
        "on_hand": item.on_hand,
        "minimum": item.minimum,
        "supplier": item.supplier,
        "price_krw": item.price_krw,
        "lead_time_days": item.lead_time_days,
        "changed_at": item.changed_at,
        "changed_by": item.changed_by,
    }
    upsert(session, StockItemRow, [row])
    session.expire_all()


def remove_item(session: Session, site: SiteId, part_number: str) -> None:
    """Forget a part number; its orders stay on record."""
    session.execute(delete(StockItemRow).where(StockItemRow.site == site, StockItemRow.part_number == part_number))


def orders(
    session: Session,
    actor: Actor,
    *,
    state: OrderState | None = None,
    before: str | None = None,
    limit: int = 5000,
) -> tuple[StockOrder, ...]:
    """Return orders, newest first; `before` names the last order of the page before."""
    wanted: list[ColumnElement[bool]] = [visible(StockOrderRow.site, actor)]
    if state is not None:
        wanted.append(StockOrderRow.state == state.value)
    if before is not None:
        last = select(StockOrderRow.ordered_at, StockOrderRow.id).where(StockOrderRow.id == before)
        wanted.append(tuple_(StockOrderRow.ordered_at, StockOrderRow.id) < last.scalar_subquery())
    rows = session.scalars(
        select(StockOrderRow)
        .where(*wanted)
        .order_by(StockOrderRow.ordered_at.desc(), StockOrderRow.id.desc())
        .limit(limit)
    )
    return tuple(_order(row) for row in rows)


def lock_order(session: Session, actor: Actor, order_id: str) -> StockOrder:
    """Return an order that nobody else can change until the transaction ends; NotFoundError where there is none."""
    row = session.scalar(
        select(StockOrderRow).where(StockOrderRow.id == order_id, visible(StockOrderRow.site, actor)).with_for_update()
    )
    if row is None:
        raise NotFoundError(f"there is no order {order_id}")
    return _order(row)


def add_order(session: Session, order: StockOrder) -> None:
    """Keep a new order."""
    session.add(StockOrderRow(**_columns(order)))
    session.flush()


def save_order(session: Session, order: StockOrder) -> None:
    """Keep an order as it stands."""
    upsert(session, StockOrderRow, [_columns(order)])
    session.expire_all()


def _columns(order: StockOrder) -> dict[str, object]:
    return {
        "id": order.id,
        "site": order.site,
        "part_number": order.part_number,
        "quantity": order.quantity,
        "ordered_at": order.ordered_at,
        "due_at": order.due_at,
        "supplier": order.supplier,
        "price_krw": order.price_krw,
        "state": order.state.value,
        "closed_at": order.closed_at,
        "said_by": order.said_by,
    }


def _item(row: StockItemRow) -> StockItem:
    return StockItem(
        site=SiteId(row.site),
        part_number=row.part_number,
        name=row.name,
        fits=decode(_PARTS, row.fits),
        replaces=decode(_PARTS, row.replaces),
        on_hand=row.on_hand,
        minimum=row.minimum,
        supplier=row.supplier,
        price_krw=row.price_krw,
        lead_time_days=row.lead_time_days,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _order(row: StockOrderRow) -> StockOrder:
    return StockOrder(
        id=row.id,
        site=SiteId(row.site),
        part_number=row.part_number,
        quantity=row.quantity,
        ordered_at=row.ordered_at,
        due_at=row.due_at,
        supplier=row.supplier,
        price_krw=row.price_krw,
        state=OrderState(row.state),
        closed_at=row.closed_at,
        said_by=row.said_by,
    )
