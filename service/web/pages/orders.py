"""`/orders`: what to order this week, and what becomes of orders."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.plant import SiteId
from service.actions import stock as actions
from service.actor import Actor
from service.advisory.budget import budget_of
from service.advisory.stock import OrderState
from service.errors import ConflictError, InvalidRequestError
from service.http.planning import planning_of
from service.http.policy import Technician, Viewer
from service.http.services import Services, ServicesOf
from service.state import stock
from service.web.pages.frame import back_to, framed, words_for
from service.web.pages.local_times import typed_number
from service.web.pages.mistakes import mistake_words
from service.web.rendering import render
from service.web.views.orders import orders_view

router = APIRouter()


class Ordered(BaseModel):
    """The form by which an order is recorded."""

    model_config = ConfigDict(extra="ignore")

    site: Annotated[str, Field(max_length=64)]
    part_number: Annotated[str, Field(min_length=1, max_length=64)]
    quantity: Annotated[str, Field(max_length=16)]
    lead_time_days: Annotated[str, Field(max_length=16)] = ""
    supplier: Annotated[str, Field(max_length=200)] = ""
    price_krw: Annotated[str, Field(max_length=24)] = ""


@router.get("/orders")
def show_orders(request: Request, services: ServicesOf, actor: Viewer) -> Response:
    """Return the order list."""
    return _page(request, services, actor)


@router.post("/orders")
def record_order(
    request: Request, services: ServicesOf, actor: Technician, form: Annotated[Ordered, Form()]
) -> Response:
    """Keep that parts were ordered; a mistake comes back with the list."""
    now = services.clock()
    try:
        actions.record_order(services.database, actor, _wish(form), plant=services.plant, now=now)
    except InvalidRequestError as error:
        return _page(request, services, actor, mistake=error)
    return back_to("/orders")


@router.post("/orders/{order}/receipt")
def receive(request: Request, services: ServicesOf, actor: Technician, order: str) -> Response:
    """Keep that an order came in: the store holds so many more."""
    return _close(request, services, actor, order, state=OrderState.RECEIVED)


@router.post("/orders/{order}/cancellation")
def cancel(request: Request, services: ServicesOf, actor: Technician, order: str) -> Response:
    """Keep that an order was called off."""
    return _close(request, services, actor, order, state=OrderState.CANCELLED)


def _wish(form: Ordered) -> actions.OrderWish:
    quantity = typed_number(form.quantity, "quantity")
    if quantity is None or quantity != int(quantity):
        raise InvalidRequestError("quantity: a whole number of parts")
    lead = typed_number(form.lead_time_days, "lead_time_days")
    return actions.OrderWish(
        site=SiteId(form.site),
        part_number=form.part_number,
        quantity=int(quantity),
        lead_time_days=0.0 if lead is None else lead,
        supplier=form.supplier or None,
        price_krw=typed_number(form.price_krw, "price_krw"),
    )


def _close(request: Request, services: Services, actor: Actor, order: str, *, state: OrderState) -> Response:
    try:
        actions.close_order(services.database, actor, order, state, plant=services.plant, now=services.clock())
    except ConflictError as error:
        return _page(request, services, actor, mistake=error)
    return back_to("/orders")


def _page(
    request: Request, services: Services, actor: Actor, *, mistake: InvalidRequestError | ConflictError | None = None
) -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        lines = planning_of(services, actor, session).lines
        coming = stock.orders(session, actor, state=OrderState.OPEN)
        frame = framed(request, services, words, actor, session)
    view = orders_view(lines, coming, budget_of(lines), words)
    told = "" if mistake is None else mistake_words(mistake, words)
    return render("orders.html", words, frame, status=422 if told else 200, view=view, mistake=told)
