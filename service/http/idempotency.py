"""Idempotency-Key: a POST that is sent twice, because its answer was lost, is done once and answered twice alike."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.errors import StateUnavailableError
from service.http.problems import MEDIA_TYPE, problem, problem_response
from service.state import idempotency
from service.state.database import StateDatabase
from service.state.idempotency import KeptAnswer

HEADER = "idempotency-key"
LONGEST_KEY = 200
NOT_KEPT = frozenset({401, 403, 413, 429})
"""Refusals that say nothing of the request itself; whoever is not let in leaves nothing behind either."""
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Repeat:
    """What a repeat is known by: who asks, by the digest of the credentials, and the digest of where and which key."""

    caller: str
    key: str


class Idempotency:
    """Keeps the answers to POST requests of the API that carried a key in the state database, for a day."""

    def __init__(self, app: ASGIApp, database: StateDatabase, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._database = database
        self._clock = clock
        self._at_work: set[_Repeat] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a repeat with what is kept; let everything else through."""
        repeat = _repeat_of(scope)
        if repeat is None:
            await self._app(scope, receive, send)
        elif repeat in self._at_work:
            await _refuse(scope, send, 409, "Idempotency-Key: the first request with this key is still at work")
        else:
            self._at_work.add(repeat)
            try:
                await self._answer(scope, receive, send, repeat)
            finally:
                self._at_work.discard(repeat)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, repeat: _Repeat) -> None:
        body = await Request(scope, receive).body()
        digest = hashlib.sha256(body).hexdigest()
        try:
            known = await run_in_threadpool(self._find, repeat)
        except StateUnavailableError as error:
            await _refuse(scope, send, 503, str(error))
            return
        if known is None:
            await self._first(scope, body, send, repeat=repeat, digest=digest)
        elif known.request_digest != digest:
            await _refuse(scope, send, 422, "Idempotency-Key: this key was used for another request; draw a new one")
        else:
            media_type = "application/json" if known.status < 400 else MEDIA_TYPE
            await Response(known.body, known.status, media_type=media_type)(scope, receive, send)

    async def _first(self, scope: Scope, body: bytes, send: Send, *, repeat: _Repeat, digest: str) -> None:
        messages: list[Message] = []

        async def replay_body() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def gather(message: Message) -> None:
            messages.append(message)

        await self._app(scope, replay_body, gather)
        status = messages[0]["status"]
        if status < 500 and status not in NOT_KEPT:
            content = b"".join(message.get("body", b"") for message in messages[1:])
            answer = KeptAnswer(request_digest=digest, status=status, body=content)
            await run_in_threadpool(self._keep, repeat, answer)
        for message in messages:
            await send(message)

    def _find(self, repeat: _Repeat) -> KeptAnswer | None:
        with self._database.reading() as session:
            return idempotency.find(session, repeat.caller, repeat.key)

    def _keep(self, repeat: _Repeat, answer: KeptAnswer) -> None:
        try:
            with self._database.transaction() as session:
                idempotency.keep(session, repeat.caller, repeat.key, answer, now=self._clock())
        except StateUnavailableError as error:
            _log.warning("answer_not_kept", reason=str(error))


def _repeat_of(scope: Scope) -> _Repeat | None:
    if scope["type"] != "http" or scope["method"] != "POST" or not scope["path"].startswith("/api/"):
        return None
    headers = Headers(scope=scope)
    given = headers.get(HEADER, "")[:LONGEST_KEY]
    if not given:
        return None
    credentials = headers.get("authorization", "") + headers.get("cookie", "")
    return _Repeat(caller=_digest(credentials), key=_digest(f"{scope['path']} {given}"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def _refuse(scope: Scope, send: Send, status: int, detail: str) -> None:
    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    await problem_response(problem(Request(scope), status, detail))(scope, nothing, send)
