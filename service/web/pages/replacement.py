"""`/machines/{machine}/replacement`: a part was replaced; one life ends and the next begins."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from configs.plant import Machine, MachineId, Slot
from ingest.part_life import RemovalReason
from service.actions import part_lives as actions
from service.actor import Actor
from service.advisory.replacement import Installation, Removal
from service.errors import ConflictError, InvalidRequestError, NotFoundError
from service.http.policy import Technician
from service.http.scope import machine_for, slot_for
from service.http.services import Services, ServicesOf
from service.state import part_lives
from service.web.pages.frame import back_to, framed, words_for
from service.web.pages.local_times import typed_number, typed_time
from service.web.pages.mistakes import mistake_words
from service.web.rendering import render
from service.web.views.replacement import Filled, SlotFacts, local_input, open_life_of, replacement_view
from service.web.words import Words

router = APIRouter(prefix="/machines")


class Submitted(BaseModel):
    """The form as it comes in: everything is text until it is checked."""

    model_config = ConfigDict(extra="ignore")

    slot: Annotated[str, Field(max_length=64)]
    life: Annotated[str, Field(max_length=64)] = ""
    reason: Annotated[str, Field(max_length=32)] = ""
    at: Annotated[str, Field(max_length=32)] = ""
    meter: Annotated[str, Field(max_length=32)] = ""
    failure_mode: Annotated[str, Field(max_length=32)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What was typed, and why it was not taken."""

    form: Filled
    mistake: str


@router.get("/{machine}/replacement")
def show_replacement(
    request: Request, services: ServicesOf, actor: Technician, machine: MachineId, slot: str = ""
) -> Response:
    """Return the form for a slot, the first of the machine unless told otherwise."""
    known = machine_for(services.plant, actor, machine)
    chosen = slot_for(known, slot) if slot else _first_slot(known)
    return _form_page(request, services, actor, known, slot=chosen)


@router.post("/{machine}/replacement")
def replace_part(
    request: Request, services: ServicesOf, actor: Technician, machine: MachineId, form: Annotated[Submitted, Form()]
) -> Response:
    """End the life in a slot and begin the next, or begin the first; a mistake comes back with the form."""
    known = machine_for(services.plant, actor, machine)
    slot = slot_for(known, form.slot)
    words = words_for(request, services, known)
    try:
        _record(services, actor, slot, form, words=words, machine=known)
    except (InvalidRequestError, ConflictError) as error:
        return _form_page(
            request,
            services,
            actor,
            known,
            slot=slot,
            refused=Refused(form=_filled(form), mistake=mistake_words(error, words)),
        )
    return back_to(f"/machines/{known.id}")


def _filled(form: Submitted) -> Filled:
    return Filled(reason=form.reason, at=form.at, meter=form.meter, failure_mode=form.failure_mode, note=form.note)


def _record(services: Services, actor: Actor, slot: Slot, form: Submitted, *, words: Words, machine: Machine) -> None:
    at = typed_time(form.at, words.zone, "at")
    if at is not None and at > words.now:
        at = None
    meter = typed_number(form.meter, "meter")
    if not form.life:
        wish = Installation(machine=machine.id, slot=slot.id, installed_at=at, meter=meter, note=form.note or None)
        actions.record_installation(
            services.database, actor, wish, plant=services.plant, meters=services.meters, now=words.now
        )
        return
    removal = Removal(
        life_id=form.life,
        reason=_reason(form.reason),
        removed_at=at,
        meter=meter,
        failure_mode=form.failure_mode or None,
        note=form.note or None,
    )
    actions.record_removal(
        services.database, actor, removal, plant=services.plant, meters=services.meters, now=words.now
    )


def _reason(text: str) -> RemovalReason:
    try:
        return RemovalReason(text)
    except ValueError:
        raise InvalidRequestError("reason: choose one of those that the page offers") from None


def _first_slot(machine: Machine) -> Slot:
    if not machine.slots:
        raise NotFoundError(f"machine {machine.id} has no slot for a part; add one to the plant file")
    return machine.slots[0]


def _form_page(
    request: Request, services: Services, actor: Actor, machine: Machine, *, slot: Slot, refused: Refused | None = None
) -> Response:
    words = words_for(request, services, machine)
    with services.database.reading() as session:
        lives = part_lives.open_lives(session, actor, machine=machine.id)
        frame = framed(request, services, words, actor, session)
    part = services.plant.part_type(slot.part_type)
    meters = services.meters.meters(machine.id)
    facts = SlotFacts(
        machine=machine,
        slot=slot,
        part=part,
        life=open_life_of(slot.id, lives),
        meter=next((meter for meter in meters if meter.unit is part.life_unit), None),
    )
    form = refused.form if refused is not None else Filled(at=local_input(words.now, words))
    view = replacement_view(facts, form, words, mistake=refused.mistake if refused is not None else "")
    return render("replacement.html", words, frame, status=422 if refused is not None else 200, view=view)
