"""One stream of server-sent events per open page: a snapshot, then only what changes."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from service.actor import Actor
from service.http.actor import lets_in_still
from service.http.policy import Viewer
from service.http.scope import visible_machines
from service.http.services import Services, ServicesOf
from service.live import Listener, encode_event, value_rows

router = APIRouter(tags=["live"])
RETRY = b"retry: 2000\n\n"
KEEP_ALIVE = b": here\n\n"
KEEP_ALIVE_S = 15.0
ASK_AGAIN = timedelta(seconds=10)
"""How long a stream may go on after its session or key has ended."""
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def read_stream(request: Request, services: ServicesOf, actor: Viewer) -> StreamingResponse:
    """Stream `snapshot`, then `tick`, `case`, `prediction` and `health` events until the session or key is over."""
    return StreamingResponse(_events(request, services, actor), media_type="text/event-stream", headers=HEADERS)


async def _events(request: Request, services: Services, actor: Actor) -> AsyncIterator[bytes]:
    listener = services.live.subscribe(actor.may_see)
    try:
        yield RETRY
        yield await run_in_threadpool(_snapshot, services, actor)
        asked_at = services.clock()
        async for chunk in _follow(services, actor, listener):
            if services.clock() - asked_at >= ASK_AGAIN:
                asked_at = services.clock()
                if not await run_in_threadpool(lets_in_still, request):
                    return
            yield chunk
    finally:
        services.live.unsubscribe(listener)


async def _follow(services: Services, actor: Actor, listener: Listener) -> AsyncIterator[bytes]:
    while not listener.is_closed:
        await listener.wait(KEEP_ALIVE_S)
        chunk, is_behind = listener.take()
        if is_behind:
            yield await run_in_threadpool(_snapshot, services, actor)
        else:
            yield chunk or KEEP_ALIVE
        await asyncio.sleep(0)


def _snapshot(services: Services, actor: Actor) -> bytes:
    seen = {machine.id for machine in visible_machines(services.plant, actor)}
    rows = [row for row in services.telemetry.last_values() if row.machine in seen]
    payload = {"at": services.clock(), "values": value_rows(rows)}
    return encode_event("snapshot", payload, services.live.next_number())
