"""No request body may be larger than the limit, whether it says its length or not."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import problem, problem_response


class BodyLimit:
    """Answers 413 to a body over `limit_bytes`, before it is read where its length is announced.

    `exceptions` gives paths that take whole files their own limit.
    """

    def __init__(self, app: ASGIApp, limit_bytes: int, exceptions: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._exceptions = exceptions or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse its body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit_bytes = self._exceptions.get(scope["path"], self._limit_bytes)
        detail = f"the body is larger than {limit_bytes} bytes; send less at a time"
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced[:20]) > limit_bytes:
            await problem_response(problem(Request(scope), 413, detail))(scope, receive, send)
            return
        taken = 0

        async def receive_counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit_bytes:
                raise HTTPException(413, detail)
            return message

        await self._app(scope, receive_counted, send)
