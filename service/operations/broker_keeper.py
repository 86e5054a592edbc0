"""Keeps our own broker running: starts it, and starts it again on the same port where it ends by itself.

The child is tied to the thread that started it, so one thread starts it, watches it and ends it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import structlog

from service.errors import BrokerError
from service.operations.broker import BrokerOptions, OwnBroker, start_broker

FIRST_START_S = 30.0
WATCH_S = 0.5
FIRST_PAUSE_S = 0.5
LAST_PAUSE_S = 30.0
STOP_S = 12.0
_log = structlog.get_logger(__name__)


class BrokerKeeper:
    """One thread around the broker; `open` returns its address once it takes connections."""

    def __init__(self, options: BrokerOptions, start: Callable[[BrokerOptions], OwnBroker] = start_broker) -> None:
        self._options = options
        self._start = start
        self._stopping = threading.Event()
        self._opened = threading.Event()
        self._broker: OwnBroker | None = None
        self._error: BrokerError | None = None
        self._thread = threading.Thread(target=self._run, name="broker", daemon=True)

    def open(self) -> OwnBroker:
        """Start the thread; BrokerError where the broker cannot be started the first time."""
        self._thread.start()
        self._opened.wait(FIRST_START_S)
        if self._error is not None:
            raise self._error
        if self._broker is None:
            raise BrokerError(f"the broker did not start within {FIRST_START_S:.0f} s; see {self._options.folder}")
        return self._broker

    def close(self) -> None:
        """End the broker and the thread; safe to repeat."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def _run(self) -> None:
        try:
            broker = self._start(self._options)
        except BrokerError as error:
            self._error = error
            self._opened.set()
            return
        self._broker = broker
        self._opened.set()
        self._keep(broker, replace(self._options, port=broker.port, flavour=broker.flavour))

    def _keep(self, broker: OwnBroker, options: BrokerOptions) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.wait(WATCH_S):
            if broker.is_running():
                pause_s = FIRST_PAUSE_S
                continue
            _log.error("broker_ended", flavour=options.flavour, port=options.port, again_in_s=pause_s)
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LAST_PAUSE_S)
            try:
                broker = self._start(options)
            except BrokerError as error:
                _log.error("broker_not_restarted", reason=str(error))
        broker.stop()


@contextmanager
def kept_broker(options: BrokerOptions) -> Iterator[OwnBroker]:
    """Keep a broker running while the context lasts."""
    keeper = BrokerKeeper(options)
    try:
        yield keeper.open()
    finally:
        keeper.close()
