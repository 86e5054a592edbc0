"""`/plan`: what is replaced when, twelve weeks ahead."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from service.http.planning import planning_of
from service.http.policy import Viewer
from service.http.services import ServicesOf
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.plan import plan_view

router = APIRouter()


@router.get("/plan")
def show_plan(
    request: Request,
    services: ServicesOf,
    actor: Viewer,
    by: Annotated[Literal["machine", "part"], Query()] = "machine",
) -> Response:
    """Return the replacement plan, by machine or by part."""
    words = words_for(request, services)
    with services.database.reading() as session:
        plan = planning_of(services, actor, session).plan
        frame = framed(request, services, words, actor, session)
    return render("plan.html", words, frame, view=plan_view(plan, words, by_part=by == "part"))
