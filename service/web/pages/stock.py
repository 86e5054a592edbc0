"""`/stock`: the store of spare parts, typed in or imported."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.plant import PartTypeId, Site, SiteId
from service.actions import stock as actions
from service.actor import Actor
from service.advisory.stock import StockItem
from service.advisory.stock_table import read_stock_table
from service.errors import ConflictError, InvalidRequestError, NotFoundError
from service.http.planning import planning_of
from service.http.policy import Technician, Viewer
from service.http.services import Services, ServicesOf
from service.state import stock
from service.web.pages.frame import back_to, framed, words_for
from service.web.pages.local_times import typed_number
from service.web.pages.mistakes import mistake_words
from service.web.rendering import render
from service.web.views.stock import StockForm, filled_form, stock_form_view, stock_view

router = APIRouter(prefix="/stock")
Text = Annotated[str, Field(max_length=200)]


class Typed(BaseModel):
    """The form of a part number as it comes in: text until it is checked."""

    model_config = ConfigDict(extra="ignore")

    site: Annotated[str, Field(max_length=64)]
    part_number: Text
    name: Text = ""
    fits: list[Text] = []
    replaces: list[Text] = []
    on_hand: Text = ""
    minimum: Text = ""
    supplier: Text = ""
    price_krw: Text = ""
    lead_time_days: Text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of an import."""

    taken: str = ""
    mistakes: tuple[str, ...] = ()


@router.get("")
def show_stock(request: Request, services: ServicesOf, actor: Viewer) -> Response:
    """Return what is in store."""
    return _list_page(request, services, actor, Imported())


@router.get("/item")
def show_item(
    request: Request, services: ServicesOf, actor: Technician, site: str = "", part_number: str = ""
) -> Response:
    """Return the form of a part number, filled with what is known of it."""
    with services.database.reading() as session:
        item = stock.item_of(session, actor, SiteId(site), part_number) if part_number else None
    if item is not None:
        return _form_page(request, services, actor, filled_form(item), is_known=True)
    fits = tuple(str(part.id) for part in services.plant.part_types if str(part.id) == part_number)
    form = StockForm(site=site, part_number=part_number, fits=fits)
    return _form_page(request, services, actor, form, is_known=False)


@router.post("/item")
def save_item(request: Request, services: ServicesOf, actor: Technician, form: Annotated[Typed, Form()]) -> Response:
    """Keep a part number; a mistake comes back with the form."""
    now = services.clock()
    try:
        actions.set_items(services.database, actor, [_item(form, now)], plant=services.plant, now=now)
    except (InvalidRequestError, ConflictError) as error:
        return _form_page(request, services, actor, _as_typed(form), is_known=False, mistake=error)
    return back_to("/stock")


@router.post("/import")
def import_table(request: Request, services: ServicesOf, actor: Technician, table: UploadFile) -> Response:
    """Take a CSV table over: all of it, or with a mistake nothing."""
    words, now = words_for(request, services), services.clock()
    try:
        text = table.file.read().decode("utf-8-sig")
        with services.database.reading() as session:
            present = {(each.site, each.part_number): each for each in stock.items(session, actor)}
        read = read_stock_table(text, present, site=_sites(services, actor)[0].id, now=now)
        if read.mistakes:
            return _list_page(request, services, actor, Imported(mistakes=read.mistakes))
        kept = actions.set_items(services.database, actor, read.items, plant=services.plant, now=now)
    except UnicodeDecodeError:
        return _list_page(request, services, actor, Imported(mistakes=(words.say("stock.not_utf8"),)))
    except (InvalidRequestError, ConflictError, NotFoundError) as error:
        return _list_page(request, services, actor, Imported(mistakes=(str(error),)))
    return _list_page(request, services, actor, Imported(taken=words.count("stock.taken", len(kept))))


def _item(form: Typed, now: datetime) -> StockItem:
    return StockItem(
        site=SiteId(form.site),
        part_number=form.part_number.strip(),
        name=form.name or None,
        fits=tuple(PartTypeId(part) for part in form.fits if part),
        replaces=tuple(PartTypeId(part) for part in form.replaces if part),
        on_hand=_whole(form.on_hand, "on_hand"),
        minimum=_whole(form.minimum or "0", "minimum"),
        supplier=form.supplier or None,
        price_krw=typed_number(form.price_krw, "price_krw"),
        lead_time_days=typed_number(form.lead_time_days, "lead_time_days"),
        changed_at=now,
        changed_by="",
    )


def _whole(text: str, field: str) -> int:
    number = typed_number(text, field)
    if number is None or not abs(number) < 1e15 or number != int(number):
        raise InvalidRequestError(f"{field}: {text!r} is no whole number")
    return int(number)


def _as_typed(form: Typed) -> StockForm:
    return StockForm(
        site=form.site,
        part_number=form.part_number,
        name=form.name,
        fits=tuple(form.fits),
        replaces=tuple(form.replaces),
        on_hand=form.on_hand,
        minimum=form.minimum,
        supplier=form.supplier,
        price_krw=form.price_krw,
        lead_time_days=form.lead_time_days,
    )


def _sites(services: Services, actor: Actor) -> tuple[Site, ...]:
    return tuple(site for site in services.plant.sites if actor.may_see(site.id))


def _list_page(request: Request, services: Services, actor: Actor, imported: Imported) -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        lines = planning_of(services, actor, session).lines
        items = stock.items(session, actor)
        frame = framed(request, services, words, actor, session)
    view = stock_view(lines, items, services.plant, words, told=(imported.taken, imported.mistakes))
    return render("stock.html", words, frame, status=422 if imported.mistakes else 200, view=view)


def _form_page(
    request: Request,
    services: Services,
    actor: Actor,
    form: StockForm,
    *,
    is_known: bool,
    mistake: InvalidRequestError | ConflictError | None = None,
) -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    told = "" if mistake is None else mistake_words(mistake, words)
    view = stock_form_view(form, _sites(services, actor), services.plant, words, mistake=told, is_known=is_known)
    return render("stock_item.html", words, frame, status=422 if told else 200, view=view)
