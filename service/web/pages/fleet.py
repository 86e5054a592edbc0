"""`/`: the fleet."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.http.policy import Viewer
from service.http.services import ServicesOf
from service.web.pages.conflict import conflict_notice
from service.web.pages.frame import fleet_facts, framed, words_for
from service.web.rendering import render
from service.web.views.fleet import LIMIT_TICK, fleet_view

router = APIRouter()


@router.get("/")
def show_fleet(request: Request, services: ServicesOf, actor: Viewer, conflict: str = "") -> Response:
    """Return the fleet page."""
    words = words_for(request, services)
    with services.database.reading() as session:
        facts = fleet_facts(services, actor, session)
        notice = conflict_notice(session, actor, conflict, words)
        frame = framed(request, services, words, actor, session, notice=notice)
    view = fleet_view(services.plant, facts, words)
    return render("fleet.html", words, frame, view=view, limit_tick=LIMIT_TICK)
