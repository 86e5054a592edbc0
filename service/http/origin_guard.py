"""Refuses requests to a foreign host name, and changing requests that another site's page sent."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.http.cookies import PLAIN_NAME, SECURE_NAME
from service.http.origin import is_cross_site, is_known_host
from service.http.problems import problem, problem_response


class OriginGuard:
    """Answers 400 to a foreign Host and 403 to a cross-site change; everything else passes."""

    def __init__(self, app: ASGIApp, host_names: frozenset[str]) -> None:
        self._app = app
        self._host_names = host_names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse where it comes from."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, detail = refusal
        await problem_response(problem(Request(scope), status, detail))(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = Headers(scope=scope)
        if not is_known_host(headers.get("host", ""), self._host_names):
            return 400, "Host: this computer does not go by that name; add it to `allowed_hosts` in the settings"
        cookies = Request(scope).cookies
        has_session = PLAIN_NAME in cookies or SECURE_NAME in cookies
        if is_cross_site(scope["method"], headers, has_session=has_session):
            return 403, "the request came from a page of another site, or without an Origin; open Yeji's own page"
        return None
