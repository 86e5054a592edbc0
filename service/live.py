"""What open pages are told while they are open: one encoding per event, broadcast to every listener.

```
any thread ── publish ──► event loop ── offer ──► a queue of two per listener ──► its stream
```
A listener that cannot keep up loses what is queued and is told to take a fresh snapshot, so that nobody's page
shows an old value as the newest and no slow page holds memory.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count

import orjson

from configs.instant import utc_of_ns
from configs.plant import MachineId, SensorId, SiteId
from ingest.ports import LastValue

QUEUE_LENGTH = 2


def encode_event(event: str, payload: object, number: int) -> bytes:
    """Return one server-sent event as the bytes that go over the wire."""
    return b"event: %s\nid: %d\ndata: %s\n\n" % (event.encode(), number, orjson.dumps(payload))


class Listener:
    """One open page: what it may see, and what waits to be sent to it. Lives in the event loop."""

    def __init__(self, may_see: Callable[[SiteId], bool]) -> None:
        self.may_see = may_see
        self._waiting: deque[bytes] = deque()
        self._woken = asyncio.Event()
        self._is_behind = False
        self._is_closed = False

    @property
    def is_closed(self) -> bool:
        """Whether the feed has ended."""
        return self._is_closed

    def offer(self, chunk: bytes) -> None:
        """Queue a chunk, or, where the queue is full, empty it and remember that a snapshot is due."""
        if len(self._waiting) >= QUEUE_LENGTH:
            self._waiting.clear()
            self._is_behind = True
        if not self._is_behind:
            self._waiting.append(chunk)
        self._woken.set()

    def close(self) -> None:
        """End the stream after what is queued."""
        self._is_closed = True
        self._woken.set()

    def take(self) -> tuple[bytes, bool]:
        """Return what waits, and whether a snapshot must be sent instead because something was lost."""
        chunk, behind = b"".join(self._waiting), self._is_behind
        self._waiting.clear()
        self._is_behind = False
        self._woken.clear()
        return chunk, behind

    async def wait(self, timeout_s: float) -> None:
        """Wait until something is there, the feed ends, or the time is over."""
        try:
            await asyncio.wait_for(self._woken.wait(), timeout_s)
        except TimeoutError:
            return


class LiveFeed:
    """Hands events from any thread to every listener of the site."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listeners: set[Listener] = set()
        self._numbers = count(1)

    @property
    def listener_count(self) -> int:
        """How many pages are open."""
        return len(self._listeners)

    def next_number(self) -> int:
        """Return a fresh event id."""
        return next(self._numbers)

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to deliver, in that event loop."""
        self._loop = loop

    def subscribe(self, may_see: Callable[[SiteId], bool]) -> Listener:
        """Add a listener; call it in the event loop."""
        listener = Listener(may_see)
        self._listeners.add(listener)
        return listener

    def unsubscribe(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.discard(listener)

    def publish(self, event: str, site: SiteId, payload: object) -> None:
        """Tell every open page that may see the site; from any thread, without waiting."""
        loop = self._loop
        if loop is None or not self._listeners:
            return
        chunk = encode_event(event, payload, self.next_number())
        loop.call_soon_threadsafe(self._deliver, site, chunk)

    def close(self) -> None:
        """End every stream; call it in the event loop."""
        self._loop = None
        for listener in self._listeners:
            listener.close()

    def _deliver(self, site: SiteId, chunk: bytes) -> None:
        for listener in self._listeners:
            if listener.may_see(site):
                listener.offer(chunk)


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One sensor's newest value, as pages read it."""

    machine: MachineId
    sensor: SensorId
    value: float
    at: datetime
    quality: int


def value_rows(values: Iterable[LastValue]) -> list[ValueRow]:
    """Return newest values in the form in which they are sent."""
    return [
        ValueRow(each.machine, each.sensor, each.value, utc_of_ns(each.event_time_ns), each.quality) for each in values
    ]


def changed_since(before: Mapping[tuple[MachineId, SensorId], LastValue], now: Iterable[LastValue]) -> list[LastValue]:
    """Return the values that are new or differ from before."""
    return [value for value in now if before.get((value.machine, value.sensor)) != value]
