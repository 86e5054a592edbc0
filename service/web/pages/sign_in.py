"""`/sign-in`: name and password, or a link that works once; `/sign-out`; the language switch."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import RedirectResponse, Response

from service.errors import NotSignedInError, TooManyAttemptsError
from service.http.cookies import clear_session_cookie, session_token, set_session_cookie
from service.http.language import LANGUAGE_COOKIE, Language
from service.http.policy import OpenToAll
from service.http.services import Services, ServicesOf
from service.security import links, sessions
from service.security.sign_in import Credentials, SignedIn, sign_in
from service.web.pages.frame import back_to, words_for
from service.web.rendering import frame_of, render

router = APIRouter(dependencies=[OpenToAll])
A_YEAR_S = 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInView:
    """The form as it stands; with a `token`, the page asks for one click instead."""

    next: str
    name: str = ""
    token: str = ""
    mistake: str = ""


@router.get("/sign-in")
def show_sign_in(request: Request, services: ServicesOf, next_page: str = "/") -> Response:
    """Return the form."""
    return _page(request, services, SignInView(next=request.query_params.get("next", next_page)))


@router.post("/sign-in")
def sign_in_by_password(
    request: Request,
    services: ServicesOf,
    name: Annotated[str, Form(max_length=100)],
    password: Annotated[str, Form(max_length=1000)],
    next_page: Annotated[str, Form(alias="next")] = "/",
) -> Response:
    """Begin a session; a wrong name or password comes back with the form."""
    words = words_for(request, services)
    address = request.client.host if request.client is not None else ""
    credentials = Credentials(name=name, password=password, address=address)
    try:
        signed_in = sign_in(
            services.database, services.passwords, credentials, limits=services.session_limits, now=words.now
        )
    except NotSignedInError:
        view = SignInView(next=next_page, name=name, mistake=words.say("sign.wrong"))
        return _page(request, services, view, status=HTTPStatus.UNAUTHORIZED)
    except TooManyAttemptsError as error:
        wait = words.count("sign.wait", max(1, round(error.retry_after_s)))
        answer = _page(request, services, SignInView(next=next_page, name=name, mistake=wait), status=429)
        answer.headers["retry-after"] = str(max(1, round(error.retry_after_s)))
        return answer
    return _begin(services, signed_in, next_page)


@router.get("/sign-in/{token}")
def show_link(request: Request, services: ServicesOf, token: str) -> Response:
    """Ask for a click: what merely looks at a link, such as a preview, must not use it up."""
    return _page(request, services, SignInView(next="/", token=token))


@router.post("/sign-in/{token}")
def sign_in_by_link(request: Request, services: ServicesOf, token: str) -> Response:
    """Begin a session by a link that works once."""
    words = words_for(request, services)
    try:
        signed_in = links.redeem_link(services.database, token, limits=services.session_limits, now=words.now)
    except NotSignedInError:
        view = SignInView(next="/", mistake=words.say("sign.link_used"))
        return _page(request, services, view, status=HTTPStatus.UNAUTHORIZED)
    return _begin(services, signed_in, "/")


@router.post("/sign-out")
def sign_out(services: ServicesOf, request: Request) -> Response:
    """End the session."""
    secure = services.security.secure_cookies
    token = session_token(request, secure=secure)
    if token is not None:
        sessions.sign_out(services.database, token, now=services.clock())
    answer = RedirectResponse("/sign-in", status_code=303)
    clear_session_cookie(answer, secure=secure)
    return answer


@router.post("/language")
def choose_language(
    services: ServicesOf, language: Annotated[Language, Form()], next_page: Annotated[str, Form(alias="next")] = "/"
) -> Response:
    """Remember in which language the person reads."""
    answer = back_to(next_page)
    answer.set_cookie(
        LANGUAGE_COOKIE, language, max_age=A_YEAR_S, path="/", samesite="lax", secure=services.security.secure_cookies
    )
    return answer


def _begin(services: Services, signed_in: SignedIn, next_page: str) -> Response:
    answer = back_to(next_page)
    set_session_cookie(answer, signed_in.token, secure=services.security.secure_cookies)
    return answer


def _page(request: Request, services: Services, view: SignInView, *, status: int = 200) -> Response:
    words = words_for(request, services)
    frame = frame_of(request, words, None, simulated=services.simulated)
    return render("sign_in.html", words, frame, status=status, view=view)
