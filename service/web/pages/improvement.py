"""`/improvement`: how to make parts last, and whether a change did."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from configs.plant import PartTypeId
from service.http.improving import improvement, tested_change
from service.http.policy import Viewer
from service.http.services import ServicesOf
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.improvement import change_view, improvement_view
from service.web.words import Words

router = APIRouter()


@router.get("/improvement")
def show_improvement(
    request: Request,
    services: ServicesOf,
    actor: Viewer,
    part: Annotated[str, Query(max_length=130)] = "",
    since: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """Return the page of improvement, with the test of a change where one is asked for."""
    words = words_for(request, services)
    changed_at = _day(since, words)
    with services.database.reading() as session:
        found = improvement(services, actor, session)
        test = None
        if part and changed_at is not None:
            test = tested_change(services, actor, session, part_type=PartTypeId(part), changed_at=changed_at)
        frame = framed(request, services, words, actor, session)
    mistake = words.say("mistake.time") if since and changed_at is None else ""
    change = change_view(services.plant, words, part=part, since=since, test=test, mistake=mistake)
    view = improvement_view(found, services.plant, change, words)
    return render("improvement.html", words, frame, status=422 if mistake else 200, view=view)


def _day(text: str, words: Words) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=words.zone).astimezone(UTC)
