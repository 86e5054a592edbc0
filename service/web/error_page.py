"""Errors as a person sees them."""

from dataclasses import dataclass

from fastapi import Request
from starlette.responses import Response

from service.http.actor import actor_of
from service.http.problems import Problem
from service.http.services import services_of
from service.web.pages.frame import words_for
from service.web.rendering import frame_of, render
from service.web.words import key

WORDS = {
    403: key("error.403"),
    404: key("error.404"),
    409: key("error.409"),
    412: key("error.409"),
    422: key("error.422"),
    503: key("error.503"),
}
SELF_EXPLAINING = frozenset({403, 404})
OTHERWISE = key("error.500")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorView:
    """What went wrong, and what to do."""

    status: int
    title: str
    words: str
    detail: str


def error_page(request: Request, problem: Problem) -> Response:
    """Return the problem as a page."""
    services = services_of(request)
    words = words_for(request, services)
    view = ErrorView(
        status=problem.status,
        title=problem.title,
        words=words.say(WORDS.get(problem.status, OTHERWISE)),
        detail=problem.detail if problem.status not in SELF_EXPLAINING and problem.detail != problem.title else "",
    )
    frame = frame_of(request, words, actor_of(request), simulated=services.simulated)
    return render("error.html", words, frame, status=problem.status, view=view)
