"""`/found`: machines and sensors that report and are not registered."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import RedirectResponse, Response

from service.actions.registration import Registration, register
from service.actor import Actor
from service.errors import InvalidRequestError, NotFoundError
from service.http.policy import Engineer, Technician
from service.http.scope import may_see_topic
from service.http.services import Services, ServicesOf
from service.security.rights import Right, may
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.found import found_view

router = APIRouter(prefix="/found")
Wire = Annotated[str, Field(max_length=300)]


class Submitted(BaseModel):
    """The form of one group as it comes in."""

    model_config = ConfigDict(extra="ignore")

    topic: Wire
    machine: Wire
    sensor: Wire = ""
    equipment_type: Wire = ""
    line: Wire = ""


@router.get("")
def show_found(request: Request, services: ServicesOf, actor: Technician, registered: str = "") -> Response:
    """Return what is found and not registered."""
    return _page(request, services, actor, registered=registered[:64])


@router.post("/registration")
def register_one(
    request: Request, services: ServicesOf, actor: Engineer, form: Annotated[Submitted, Form()]
) -> Response:
    """Register a sensor or machine; the running service goes by it at once."""
    wish = Registration(**form.model_dump())
    try:
        register(services.database, services.plants, services.found, actor, wish, now=services.clock())
    except (InvalidRequestError, NotFoundError) as error:
        return _page(request, services, actor, mistake=str(error))
    return RedirectResponse("/found?registered=1", status_code=303)


def _page(request: Request, services: Services, actor: Actor, *, mistake: str = "", registered: str = "") -> Response:
    words = words_for(request, services)
    with services.database.reading() as session:
        frame = framed(request, services, words, actor, session)
    seen = [each for each in services.found.all() if may_see_topic(actor, each.newest.topic)]
    view = found_view(seen, services.plant, services.plants.catalogue, words)
    notice = mistake or (words.say("found.registered", revision=services.plant.revision) if registered else "")
    may_register = may(actor, Right.CHANGE_PLANT)
    return render(
        "found.html",
        words,
        frame,
        status=422 if mistake else 200,
        groups=view,
        notice=notice,
        may_register=may_register,
    )
