"""Idempotency-Key: a POST that is sent twice, because its answer was lost, is done once and answered twice alike."""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.http.problems import problem, problem_response

HEADER = "idempotency-key"
KEPT_ANSWERS = 2000
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    request_digest: str
    messages: tuple[Message, ...] | None
    """None while the first request is still at work."""


class Idempotency:
    """Remembers the last answers to POST requests of the API that carried a key, by who asked and where.

    Answers are kept in memory: after a restart a repeat meets the state that the first one left, which every
    action of the service checks for itself (409 for a life that is closed already, 412 for an older version).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers: OrderedDict[str, _Answer] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a repeat from memory; let everything else through."""
        key = _key_of(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        body = await Request(scope, receive).body()
        digest = hashlib.sha256(body).hexdigest()
        known = self._answers.get(key)
        if known is None:
            await self._first(scope, body, send, key=key, digest=digest)
        elif known.request_digest != digest:
            await _refuse(scope, send, 422, "Idempotency-Key: this key was used for another request; draw a new one")
        elif known.messages is None:
            await _refuse(scope, send, 409, "Idempotency-Key: the first request with this key is still at work")
        else:
            for message in known.messages:
                await send(message)

    async def _first(self, scope: Scope, body: bytes, send: Send, *, key: str, digest: str) -> None:
        messages: list[Message] = []
        self._answers[key] = _Answer(request_digest=digest, messages=None)

        async def replay_body() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(message: Message) -> None:
            messages.append(message)
            await send(message)

        try:
            await self._app(scope, replay_body, keep)
        except BaseException:
            self._answers.pop(key, None)
            raise
        if messages and messages[0]["status"] < 500:
            self._answers[key] = _Answer(request_digest=digest, messages=tuple(messages))
        else:
            self._answers.pop(key, None)
        while len(self._answers) > KEPT_ANSWERS:
            self._answers.popitem(last=False)


def _key_of(scope: Scope) -> str | None:
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/api/"):
        return None
    headers = Headers(scope=scope)
    given = headers.get(HEADER, "")[:LONGEST_KEY]
    if not given:
        return None
    caller = hashlib.sha256((headers.get("authorization", "") + headers.get("cookie", "")).encode()).hexdigest()
    return f"{caller} {scope['path']} {given}"


async def _refuse(scope: Scope, send: Send, status: int, detail: str) -> None:
    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    await problem_response(problem(Request(scope), status, detail))(scope, nothing, send)
