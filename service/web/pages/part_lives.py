"""`/part-lives`: what was in which slot, its corrections, and the import of what people kept elsewhere."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.plant import MachineId
from ingest.part_life import PartLife, RemovalReason
from service.actions import life_record as actions
from service.actor import Actor
from service.advisory.life_record import Record
from service.advisory.life_table import read_life_table
from service.errors import InvalidRequestError
from service.http.policy import Technician, Viewer
from service.http.scope import visible_machines
from service.http.services import Services, ServicesOf
from service.state import audit, part_lives
from service.web.pages.frame import back_to, framed, words_for
from service.web.pages.local_times import typed_number, typed_time
from service.web.pages.mistakes import mistake_words
from service.web.rendering import render
from service.web.views.part_lives import LifeForm, life_view, lives_view
from service.web.words import Words

router = APIRouter(prefix="/part-lives")
PER_PAGE = 100
Short = Annotated[str, Field(max_length=64)]


class Typed(BaseModel):
    """The form of a correction as it comes in."""

    model_config = ConfigDict(extra="ignore")

    installed_at: Short
    meter_at_install: Short = ""
    age: Short = ""
    age_unknown: Short = ""
    removed_at: Short = ""
    meter_at_removal: Short = ""
    reason: Short = ""
    failure_mode: Short = ""
    note: Annotated[str, Field(max_length=1000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Which page of the lives is shown, and what an import did."""

    machine: str = ""
    before: str = ""
    taken: int | None = None
    mistakes: tuple[str, ...] = ()


@router.get("")
def show_lives(
    request: Request,
    services: ServicesOf,
    actor: Viewer,
    machine: Annotated[str, Query(max_length=64)] = "",
    before: Annotated[str, Query(max_length=64)] = "",
) -> Response:
    """Return part lives, newest first."""
    return _list_page(request, services, actor, Shown(machine=machine, before=before))


@router.post("/import")
def import_lives(request: Request, services: ServicesOf, actor: Technician, table: UploadFile) -> Response:
    """Take a CSV table over: all of it, or with a mistake nothing."""
    words = words_for(request, services)
    machines = {machine.id: machine for machine in visible_machines(services.plant, actor)}
    zones = {name: ZoneInfo(services.plant.site(machine.site).time_zone) for name, machine in machines.items()}
    parts = {part.id: part for part in services.plant.part_types}
    try:
        read = read_life_table(table.file.read().decode("utf-8-sig"), machines, zones, parts)
        if read.mistakes:
            return _list_page(request, services, actor, Shown(mistakes=read.mistakes))
        added = actions.import_lives(services.database, actor, read.lives, plant=services.plant, now=services.clock())
    except UnicodeDecodeError:
        return _list_page(request, services, actor, Shown(mistakes=(words.say("stock.not_utf8"),)))
    except InvalidRequestError as error:
        return _list_page(request, services, actor, Shown(mistakes=(str(error),)))
    return _list_page(request, services, actor, Shown(taken=added))


@router.get("/{life}")
def show_life(request: Request, services: ServicesOf, actor: Viewer, life: str) -> Response:
    """Return one life with its trail."""
    return _life_page(request, services, actor, life)


@router.post("/{life}/correction")
def correct(
    request: Request, services: ServicesOf, actor: Technician, life: str, form: Annotated[Typed, Form()]
) -> Response:
    """Keep a life as it is corrected; a mistake comes back with the form."""
    with services.database.reading() as session:
        present = part_lives.get_life(session, actor, life)
    words = words_for(request, services, services.plant.machine(present.machine))
    try:
        actions.correct_life(services.database, actor, life, _record(form, present, words), now=words.now)
    except InvalidRequestError as error:
        return _life_page(request, services, actor, life, form=_as_typed(form), mistake=error)
    return back_to(f"/part-lives/{life}")


def _record(form: Typed, present: PartLife, words: Words) -> Record:
    installed_at = typed_time(form.installed_at, words.zone, "installed_at")
    removed_at = typed_time(form.removed_at, words.zone, "removed_at")
    meter = typed_number(form.meter_at_install, "meter_at_install")
    return Record(
        installed_at=_same_minute(installed_at, present.installed_at) or present.installed_at,
        meter_at_install=present.meter_at_install if meter is None else meter,
        age_at_install=None if form.age_unknown else typed_number(form.age, "age_at_install") or 0.0,
        removed_at=_same_minute(removed_at, present.removed_at),
        meter_at_removal=typed_number(form.meter_at_removal, "meter_at_removal"),
        removal_reason=_reason(form.reason),
        failure_mode=form.failure_mode or None,
        note=form.note or None,
    )


def _same_minute(typed: datetime | None, kept: datetime | None) -> datetime | None:
    """Return the time on record where the form, which knows no seconds, still says the same minute."""
    if typed is not None and kept is not None and typed == kept.replace(second=0, microsecond=0):
        return kept
    return typed


def _reason(text: str) -> RemovalReason | None:
    if not text:
        return None
    try:
        return RemovalReason(text)
    except ValueError:
        raise InvalidRequestError("reason: choose one of those that the page offers") from None


def _as_typed(form: Typed) -> LifeForm:
    return LifeForm(
        installed_at=form.installed_at,
        meter_at_install=form.meter_at_install,
        age=form.age,
        is_age_unknown=bool(form.age_unknown),
        removed_at=form.removed_at,
        meter_at_removal=form.meter_at_removal,
        reason=form.reason,
        failure_mode=form.failure_mode,
        note=form.note,
    )


def _list_page(request: Request, services: Services, actor: Actor, shown: Shown) -> Response:
    words = words_for(request, services)
    wanted = part_lives.LifeFilter(machine=MachineId(shown.machine) if shown.machine else None)
    with services.database.reading() as session:
        found = part_lives.list_lives(session, actor, wanted=wanted, before=shown.before or None, limit=PER_PAGE + 1)
        frame = framed(request, services, words, actor, session)
    older = found[PER_PAGE - 1].id if len(found) > PER_PAGE else ""
    view = lives_view(
        found[:PER_PAGE], visible_machines(services.plant, actor), words, machine=shown.machine, older=older
    )
    taken = "" if shown.taken is None else words.count("life.taken", shown.taken)
    view = replace(view, taken=taken, mistakes=shown.mistakes)
    return render("part_lives.html", words, frame, status=422 if shown.mistakes else 200, view=view)


def _life_page(
    request: Request,
    services: Services,
    actor: Actor,
    life_id: str,
    *,
    form: LifeForm | None = None,
    mistake: InvalidRequestError | None = None,
) -> Response:
    with services.database.reading() as session:
        life = part_lives.get_life(session, actor, life_id)
        words = words_for(request, services, services.plant.machine(life.machine))
        trail = audit.entries_of(session, actor, "part_life", life_id)
        frame = framed(request, services, words, actor, session)
    told = "" if mistake is None else mistake_words(mistake, words)
    view = life_view(life, services.plant, trail, words, form=form, mistake=told)
    return render("part_life.html", words, frame, status=422 if told else 200, view=view)
