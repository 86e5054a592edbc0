"""`/machines/{machine}`: one machine."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from configs.instant import ns_of
from configs.plant import Machine, MachineId, SlotId
from ingest.part_life import PartLife
from service.actor import Actor
from service.http.policy import Viewer
from service.http.scope import machine_for
from service.http.services import ServicesOf
from service.state import maintenance_events, part_lives
from service.web.pages.conflict import conflict_notice
from service.web.pages.frame import framed, machine_facts, words_for
from service.web.rendering import render
from service.web.views.forecast import HISTORY, History
from service.web.views.limits import limit_rows
from service.web.views.machine import machine_view
from service.web.views.sensors import SHOWN_FIRST
from service.web.views.vibration import point_views
from service.web.words import Words, key

router = APIRouter(prefix="/machines")
A_LITTLE = timedelta(hours=1)
LIVES_OF_A_SLOT = 30
RANGES = ((1, key("span.hour")), (8, key("span.shift")), (168, key("span.week")), (720, key("span.month")))


class MachineQuery(BaseModel):
    """What the machine page may be asked for: whose forecast is drawn, and which case somebody else changed."""

    slot: Annotated[str, Field(max_length=64)] = ""
    conflict: Annotated[str, Field(max_length=64)] = ""


@router.get("/{machine}")
def show_machine(
    request: Request, services: ServicesOf, actor: Viewer, machine: MachineId, query: Annotated[MachineQuery, Query()]
) -> Response:
    """Return the machine page."""
    known = machine_for(services.plant, actor, machine)
    words = words_for(request, services, known)
    block = services.condition.read_condition(known.id, ns_of(words.now - HISTORY), ns_of(words.now + A_LITTLE))
    with services.database.reading() as session:
        facts = machine_facts(services, actor, session, known)
        lives = _lives(session, actor, known)
        events = maintenance_events.list_events(session, actor, machine=known.id, limit=50)
        notice = conflict_notice(session, actor, query.conflict, words)
        frame = framed(request, services, words, actor, session, notice=notice)
    view = machine_view(
        facts, History(lives=lives, events=events, block=block), SlotId(query.slot) if query.slot else None, words
    )
    points = point_views(known, services.waveforms, words)
    return render(
        "machine.html",
        words,
        frame,
        view=view,
        points=points,
        limits=limit_rows(known, words),
        ranges=_ranges(words),
        shown_first=SHOWN_FIRST,
    )


def _lives(session: Session, actor: Actor, machine: Machine) -> tuple[PartLife, ...]:
    """Return the newest lives of every slot: a tool that is changed by the hour leaves room for the others."""
    return tuple(
        life
        for slot in machine.slots
        for life in part_lives.list_lives(
            session, actor, wanted=part_lives.LifeFilter(machine=machine.id, slot=slot.id), limit=LIVES_OF_A_SLOT
        )
    )


def _ranges(words: Words) -> tuple[tuple[int, str], ...]:
    return tuple((hours, words.say(name)) for hours, name in RANGES)
