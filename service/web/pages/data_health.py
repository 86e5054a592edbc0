"""`/data-health`: how the data is."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.http.data_health import data_health
from service.http.policy import Viewer
from service.http.services import ServicesOf
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.data_health import data_health_view

router = APIRouter()


@router.get("/data-health")
def show_data_health(request: Request, services: ServicesOf, actor: Viewer) -> Response:
    """Return the data-health page."""
    words = words_for(request, services)
    intake = next((part for part in services.readiness().parts if part.name == "intake"), None)
    with services.database.reading() as session:
        found = data_health(services, actor, session)
        frame = framed(request, services, words, actor, session)
    return render("data_health.html", words, frame, view=data_health_view(services.plant, found, intake, words))
