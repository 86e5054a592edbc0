"""`/terms`: what stops cost, when the site works, and how long its parts take to come."""

from collections.abc import Iterator
from datetime import date, time
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.calendar import Shift
from configs.plant import Machine, MachineId, PartTypeId, Site
from service.actions.terms import set_machine_terms, set_part_terms, set_site_terms
from service.actor import Actor
from service.advisory.terms import PartTerms, StopTerms, WorkingTerms
from service.errors import InvalidRequestError
from service.http.policy import Engineer, Viewer
from service.http.scope import machine_for, part_type_for, site_for, visible_machines
from service.http.services import Services, ServicesOf
from service.security.rights import Right, may
from service.web.pages.frame import back_to, framed, words_for
from service.web.pages.local_times import typed_number
from service.web.pages.mistakes import mistake_words
from service.web.rendering import render
from service.web.views import terms as views

router = APIRouter(prefix="/terms")
Figure = Annotated[str, Field(max_length=32)]
Short = Annotated[str, Field(max_length=64)]


class TypedStop(BaseModel):
    """What a stop costs, as it comes in: text until it is checked."""

    model_config = ConfigDict(extra="ignore")

    cost_planned_krw: Figure = ""
    cost_unplanned_krw: Figure = ""
    downtime_krw_per_hour: Figure = ""
    planned_stop_h: Figure = ""
    unplanned_stop_h: Figure = ""
    risk: Short = ""

    def terms(self) -> StopTerms:
        """Return the figures; InvalidRequestError where one is none."""
        figures = {name: typed_number(getattr(self, name), name) for name in views.FIGURES}
        return StopTerms(**figures, risk=self.risk or None)


class TypedSite(TypedStop):
    """The form of a site; `days` holds "row-weekday" for every weekday that was chosen of a shift."""

    shift_name: list[Short] = Field(default=[], max_length=12)
    shift_start: list[Short] = Field(default=[], max_length=12)
    shift_end: list[Short] = Field(default=[], max_length=12)
    days: list[Short] = Field(default=[], max_length=96)
    holidays: Short = ""
    closed: Annotated[str, Field(max_length=8000)] = ""
    opened: Annotated[str, Field(max_length=8000)] = ""

    def rows(self) -> tuple[views.ShiftRow, ...]:
        """Return the shifts that were typed in, as text."""
        columns = zip(self.shift_name, self.shift_start, self.shift_end, strict=False)
        return tuple(
            views.ShiftRow(name=name.strip(), start=start, end=end, days=self._weekdays(row))
            for row, (name, start, end) in enumerate(columns)
            if name.strip() or start or end
        )

    def working(self) -> WorkingTerms:
        """Return when the site works; InvalidRequestError where a time or a day is none."""
        return WorkingTerms(
            shifts=tuple(_shift(row) for row in self.rows()),
            holidays=self.holidays or None,
            closed=tuple(_typed_days("closed", self.closed)),
            opened=tuple(_typed_days("opened", self.opened)),
        )

    def _weekdays(self, row: int) -> frozenset[int]:
        return frozenset(day for day in range(7) if f"{row}-{day}" in self.days)


class TypedPart(BaseModel):
    """The form of a part type."""

    model_config = ConfigDict(extra="ignore")

    lead_time_days: Figure = ""
    price_krw: Figure = ""
    cost_ratio: Figure = ""

    def terms(self) -> PartTerms:
        """Return the figures; InvalidRequestError where one is none."""
        return PartTerms(**{name: typed_number(getattr(self, name), name) for name in views.PART_FIGURES})


@router.get("")
def show_terms(request: Request, services: ServicesOf, actor: Viewer) -> Response:
    """Return what counts now."""
    words = words_for(request, services)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    sites = [site for site in services.plant.sites if actor.may_see(site.id)]
    view = views.terms_view(services.plant, sites, visible_machines(services.plant, actor), words)
    return render("terms.html", words, frame, view=view, may_change=may(actor, Right.CHANGE_PLANT))


@router.get("/sites/{site}")
def show_site(request: Request, services: ServicesOf, actor: Engineer, site: str) -> Response:
    """Return the form of a site."""
    return _site_page(request, services, actor, site_for(services.plant, actor, site))


@router.post("/sites/{site}")
def save_site(
    request: Request, services: ServicesOf, actor: Engineer, site: str, form: Annotated[TypedSite, Form()]
) -> Response:
    """Go by what was typed in of a site; a mistake comes back with the form."""
    known = site_for(services.plant, actor, site)
    try:
        said = (form.terms(), form.working())
        set_site_terms(services.database, services.plants, actor, known, said, now=services.clock())
    except InvalidRequestError as error:
        return _site_page(request, services, actor, known, typed=form, mistake=error)
    return back_to("/terms")


@router.get("/machines/{machine}")
def show_machine(request: Request, services: ServicesOf, actor: Engineer, machine: MachineId) -> Response:
    """Return the form of a machine whose stops cost something else."""
    known = machine_for(services.plant, actor, machine)
    return _own_page(request, services, actor, known)


@router.post("/machines/{machine}")
def save_machine(
    request: Request, services: ServicesOf, actor: Engineer, machine: MachineId, form: Annotated[TypedStop, Form()]
) -> Response:
    """Go by what a stop of a machine costs; a mistake comes back with the form."""
    known = machine_for(services.plant, actor, machine)
    try:
        set_machine_terms(services.database, services.plants, actor, known, form.terms(), now=services.clock())
    except InvalidRequestError as error:
        return _own_page(request, services, actor, known, typed=form, mistake=error)
    return back_to("/terms")


@router.get("/parts/{part}")
def show_part(request: Request, services: ServicesOf, actor: Engineer, part: str) -> Response:
    """Return the form of a part type."""
    return _own_page(request, services, actor, PartTypeId(part))


@router.post("/parts/{part}")
def save_part(
    request: Request, services: ServicesOf, actor: Engineer, part: str, form: Annotated[TypedPart, Form()]
) -> Response:
    """Go by what was typed in of a part type; a mistake comes back with the form."""
    known = PartTypeId(part)
    try:
        set_part_terms(services.database, services.plants, actor, known, form.terms(), now=services.clock())
    except InvalidRequestError as error:
        return _own_page(request, services, actor, known, typed=form, mistake=error)
    return back_to("/terms")


def _site_page(
    request: Request,
    services: Services,
    actor: Actor,
    site: Site,
    *,
    typed: TypedSite | None = None,
    mistake: InvalidRequestError | None = None,
) -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    view = views.site_view(site, words)
    rows = typed.rows() if typed is not None else view.shifts
    return render(
        "terms_site.html",
        words,
        frame,
        status=422 if mistake is not None else 200,
        view=view,
        figures=views.as_typed(view, {} if typed is None else typed.model_dump()),
        risk=typed.risk if typed is not None else view.risk,
        action=f"/terms/sites/{view.id}",
        shifts=(*rows, views.ShiftRow()),
        closed=typed.closed if typed is not None else view.closed,
        opened=typed.opened if typed is not None else view.opened,
        holidays=bool(typed.holidays) if typed is not None else view.keeps_holidays,
        country=views.country(),
        weekdays=views.weekdays(words),
        risks=views.risks(words),
        mistake="" if mistake is None else mistake_words(mistake, words),
    )


def _own_page(
    request: Request,
    services: Services,
    actor: Actor,
    known: Machine | PartTypeId,
    *,
    typed: TypedStop | TypedPart | None = None,
    mistake: InvalidRequestError | None = None,
) -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    if isinstance(known, Machine):
        view, action = views.machine_view(known, words), f"/terms/machines/{known.id}"
    else:
        part = part_type_for(services.plant, known)
        view, action = views.part_view(part, words), f"/terms/parts/{part.id}"
    return render(
        "terms_own.html",
        words,
        frame,
        status=422 if mistake is not None else 200,
        view=view,
        figures=views.as_typed(view, {} if typed is None else typed.model_dump()),
        risk=typed.risk if isinstance(typed, TypedStop) else view.risk,
        risks=views.risks(words) if isinstance(known, Machine) else (),
        action=action,
        mistake="" if mistake is None else mistake_words(mistake, words),
    )


def _shift(row: views.ShiftRow) -> Shift:
    try:
        start, end = time.fromisoformat(row.start), time.fromisoformat(row.end)
    except ValueError:
        raise InvalidRequestError(
            f"shifts: {row.name or row.start!r} needs a beginning and an end like 08:00"
        ) from None
    return Shift(name=row.name, start=start, end=end, weekdays=tuple(sorted(row.days)))


def _typed_days(field: str, text: str) -> Iterator[date]:
    for word in text.replace(",", " ").split():
        try:
            yield date.fromisoformat(word)
        except ValueError:
            raise InvalidRequestError(f"{field}: {word[:20]!r} is no day; write it like 2026-08-03") from None
