"""Shapes of the replacement plan and the order list."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from service.advisory.plan import Stop
from service.advisory.slot_plan import PlannedSlot
from service.advisory.supply import Expected, SupplyLine


class PlannedReplacementSchema(BaseModel):
    """One part with its window (P10, P50, P90 of when it fails) and the day it is replaced.

    `timing` says how the day came about: by_cost, by_risk, or run_to_failure and unknown_age, which have none. Costs are in
    won; `costs_are_typed` is false where they are the catalogue's. `waiting_h_per_day` are expected hours of standing.
    `spare_at` is when the spare comes that `due` waits for, null where it waits for none.
    """

    machine: str
    slot: str
    part_type: str
    p10_at: datetime
    p50_at: datetime
    p90_at: datetime
    replace_by: datetime | None
    due: datetime | None
    spare_at: datetime | None
    shift: str | None
    timing: str
    is_overdue: bool
    chance_within_7_days: float
    chance_within_30_days: float
    acting_krw: float
    waiting_krw_per_day: float
    waiting_h_per_day: float | None
    costs_are_typed: bool

    @classmethod
    def of(cls, slot: PlannedSlot) -> Self:
        """Return the shape of a planned replacement."""
        return cls(
            machine=slot.facts.machine.id,
            slot=slot.facts.slot.id,
            part_type=slot.facts.part.id,
            p10_at=slot.remaining.p10_at,
            p50_at=slot.remaining.p50_at,
            p90_at=slot.remaining.p90_at,
            replace_by=slot.replace_by,
            due=slot.due,
            spare_at=slot.spare_at,
            shift=slot.turn.name if slot.turn is not None else None,
            timing=slot.timing,
            is_overdue=slot.is_overdue,
            chance_within_7_days=slot.chance_7,
            chance_within_30_days=slot.chance_30,
            acting_krw=slot.costs.planned,
            waiting_krw_per_day=slot.waiting_krw,
            waiting_h_per_day=slot.waiting_h,
            costs_are_typed=slot.costs.basis == "typed",
        )


class PlannedStopSchema(BaseModel):
    """One stop of a machine; `brought_forward` are those of `slots` that would have waited longer."""

    machine: str
    at: datetime
    shift: str | None
    slots: tuple[str, ...]
    brought_forward: tuple[str, ...]
    saved_krw: float

    @classmethod
    def of(cls, stop: Stop) -> Self:
        """Return the shape of a planned stop."""
        return cls(
            machine=stop.machine.id,
            at=stop.at,
            shift=stop.turn.name if stop.turn is not None else None,
            slots=tuple(slot.facts.slot.id for slot in stop.slots),
            brought_forward=tuple(slot.facts.slot.id for slot in stop.pulled),
            saved_krw=stop.saved,
        )


class ExpectedSchema(BaseModel):
    """How many parts are needed within so many weeks: mean, P10, P90."""

    weeks: int
    mean: float
    p10: int
    p90: int

    @classmethod
    def of(cls, expected: Expected) -> Self:
        """Return the shape of an expected demand."""
        return cls(weeks=expected.weeks, mean=expected.mean, p10=expected.p10, p90=expected.p90)


class NeedSchema(BaseModel):
    """A slot that needs a part, and by when."""

    machine: str
    slot: str
    by: datetime


class OrderLineSchema(BaseModel):
    """A part number: what to order this week, by when, for what, and what will be needed.

    `is_recorded` is false where nobody typed the stock in; it then counts as none. `order_by` is null where the stock lasts.
    """

    site: str
    part_number: str
    part_type: str
    quantity: int
    order_by: datetime | None
    needed_by: datetime | None
    supplier: str | None
    price_krw: float
    lead_time_days: float
    on_hand: int
    on_order: int
    spare_substitutes: int
    minimum: int
    is_recorded: bool
    always_late: bool
    comes_late: bool
    needs: tuple[NeedSchema, ...]
    expected: tuple[ExpectedSchema, ...]

    @classmethod
    def of(cls, line: SupplyLine) -> Self:
        """Return the shape of a line."""
        return cls(
            site=line.item.site,
            part_number=line.item.part_number,
            part_type=line.part.id,
            quantity=line.quantity,
            order_by=line.order_by,
            needed_by=line.needed_by,
            supplier=line.item.supplier,
            price_krw=line.price_krw,
            lead_time_days=line.lead_time_days,
            on_hand=line.item.on_hand,
            on_order=line.on_order,
            spare_substitutes=line.spare_substitutes,
            minimum=line.item.minimum,
            is_recorded=line.is_recorded,
            always_late=line.always_late,
            comes_late=line.comes_late,
            needs=tuple(
                NeedSchema(machine=each.slot.facts.machine.id, slot=each.slot.facts.slot.id, by=each.by)
                for each in line.needs[:20]
            ),
            expected=tuple(ExpectedSchema.of(each) for each in line.expected),
        )
