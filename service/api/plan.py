"""The replacement plan and the order list, as JSON lists and as CSV."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.advisory.slot_plan import PlannedSlot
from service.advisory.supply import SupplyLine
from service.api.csv_text import CSV_ANSWER, csv_response, csv_text, local_time
from service.api.plan_schemas import OrderLineSchema, PlannedReplacementSchema, PlannedStopSchema
from service.http.paging import Page, Paging, page_of
from service.http.planning import planning_of
from service.http.policy import Viewer
from service.http.services import Services, ServicesOf

router = APIRouter(tags=["plan"])
Format = Annotated[Literal["json", "csv"], Query(alias="format")]


@router.get("/planned-replacements", response_model=Page[PlannedReplacementSchema], responses=CSV_ANSWER)
def list_planned_replacements(services: ServicesOf, actor: Viewer, paging: Paging, output: Format = "json") -> Response:
    """Return every part that has a window, the soonest due first."""
    with services.database.reading() as session:
        plan = planning_of(services, actor, session).plan
    if output == "csv":
        return csv_response("replacements.csv", _plan_csv(plan.slots))
    keyed = [(f"{place:09d}", PlannedReplacementSchema.of(slot)) for place, slot in enumerate(plan.slots)]
    return _json(page_of(keyed, paging))


@router.get("/planned-stops")
def list_planned_stops(services: ServicesOf, actor: Viewer, paging: Paging) -> Page[PlannedStopSchema]:
    """Return the stops of the next twelve weeks, the soonest first."""
    with services.database.reading() as session:
        plan = planning_of(services, actor, session).plan
    keyed = [(f"{place:09d}", PlannedStopSchema.of(stop)) for place, stop in enumerate(plan.stops)]
    return page_of(keyed, paging)


@router.get("/order-lines", response_model=Page[OrderLineSchema], responses=CSV_ANSWER)
def list_order_lines(services: ServicesOf, actor: Viewer, paging: Paging, output: Format = "json") -> Response:
    """Return a line per part number, those to order this week first. As CSV only these."""
    with services.database.reading() as session:
        lines = planning_of(services, actor, session).lines
    if output == "csv":
        return csv_response("orders.csv", _orders_csv([line for line in lines if line.quantity > 0], services))
    keyed = [(f"{place:09d}", OrderLineSchema.of(line)) for place, line in enumerate(lines)]
    return _json(page_of(keyed, paging))


def _json(page: Page[PlannedReplacementSchema] | Page[OrderLineSchema]) -> Response:
    return Response(page.model_dump_json(), media_type="application/json")


def _plan_csv(slots: tuple[PlannedSlot, ...]) -> str:
    header = (
        "machine", "machine name", "slot", "part type", "due", "shift", "timing", "P10", "P50", "P90",
        "chance within 7 days", "acting [KRW]", "waiting [KRW/day]",
    )  # fmt: skip
    return csv_text(header, (_plan_row(slot) for slot in slots))


def _plan_row(slot: PlannedSlot) -> tuple[object, ...]:
    zone = ZoneInfo(slot.facts.site.time_zone)
    return (
        slot.facts.machine.id,
        slot.facts.machine.name.ko,
        slot.facts.slot.id,
        slot.facts.part.id,
        local_time(slot.due, zone),
        slot.turn.name if slot.turn is not None else "",
        slot.timing.value,
        *(local_time(at, zone) for at in (slot.remaining.p10_at, slot.remaining.p50_at, slot.remaining.p90_at)),
        round(slot.chance_7, 4),
        round(slot.costs.planned),
        round(slot.waiting_krw),
    )


def _orders_csv(lines: list[SupplyLine], services: Services) -> str:
    zones = {site.id: ZoneInfo(site.time_zone) for site in services.plant.sites}
    header = (
        "site", "part number", "name", "quantity", "order by", "supplier", "price [KRW]", "cost [KRW]",
        "lead time [days]", "on hand", "on order", "needed for",
    )  # fmt: skip
    rows = (
        (
            line.item.site,
            line.item.part_number,
            line.item.name or line.part.name.ko,
            line.quantity,
            local_time(line.order_by, zones[line.item.site]),
            line.item.supplier,
            round(line.price_krw),
            round(line.cost_krw),
            line.lead_time_days,
            line.item.on_hand if line.is_recorded else "",
            line.on_order,
            "; ".join(f"{need.slot.facts.machine.id}/{need.slot.facts.slot.id}" for need in line.needs[:5]),
        )
        for line in lines
    )
    return csv_text(header, rows)
