"""Around every request: an id in the log, a count in the metrics, and an answer even when nobody foresaw the error."""

import re
import secrets
import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import Problem, problem, problem_response
from service.observability.metrics import Metrics

_log = structlog.get_logger(__name__)
_GOOD_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class RequestScope:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, whatever happens."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = request_id
            await send(message)

        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:  # noqa: BLE001 (the outermost loop: logged, counted and answered)
                answer = self._answer(Request(scope), error, request_id)
                if not status:
                    await problem_response(answer)(scope, receive, send_with_id)
            self._count(scope, status, time.perf_counter() - started)

    def _answer(self, request: Request, error: Exception, request_id: str) -> Problem:
        if isinstance(error, HTTPException):
            return problem(request, error.status_code, error.detail)
        _log.error("request_failed", method=request.method, path=request.url.path, exc_info=error)
        self._metrics.unexpected_errors.labels("http").inc()
        return problem(request, 500, f"request {request_id} is in the log")

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        operation = getattr(scope.get("route"), "name", "unmatched")
        self._metrics.requests.labels(operation, str(status)).inc()
        self._metrics.request_seconds.labels(operation).observe(seconds)
        _log.debug("request", method=scope["method"], path=scope["path"], status=status, seconds=round(seconds, 4))


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _GOOD_ID.fullmatch(given) else secrets.token_hex(8)
