"""Marked messages at an even rate, beside whatever is done to the writer meanwhile."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from service.errors import BrokerError
from service.operations.drill_marks import marked_message
from service.operations.publisher import Publisher

MS_PER_NS = 1_000_000


class SteadyLoad:
    """Publishes in a thread of its own. Use `steady_load`.

    Parameters
    ----------
    publisher
        The connection that publishes.
    boot
        What tells this drill's messages from others.
    rate
        Messages a second.
    clock_ns
        The time that messages say, nanoseconds UTC.
    """

    def __init__(self, publisher: Publisher, boot: str, *, rate: float, clock_ns: Callable[[], int]) -> None:
        self._publisher = publisher
        self._boot = boot
        self._rate = rate
        self._clock_ns = clock_ns
        self._sent = 0
        self._least = 2**62
        self._failure: BrokerError | None = None
        self._leaving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drill-load", daemon=True)

    def start(self) -> None:
        """Begin to publish."""
        self._thread.start()

    def finish(self, least: int) -> int:
        """Publish until at least so many are out; return how many the broker has taken. BrokerError where it does not."""
        self._least = least
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._sent

    def leave(self) -> None:
        """Publish no more; safe to repeat."""
        self._leaving.set()
        self._thread.join()

    def _run(self) -> None:
        began = monotonic()
        try:
            while self._sent < self._least:
                if self._leaving.wait(max(0.0, began + self._sent / self._rate - monotonic())):
                    return
                self._publisher.publish(*marked_message(self._boot, self._sent, self._clock_ns() // MS_PER_NS))
                self._sent += 1
            self._publisher.finish()
        except BrokerError as error:
            self._failure = error


@contextmanager
def steady_load(publisher: Publisher, boot: str, *, rate: float, clock_ns: Callable[[], int]) -> Iterator[SteadyLoad]:
    """Publish while the context lasts, or until `finish`."""
    load = SteadyLoad(publisher, boot, rate=rate, clock_ns=clock_ns)
    load.start()
    try:
        yield load
    finally:
        load.leave()
