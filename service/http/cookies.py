"""The cookies that the service sets: who is signed in."""

from starlette.requests import HTTPConnection
from starlette.responses import Response

PLAIN_NAME = "yeji_session"
SECURE_NAME = "__Host-yeji_session"


def session_token(connection: HTTPConnection, *, secure: bool) -> str | None:
    """Return the session token that came with the request, or None."""
    return connection.cookies.get(_name(secure=secure))


def set_session_cookie(response: Response, token: str, *, secure: bool) -> None:
    """Give the browser its session: out of reach of scripts and of other sites, until the browser closes."""
    response.set_cookie(_name(secure=secure), token, path="/", secure=secure, httponly=True, samesite="strict")


def clear_session_cookie(response: Response, *, secure: bool) -> None:
    """Take the session away from the browser."""
    response.delete_cookie(_name(secure=secure), path="/", secure=secure, httponly=True, samesite="strict")


def _name(*, secure: bool) -> str:
    return SECURE_NAME if secure else PLAIN_NAME
