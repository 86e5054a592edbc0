"""RFC 9457 problems: every error of the service becomes an answer here and nowhere else."""

import math
import tomllib
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from configs.errors import YejiError
from ingest.errors import StoreUnavailableError, TableFileError
from service.errors import (
    ConflictError,
    InvalidRequestError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PreconditionError,
    StateUnavailableError,
    TooManyAttemptsError,
)
from service.http.language import language_of

MEDIA_TYPE = "application/problem+json"
ErrorPage = Callable[[Request, "Problem"], Response]
_FOR_PROGRAMS = ("/api/", "/metrics", "/livez", "/readyz", "/static/")
_STATUS_OF: dict[type[YejiError], int] = {
    NotFoundError: 404,
    ConflictError: 409,
    PreconditionError: 412,
    NotAllowedError: 403,
    NotSignedInError: 401,
    InvalidRequestError: 422,
    TooManyAttemptsError: 429,
    StateUnavailableError: 503,
    StoreUnavailableError: 503,
    TableFileError: 422,
}


class FieldError(BaseModel):
    """One mistake in a request: `pointer` is a JSON pointer into the body, or `#/query/name`."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """An RFC 9457 problem; `type` is stable, `title` is in the reader's language."""

    model_config = ConfigDict(title="Problem")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: tuple[FieldError, ...] = ()


def problem(request: Request, status: int, detail: str = "", errors: tuple[FieldError, ...] = ()) -> Problem:
    """Return the problem of that status for this request."""
    words = _titles().get(str(status), _titles()["500" if status >= 500 else "400"])
    title = words[language_of(request)]
    return Problem(
        type=f"/problems/{words['kind']}",
        title=title,
        status=status,
        detail=detail or title,
        instance=request.url.path,
        errors=errors,
    )


def problem_response(answer: Problem) -> Response:
    """Return the problem as an HTTP answer."""
    headers = {"www-authenticate": "Bearer"} if answer.status == HTTPStatus.UNAUTHORIZED else {}
    return Response(answer.model_dump_json(), status_code=answer.status, headers=headers, media_type=MEDIA_TYPE)


def install_problems(app: FastAPI, error_page: ErrorPage | None = None) -> None:
    """Let the application answer every error with a problem, or, to a person at a page, with `error_page`."""

    def respond(request: Request, answer: Problem) -> Response:
        if not is_for_a_person(request):
            return problem_response(answer)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            return _to_sign_in(request)
        return error_page(request, answer) if error_page else problem_response(answer)

    def on_yeji_error(request: Request, error: Exception) -> Response:
        status = next((_STATUS_OF[kind] for kind in type(error).__mro__ if kind in _STATUS_OF), 500)
        response = respond(request, problem(request, status, str(error)))
        if isinstance(error, TooManyAttemptsError):
            response.headers["retry-after"] = str(math.ceil(error.retry_after_s))
        return response

    def on_http_exception(request: Request, error: Exception) -> Response:
        known = cast("HTTPException", error)
        response = respond(request, problem(request, known.status_code, _own_detail(known)))
        response.headers.update(known.headers or {})
        return response

    def on_invalid_request(request: Request, error: Exception) -> Response:
        found = cast("RequestValidationError", error).errors()
        errors = tuple(FieldError(pointer=_pointer(each["loc"]), detail=each["msg"]) for each in found)
        detail = "; ".join(f"{each.pointer}: {each.detail}" for each in errors)
        return respond(request, problem(request, 422, detail, errors))

    app.add_exception_handler(YejiError, on_yeji_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid_request)


def is_for_a_person(request: Request) -> bool:
    """Whether a page was asked for, not the API."""
    if request.url.path.startswith(_FOR_PROGRAMS):
        return False
    return "text/html" in request.headers.get("accept", "") or _is_fragment(request)


def _is_fragment(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _to_sign_in(request: Request) -> Response:
    address = f"/sign-in?next={quote(_wanted(request))}"
    if _is_fragment(request):
        return Response(status_code=401, headers={"hx-redirect": "/sign-in"})
    return RedirectResponse(address, status_code=303)


def _wanted(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}" if request.method == "GET" else "/"


def _own_detail(error: HTTPException) -> str:
    is_standard = error.detail == HTTPStatus(error.status_code).phrase
    return "" if is_standard else error.detail


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = location[1:] if location[:1] == ("body",) else location
    return "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


@cache
def _titles() -> dict[str, dict[str, str]]:
    text = files("service.http").joinpath("problem_titles.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
