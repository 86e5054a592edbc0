"""Spare parts in store: what a part number fits, how many are there, and what is on order."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from configs.plant import PartType, PartTypeId, SiteId
from service.advisory.replacement import check_text
from service.errors import ConflictError, InvalidRequestError

LONGEST_LEAD_DAYS = 3650.0
MOST_PARTS = 1_000_000
HIGHEST_PRICE_KRW = 1e12

_PART_NUMBER = re.compile(r"\S(?:.{0,62}\S)?")


class OrderState(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    RECEIVED = "received"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class StockItem:
    """A part number in the store of a site.

    `fits` are the part types that it is the usual part for, `replaces` those that it serves as a substitute. `minimum` are
    kept whatever is predicted. Without `price_krw` and `lead_time_days` the catalogue's count.
    """

    site: SiteId
    part_number: str
    name: str | None
    fits: tuple[PartTypeId, ...]
    replaces: tuple[PartTypeId, ...]
    on_hand: int
    minimum: int
    supplier: str | None
    price_krw: float | None
    lead_time_days: float | None
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StockOrder:
    """Parts that were ordered; `due_at` is when they are expected."""

    id: str
    site: SiteId
    part_number: str
    quantity: int
    ordered_at: datetime
    due_at: datetime
    supplier: str | None
    price_krw: float | None
    state: OrderState
    closed_at: datetime | None
    said_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """What is in store and on order."""

    items: tuple[StockItem, ...]
    orders: tuple[StockOrder, ...]


def check_item(item: StockItem, others: tuple[StockItem, ...], part_types: frozenset[PartTypeId]) -> StockItem:
    """Return an item as it may be kept; `others` are the site's other items.

    Raises
    ------
    InvalidRequestError
        A figure is out of range, or a part type is not in the plant.
    ConflictError
        Another part number is the usual one for a part type already.
    """
    if not _PART_NUMBER.fullmatch(item.part_number) or "\0" in item.part_number:
        raise InvalidRequestError("part_number: 1 to 64 characters, none of them a blank at either end")
    _check_figures(item)
    for part_type in (*item.fits, *item.replaces):
        if part_type not in part_types:
            raise InvalidRequestError(f"fits: the plant has no part type {part_type}")
    for other in others:
        if taken := sorted(set(item.fits) & set(other.fits)):
            raise ConflictError(
                f"{taken[0]} is fitted with {other.part_number} already; take it off there, or make this a substitute"
            )
    return replace(
        item,
        name=check_text("name", item.name),
        supplier=check_text("supplier", item.supplier),
        fits=tuple(dict.fromkeys(item.fits)),
        replaces=tuple(part for part in dict.fromkeys(item.replaces) if part not in item.fits),
    )


def check_quantity(field: str, quantity: int, *, least: int = 0) -> int:
    """Return a number of parts; InvalidRequestError where it cannot be one."""
    if not least <= quantity <= MOST_PARTS:
        raise InvalidRequestError(f"{field}: a number of parts from {least} to {MOST_PARTS}")
    return quantity


def closed_order(order: StockOrder, state: OrderState, *, now: datetime) -> StockOrder:
    """Return an order that has been received or cancelled; ConflictError where it was closed before."""
    if order.state is not OrderState.OPEN:
        raise ConflictError(f"the order of {order.quantity} {order.part_number} is {order.state} already")
    return replace(order, state=state, closed_at=now)


def unrecorded(site: SiteId, part: PartType, now: datetime) -> StockItem:
    """Return how a part type stands of which nobody recorded a stock: none is there, and it is its own part number."""
    return StockItem(
        site=site,
        part_number=str(part.id),
        name=None,
        fits=(part.id,),
        replaces=(),
        on_hand=0,
        minimum=0,
        supplier=None,
        price_krw=None,
        lead_time_days=None,
        changed_at=now,
        changed_by="",
    )


def _check_figures(item: StockItem) -> None:
    check_quantity("on_hand", item.on_hand)
    check_quantity("minimum", item.minimum)
    if item.price_krw is not None and not 0 <= item.price_krw <= HIGHEST_PRICE_KRW:
        raise InvalidRequestError("price_krw: must be 0 or more; leave it out where it is not known")
    if item.lead_time_days is not None and not 0 <= item.lead_time_days <= LONGEST_LEAD_DAYS:
        raise InvalidRequestError(
            f"lead_time_days: from 0 to {LONGEST_LEAD_DAYS:.0f}; leave it out where it is not known"
        )
