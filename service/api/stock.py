"""The store of spare parts, and orders."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.plant import PartTypeId, SiteId
from service.actions import stock as actions
from service.advisory.stock import OrderState, StockItem, StockOrder
from service.api.csv_text import CSV_ANSWER, csv_response, csv_text
from service.http.paging import Page, Paging, decode_cursor, page_after, page_of
from service.http.policy import Technician, Viewer
from service.http.services import ServicesOf
from service.state import stock

router = APIRouter(tags=["stock"])
PartNumber = Annotated[str, Field(min_length=1, max_length=64)]
Amount = Annotated[int, Field(ge=0, le=1_000_000)]
Money = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
LeadDays = Annotated[float, Field(ge=0, le=3650, allow_inf_nan=False)]
ShortText = Annotated[str, Field(max_length=1000)]
PartTypes = Annotated[tuple[str, ...], Field(max_length=1000)]


class StockItemRequest(BaseModel):
    """What is in store of a part number; `fits` are its part types, `replaces` those that it can stand in for."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText | None = None
    fits: PartTypes = ()
    replaces: PartTypes = ()
    on_hand: Amount
    minimum: Amount = 0
    supplier: ShortText | None = None
    price_krw: Money | None = None
    lead_time_days: LeadDays | None = None


class StockItemSchema(StockItemRequest):
    """A part number in store."""

    site: str
    part_number: str
    changed_at: datetime
    changed_by: str

    @classmethod
    def of(cls, item: StockItem) -> Self:
        """Return the shape of an item."""
        return cls(
            site=item.site,
            part_number=item.part_number,
            name=item.name,
            fits=tuple(map(str, item.fits)),
            replaces=tuple(map(str, item.replaces)),
            on_hand=item.on_hand,
            minimum=item.minimum,
            supplier=item.supplier,
            price_krw=item.price_krw,
            lead_time_days=item.lead_time_days,
            changed_at=item.changed_at,
            changed_by=item.changed_by,
        )


class StockOrderRequest(BaseModel):
    """Parts that were ordered; without `due_at` they come after the lead time."""

    model_config = ConfigDict(extra="forbid")

    site: Annotated[str, Field(max_length=64)]
    part_number: PartNumber
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]
    lead_time_days: LeadDays = 0.0
    due_at: AwareDatetime | None = None
    supplier: ShortText | None = None
    price_krw: Money | None = None


class StockOrderSchema(BaseModel):
    """An order, open until it was received or cancelled."""

    id: str
    site: str
    part_number: str
    quantity: int
    ordered_at: datetime
    due_at: datetime
    supplier: str | None
    price_krw: float | None
    state: str
    closed_at: datetime | None
    said_by: str

    @classmethod
    def of(cls, order: StockOrder) -> Self:
        """Return the shape of an order."""
        return cls(
            id=order.id,
            site=order.site,
            part_number=order.part_number,
            quantity=order.quantity,
            ordered_at=order.ordered_at,
            due_at=order.due_at,
            supplier=order.supplier,
            price_krw=order.price_krw,
            state=order.state,
            closed_at=order.closed_at,
            said_by=order.said_by,
        )


@router.get("/stock-items", response_model=Page[StockItemSchema], responses=CSV_ANSWER)
def list_stock_items(
    services: ServicesOf,
    actor: Viewer,
    paging: Paging,
    output: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """Return what is in store; the CSV is the table that the page of the store reads back."""
    with services.database.reading() as session:
        found = stock.items(session, actor)
    if output == "csv":
        return csv_response("stock.csv", _csv(found))
    page = page_of([(f"{each.site}\n{each.part_number}", StockItemSchema.of(each)) for each in found], paging)
    return Response(page.model_dump_json(), media_type="application/json")


@router.put("/stock-items/{site}/{part_number}")
def set_stock_item(
    services: ServicesOf, actor: Technician, site: str, part_number: str, wish: StockItemRequest
) -> StockItemSchema:
    """Keep what is in store of a part number."""
    now = services.clock()
    item = StockItem(
        site=SiteId(site),
        part_number=part_number,
        name=wish.name,
        fits=tuple(PartTypeId(part) for part in wish.fits),
        replaces=tuple(PartTypeId(part) for part in wish.replaces),
        on_hand=wish.on_hand,
        minimum=wish.minimum,
        supplier=wish.supplier,
        price_krw=wish.price_krw,
        lead_time_days=wish.lead_time_days,
        changed_at=now,
        changed_by=actor.name,
    )
    return StockItemSchema.of(actions.set_items(services.database, actor, [item], plant=services.plant, now=now)[0])


@router.delete("/stock-items/{site}/{part_number}", status_code=204)
def remove_stock_item(services: ServicesOf, actor: Technician, site: str, part_number: str) -> None:
    """Take a part number out of the store; its orders stay on record."""
    actions.remove_item(services.database, actor, SiteId(site), part_number, now=services.clock())


@router.get("/stock-orders")
def list_stock_orders(
    services: ServicesOf, actor: Viewer, paging: Paging, state: OrderState | None = None
) -> Page[StockOrderSchema]:
    """Return orders, newest first."""
    with services.database.reading() as session:
        found = stock.orders(session, actor, state=state, before=decode_cursor(paging.cursor), limit=paging.limit + 1)
    return page_after([StockOrderSchema.of(each) for each in found], [each.id for each in found], paging)


@router.post("/stock-orders", status_code=201)
def add_stock_order(services: ServicesOf, actor: Technician, wish: StockOrderRequest) -> StockOrderSchema:
    """Keep that parts were ordered."""
    order = actions.OrderWish(
        site=SiteId(wish.site),
        part_number=wish.part_number,
        quantity=wish.quantity,
        lead_time_days=wish.lead_time_days,
        due_at=wish.due_at,
        supplier=wish.supplier,
        price_krw=wish.price_krw,
    )
    kept = actions.record_order(services.database, actor, order, plant=services.plant, now=services.clock())
    return StockOrderSchema.of(kept)


@router.post("/stock-orders/{order}/receipt")
def receive_stock_order(services: ServicesOf, actor: Technician, order: str) -> StockOrderSchema:
    """Keep that an order came in; the store holds so many more."""
    return _closed(services, actor, order, OrderState.RECEIVED)


@router.post("/stock-orders/{order}/cancellation")
def cancel_stock_order(services: ServicesOf, actor: Technician, order: str) -> StockOrderSchema:
    """Keep that an order was called off."""
    return _closed(services, actor, order, OrderState.CANCELLED)


def _closed(services: ServicesOf, actor: Technician, order: str, state: OrderState) -> StockOrderSchema:
    closed = actions.close_order(services.database, actor, order, state, plant=services.plant, now=services.clock())
    return StockOrderSchema.of(closed)


def _csv(items: tuple[StockItem, ...]) -> str:
    header = (
        "site",
        "part_number",
        "name",
        "fits",
        "replaces",
        "on_hand",
        "minimum",
        "supplier",
        "price_krw",
        "lead_time_days",
    )
    rows = (
        (
            item.site,
            item.part_number,
            item.name,
            " ".join(item.fits),
            " ".join(item.replaces),
            item.on_hand,
            item.minimum,
            item.supplier,
            item.price_krw,
            item.lead_time_days,
        )
        for item in items
    )
    return csv_text(header, rows)
