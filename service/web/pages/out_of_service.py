"""`/machines/{machine}/out-of-service`: a machine that is not watched for a while."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from configs.plant import Machine, MachineId
from service.actions import out_of_service as actions
from service.actor import Actor
from service.errors import InvalidRequestError
from service.http.policy import Technician
from service.http.scope import machine_for
from service.http.services import Services, ServicesOf
from service.web.pages.frame import back_to, framed, words_for
from service.web.pages.local_times import typed_time
from service.web.pages.mistakes import mistake_words
from service.web.rendering import render
from service.web.views.replacement import local_input

router = APIRouter(prefix="/machines")
USUAL = timedelta(hours=4)


class Wish(BaseModel):
    """The form as it comes in: until when, in the site's zone, and why."""

    until: Annotated[str, Field(max_length=32)] = ""
    reason: Annotated[str, Field(max_length=200)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsenceView:
    """The form as it stands."""

    machine: MachineId
    machine_name: str
    until: str
    earliest: str
    reason: str
    mistake: str


@router.get("/{machine}/out-of-service")
def show_absence(request: Request, services: ServicesOf, actor: Technician, machine: MachineId) -> Response:
    """Return the form by which a machine is taken out of service."""
    known = machine_for(services.plant, actor, machine)
    return _form_page(request, services, actor, known)


@router.post("/{machine}/out-of-service")
def take_out(
    request: Request,
    services: ServicesOf,
    actor: Technician,
    machine: MachineId,
    form: Annotated[Wish, Form()],
) -> Response:
    """Take the machine out of service until then; a mistake comes back with the form."""
    known = machine_for(services.plant, actor, machine)
    words = words_for(request, services, known)
    try:
        end = typed_time(form.until, words.zone, "until") or words.now
        actions.set_out_of_service(services.database, actor, known, until=end, reason=form.reason, now=words.now)
    except InvalidRequestError as error:
        return _form_page(request, services, actor, known, typed=(form.until, form.reason, mistake_words(error, words)))
    return back_to(f"/machines/{known.id}")


@router.post("/{machine}/return-to-service")
def put_back(services: ServicesOf, actor: Technician, machine: MachineId) -> Response:
    """Watch the machine again from now on."""
    known = machine_for(services.plant, actor, machine)
    actions.return_to_service(services.database, actor, known, now=services.clock())
    return back_to(f"/machines/{known.id}")


def _form_page(
    request: Request, services: Services, actor: Actor, machine: Machine, *, typed: tuple[str, str, str] | None = None
) -> Response:
    words = words_for(request, services, machine)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    until, reason, mistake = typed or (local_input(words.now + USUAL, words), "", "")
    view = AbsenceView(
        machine=machine.id,
        machine_name=words.text(machine.name),
        until=until,
        earliest=local_input(words.now, words),
        reason=reason,
        mistake=mistake,
    )
    return render("out_of_service.html", words, frame, status=422 if mistake else 200, view=view)
