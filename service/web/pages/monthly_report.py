"""`/reports/monthly`: the report of a month on two pages, for the screen and for paper."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from service.advisory.budget import budget_of
from service.advisory.monthly_report import report_month
from service.errors import InvalidRequestError
from service.http.improving import costs_of, improvement, lives_of
from service.http.planning import planning_of
from service.http.policy import Viewer
from service.http.scope import visible_machines
from service.http.services import ServicesOf
from service.state import labels
from service.web.pages.frame import framed, words_for
from service.web.rendering import render
from service.web.views.monthly_report import report_view
from service.web.words import Words

router = APIRouter(prefix="/reports")
MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")


@router.get("/monthly")
def show_report(
    request: Request, services: ServicesOf, actor: Viewer, month: Annotated[str, Query(max_length=7)] = ""
) -> Response:
    """Return the report of a month, of this one unless told otherwise."""
    words = words_for(request, services)
    start, end = _span(month or f"{words.today:%Y-%m}", words)
    seen = {machine.id for machine in visible_machines(services.plant, actor)}
    with services.database.reading() as session:
        said = [label for label in labels.all_labels(session) if label.machine in seen]
        report = report_month(lives_of(actor, session), said, costs_of(services, actor), start=start, end=end)
        planning = planning_of(services, actor, session)
        found = improvement(services, actor, session)
        frame = framed(request, services, words, actor, session)
    view = report_view(report, planning.plan, found, budget_of(planning.lines), words, plant=services.plant)
    return render("monthly_report.html", words, frame, view=view)


def _span(month: str, words: Words) -> tuple[datetime, datetime]:
    if not MONTH.fullmatch(month):
        raise InvalidRequestError(f"month: {month!r} is no month; write it like 2026-11")
    year, number = int(month[:4]), int(month[5:])
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return (
        datetime(year, number, 1, tzinfo=words.zone).astimezone(UTC),
        datetime(*following, 1, tzinfo=words.zone).astimezone(UTC),
    )
