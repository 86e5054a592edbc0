"""Listens at a broker for a while: what is published on a topic filter, as it comes."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import paho.mqtt.client as paho
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from service.errors import BrokerError
from service.operations.broker_client import CONNECT_WITHIN_S, BrokerAddress, begin, client_for, refusal

MOST_WAITING = 10_000

Heard = tuple[str, bytes]
"""Topic and payload."""


class Listener:
    """A subscription. Use `listening`, which connects and disconnects.

    Parameters
    ----------
    address
        The broker.
    topic_filter
        What is listened to; retained messages come first.
    """

    def __init__(self, address: BrokerAddress, topic_filter: str) -> None:
        self._address = address
        self._filter = topic_filter
        self._heard: queue.Queue[Heard] = queue.Queue(MOST_WAITING)
        self._answered = threading.Event()
        self._trouble: str | None = None
        self._client = self._make_client()

    def connect(self) -> None:
        """Connect and subscribe; BrokerError where that takes too long or is refused."""
        begin(self._client, self._address)
        if not self._answered.wait(CONNECT_WITHIN_S):
            raise BrokerError(f"the broker at {self._address} does not answer as MQTT 5; see whether it runs")
        if self._trouble is not None:
            raise BrokerError(f"the broker at {self._address} {self._trouble}")

    def hear(self, messages: int, within_s: float) -> Iterator[Heard]:
        """Yield what comes, until that many messages have come or the time is over."""
        deadline = monotonic() + within_s
        for _ in range(messages):
            try:
                yield self._heard.get(timeout=max(0.0, deadline - monotonic()))
            except queue.Empty:
                return

    def disconnect(self) -> None:
        """End the connection. Safe to repeat."""
        self._client.disconnect()
        self._client.loop_stop()

    def _make_client(self) -> paho.Client:
        client = client_for(self._address)
        client.on_connect = self._note_connect
        client.on_subscribe = self._note_subscribe
        client.on_message = self._note_message
        return client

    def _note_connect(
        self,
        client: paho.Client,
        _data: object,
        _flags: paho.ConnectFlags,
        code: ReasonCode,
        _props: Properties | None,
    ) -> None:
        if code.is_failure:
            self._trouble = refusal(code)
            self._answered.set()
        else:
            client.subscribe(self._filter, qos=1)

    def _note_subscribe(
        self, _client: paho.Client, _data: object, _mid: int, codes: list[ReasonCode], _props: Properties | None
    ) -> None:
        if any(code.is_failure for code in codes):
            self._trouble = f"does not let us read {self._filter} ({codes[0]}); correct the topic, or its access rules"
        self._answered.set()

    def _note_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if not self._heard.full():
            self._heard.put((message.topic, bytes(message.payload)))


@contextmanager
def listening(address: BrokerAddress, topic_filter: str) -> Iterator[Listener]:
    """Give a connected listener, and disconnect it. BrokerError where there is no broker, or it refuses us."""
    listener = Listener(address, topic_filter)
    try:
        listener.connect()
        yield listener
    finally:
        listener.disconnect()
