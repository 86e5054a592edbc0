"""Publishes messages to a broker at QoS 1, and knows which of them have arrived.

paho's network thread counts acknowledgements; the caller waits for room, and for the end. A broker that goes away for a
moment is tried again, and what it did not acknowledge is sent again.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from service.errors import BrokerError
from service.operations.broker_client import CONNECT_WITHIN_S, BrokerAddress, begin, client_for, refusal

NO_MATCHING_SUBSCRIBERS = 0x10
MOST_OUTSTANDING = 500
PATIENCE_S = 30.0


@contextmanager
def publishing(address: BrokerAddress, patience_s: float = PATIENCE_S) -> Iterator["Publisher"]:
    """Give a connected publisher, and disconnect it.

    `patience_s` is how long a broker may answer nothing before it is given up.

    Raises
    ------
    BrokerError
        There is no broker, or it refuses the connection; the message says what to do.
    """
    publisher = Publisher(address, patience_s)
    try:
        publisher.connect()
        yield publisher
    finally:
        publisher.disconnect()


class Publisher:
    """A connection that publishes. Use `publishing`, which connects and disconnects."""

    def __init__(self, address: BrokerAddress, patience_s: float) -> None:
        self._address = address
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._answered = False
        self._sent = 0
        self._arrived = 0
        self._trouble: str | None = None
        self._client = self._make_client()

    @property
    def arrived(self) -> int:
        """How many messages the broker has acknowledged."""
        return self._arrived

    def connect(self) -> None:
        """Connect; BrokerError where that takes too long or is refused."""
        begin(self._client, self._address)
        self._wait(lambda: self._answered, min(CONNECT_WITHIN_S, self._patience_s), "does not answer as MQTT 5")

    def publish(self, topic: str, payload: bytes) -> None:
        """Hand over a message once there is room; BrokerError where the broker takes nothing any more."""
        self._wait(lambda: self._sent - self._arrived < MOST_OUTSTANDING, self._patience_s, "acknowledges nothing")
        self._client.publish(topic, payload, qos=1)
        self._sent += 1

    def finish(self) -> None:
        """Wait until every message has arrived; BrokerError where that makes no progress."""
        while self._arrived < self._sent:
            before = self._arrived
            self._wait(lambda: self._arrived > before, self._patience_s, "acknowledges nothing")  # noqa: B023

    def disconnect(self) -> None:
        """End the connection. Safe to repeat."""
        self._client.disconnect()
        self._client.loop_stop()

    def _wait(self, is_true: Callable[[], bool], within_s: float, told: str) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._trouble is not None or is_true(), within_s)
            if self._trouble is not None:
                raise BrokerError(f"the broker at {self._address} {self._trouble}")
            if not is_true():
                arrived = f"after {self._arrived} of {self._sent} messages" if self._sent else "to the connection"
                raise BrokerError(
                    f"the broker at {self._address} {told} {arrived}; see whether it runs, then try again"
                )

    def _make_client(self) -> paho.Client:
        client = client_for(self._address)
        client.max_inflight_messages_set(100)
        client.on_connect = self._note_connect
        client.on_publish = self._note_publish
        return client

    def _note_connect(
        self,
        _client: paho.Client,
        _data: object,
        _flags: paho.ConnectFlags,
        code: ReasonCode,
        _props: Properties | None,
    ) -> None:
        with self._changed:
            self._answered = True
            if code.is_failure:
                self._trouble = refusal(code)
            self._changed.notify_all()

    def _note_publish(
        self, _client: paho.Client, _data: object, _mid: int, code: ReasonCode, _props: Properties | None
    ) -> None:
        with self._changed:
            self._arrived += 1
            if code.is_failure:
                self._trouble = f"refuses the messages ({code}); correct its access rules for the topic yeji/v1/#"
            elif code.value == NO_MATCHING_SUBSCRIBERS:
                self._trouble = "has nobody who listens; start `yeji run` on this broker first"
            self._changed.notify_all()
