"""MQTT 5 as a source of messages that are acknowledged only when somebody says that they are durable.

```
broker ──► paho's network thread: enqueue, nothing else ──► bounded queue ──take──► whoever stores them
   ▲                                                                                     │
   └──────────── PUBACK, in order of arrival, of this connection only ◄──acknowledge─────┘
```

The acknowledgement is the buffer: who stores nothing acknowledges nothing, the broker's window closes, and memory
stays bounded. Packet ids begin anew with every connection, so each message carries the number of the connection
that it came by (its epoch), and one of an earlier epoch is never acknowledged: the broker sends it again.
"""

import secrets
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Protocol

import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from ingest.ports import Delivery, Outgoing, SourceStatus
from ingest.sources.canary import Canary

SESSION_TAKEN_OVER = 0x8E
FIRST_DELAY_S = 1
LAST_DELAY_S = 8
"""Longest pause between attempts: a broker or network that is back is noticed within ten seconds."""

TAKEN_OVER_DELAY_S = 30
"""Least pause after our session was taken over; a random half is added, so that two rivals do not keep step."""

SUBSCRIBE_AGAIN_S = 20.0
SHORT_LIVED_S = 5.0
PUSHED_OUT_AFTER = 3
"""So many connections in a row that ended within `SHORT_LIVED_S`, while the broker went on listening, mean a rival."""

PROBE_WITHIN_S = 1.0

ASK_AFTER = 0.85
"""The share of the keepalive after which the broker is asked: a dead link is noticed after two of these spans and a second."""

OVERRUN = 4
"""How many times the agreed window is taken in before the connection is given up: some brokers overrun it."""

log = structlog.get_logger(__name__)


class Herald(Protocol):
    """What the other side is told of us: that we have come, and that we have gone."""

    def will(self, now_ns: int) -> Outgoing:
        """Return what the broker says should we vanish; asked before each connection."""

    def greeting(self) -> Outgoing:
        """Return what is said once we are connected and listen."""

    def farewell(self) -> Outgoing:
        """Return what is said when we leave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttOptions:
    """How to reach the broker, and under which name; the name and the expiry keep our place there."""

    host: str
    port: int
    client_id: str
    topics: tuple[str, ...] = ("yeji/v1/#",)
    username: str | None = None
    password: str | None = None
    tls_ca_file: Path | None = None
    keepalive_s: int = 30
    session_expiry_s: int = 604_800
    max_outstanding: int = 1_000
    herald: Herald | None = None
    canary_every_s: float = 20.0


class MqttSource:
    """A `MessageSource` over one MQTT 5 session.

    Parameters
    ----------
    options
        The broker and our name there.
    clock_ns
        Gives the time of arrival, in nanoseconds UTC.
    """

    def __init__(self, options: MqttOptions, clock_ns: Callable[[], int]) -> None:
        self._options = options
        self._clock_ns = clock_ns
        self._waiting: deque[Delivery] = deque()
        self._arrived = threading.Event()
        self._room = threading.Event()
        self._connection = threading.Lock()
        self._epoch = 0
        self._connected = False
        self._subscribed = False
        self._connected_at = 0.0
        self._short_lived = 0
        self._hanging_up = False
        self._stopping = False
        self._received = 0
        self._connections = 0
        self._trouble: str | None = "not connected yet"
        self._canary = Canary(options.client_id, options.canary_every_s)
        self._subscribe_at = 0.0
        self._topics = options.topics
        self._client = self._make_client()

    def start(self) -> None:
        """Begin to receive; a broker that is away is tried again for as long as it takes."""
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = self._options.session_expiry_s
        properties.ReceiveMaximum = self._options.max_outstanding
        self._client.connect_async(
            self._options.host,
            self._options.port,
            keepalive=max(1, int(self._options.keepalive_s * ASK_AFTER)),
            clean_start=False,
            properties=properties,
        )
        self._client.loop_start()

    def take(self, limit: int, wait_s: float) -> list[Delivery]:
        """Return up to `limit` messages in order of arrival; none if nothing came within `wait_s`."""
        self._tend()
        if not self._waiting and wait_s > 0:
            self._arrived.clear()
            if not self._waiting:
                self._arrived.wait(wait_s)
        taken = [self._waiting.popleft() for _ in range(min(limit, len(self._waiting)))]
        if taken:
            self._room.set()
        return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """Let the broker forget messages, in order; those of an earlier connection are left to come again."""
        acknowledged = 0
        with self._connection:
            for delivery in deliveries:
                epoch, packet = delivery.token
                if epoch == self._epoch and packet:
                    self._client.ack(packet, 1)
                    acknowledged += 1
        if deliveries:
            self._canary.answer()
        return acknowledged

    def publish(self, message: Outgoing) -> bool:
        """Send a message at once; False where there is no connection now, and then it is not sent later either."""
        if not self._connected:
            return False
        self._client.publish(message.topic, message.payload, message.qos, message.retain)
        return True

    def status(self) -> SourceStatus:
        """Return how the connection stands."""
        return SourceStatus(
            alive=self._is_alive(),
            connected=self._connected,
            subscribed=self._subscribed,
            received=self._received,
            waiting=len(self._waiting),
            reconnects=max(0, self._connections - 1),
            trouble=self._trouble,
            unanswered_s=self._canary.unanswered_s(monotonic()) if self._subscribed else 0.0,
        )

    def stop(self, within_s: float) -> None:
        """Disconnect; the broker keeps the session and what was not acknowledged. Safe to repeat."""
        self._stopping = True
        self._room.set()
        self._arrived.set()
        if self._options.herald is not None:
            self.publish(self._options.herald.farewell())
        self._client.disconnect()
        leaving = threading.Thread(target=self._client.loop_stop, name="mqtt-leaving", daemon=True)
        leaving.start()
        leaving.join(within_s)

    def _make_client(self) -> paho.Client:
        options = self._options
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=options.client_id, protocol=paho.MQTTv5, manual_ack=True
        )
        if options.username is not None:
            client.username_pw_set(options.username, options.password)
        if options.tls_ca_file is not None:
            client.tls_set(ca_certs=str(options.tls_ca_file), tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.reconnect_delay_set(FIRST_DELAY_S, LAST_DELAY_S)
        client.on_pre_connect = self._before_connecting
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _is_alive(self) -> bool:
        """Whether paho's network thread runs: it ends in silence when a callback raises."""
        name = f"paho-mqtt-client-{self._options.client_id}"
        return any(thread.name == name and thread.is_alive() for thread in threading.enumerate())

    def _next_epoch(self) -> None:
        with self._connection:
            self._epoch += 1

    def _before_connecting(self, client: paho.Client, _userdata: object) -> None:
        self._next_epoch()
        if self._options.herald is not None:
            will = self._options.herald.will(self._clock_ns())
            client.will_set(will.topic, will.payload, will.qos, will.retain)

    def _on_connect(
        self, _client: paho.Client, _userdata: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._trouble = f"{self._broker()} refuses us: {reason}; look at the user name, the password and its rights"
            return
        self._connected, self._connected_at = True, monotonic()
        self._connections += 1
        self._canary.begin_anew()
        self._subscribe()

    def _subscribe(self) -> None:
        self._subscribe_at = monotonic() + SUBSCRIBE_AGAIN_S
        topics = self._topics
        if not any(paho.topic_matches_sub(topic, self._canary.topic) for topic in topics):
            topics = (*topics, self._canary.topic)
        only_new = SubscribeOptions(qos=1, retainHandling=SubscribeOptions.RETAIN_DO_NOT_SEND)
        self._client.subscribe([(topic, only_new) for topic in topics])

    def listen_to(self, topics: tuple[str, ...]) -> None:
        """Ask for other topics from now on; those that are no longer wanted are given up."""
        gone = [topic for topic in self._topics if topic not in topics]
        if topics == self._topics:
            return
        self._topics = topics
        if self._connected:
            self._subscribed = False
            if gone:
                self._client.unsubscribe(gone)
            self._subscribe()

    def _tend(self) -> None:
        """Send the canary when it is due; ask again for topics that were refused, in case the rights have been mended."""
        now_s = monotonic()
        if self._subscribed:
            canary = self._canary.next(now_s)
            if canary is not None:
                self.publish(canary)
        elif self._connected and now_s >= self._subscribe_at:
            self._subscribe()

    def _on_connect_fail(self, _client: paho.Client, _userdata: object) -> None:
        told = f"{self._broker()} cannot be reached; is it running, and are host and port right?"
        if self._trouble != told:
            log.warning("mqtt_unreachable", reason=told)
        self._trouble = told

    def _on_subscribe(
        self, _client: paho.Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _properties: object
    ) -> None:
        refused = [
            topic for topic, reason in zip(self._topics, reasons, strict=False) if reason.is_failure or reason.value < 1
        ]
        self._subscribed = not refused
        self._trouble = f"{self._broker()} does not let us read {', '.join(refused)} at QoS 1" if refused else None
        if refused:
            log.error("mqtt_subscription_refused", broker=self._broker(), topics=refused)
        else:
            log.info("mqtt_subscribed", broker=self._broker(), connection=self._connections)
            if self._options.herald is not None:
                self.publish(self._options.herald.greeting())

    def _on_disconnect(
        self, client: paho.Client, _userdata: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        self._next_epoch()
        was_connected, self._connected, self._subscribed = self._connected, False, False
        if not was_connected or self._stopping:
            return
        log.warning("mqtt_lost", broker=self._broker(), reason=str(reason))
        if reason.value == SESSION_TAKEN_OVER or self._is_pushed_out():
            delay_s = TAKEN_OVER_DELAY_S + secrets.randbelow(TAKEN_OVER_DELAY_S // 2)
            client.reconnect_delay_set(delay_s, 4 * delay_s)
            name = self._options.client_id
            self._trouble = (
                f"{self._broker()} drops us again and again: most likely another program is connected as {name!r}; "
                "give one of them another client_id"
            )
        else:
            client.reconnect_delay_set(FIRST_DELAY_S, LAST_DELAY_S)
            self._trouble = f"{self._broker()} is lost ({reason}); connecting again"

    def _is_pushed_out(self) -> bool:
        """Whether connections end soon after they begin: some brokers do not say that a session was taken over.

        A broker that is not there any more has ended itself: nobody pushed us out.
        """
        soon = monotonic() - self._connected_at < SHORT_LIVED_S and not self._hanging_up
        self._hanging_up = False
        self._short_lived = self._short_lived + 1 if soon and self._broker_listens() else 0
        return self._short_lived >= PUSHED_OUT_AFTER

    def _broker_listens(self) -> bool:
        try:
            socket.create_connection((self._options.host, self._options.port), PROBE_WITHIN_S).close()
        except OSError:
            return False
        return True

    def _on_message(self, client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        """Enqueue and do nothing else; whatever goes wrong here would end paho's thread in silence."""
        try:
            self._received += 1
            delivery = Delivery(
                message.topic,
                bytes(message.payload),
                self._clock_ns(),
                (self._epoch, message.mid if message.qos else 0),
            )
            if len(self._waiting) >= OVERRUN * self._options.max_outstanding and not self._wait_for_room():
                self._hang_up(client)
                return
            self._waiting.append(delivery)
            self._arrived.set()
        except Exception as error:  # noqa: BLE001 - see above
            self._trouble = f"a message could not be taken: {error!r}"
            self._hang_up(client)

    def _wait_for_room(self) -> bool:
        """Wait until the queue has room, but never so long that the broker misses our ping."""
        deadline = monotonic() + self._options.keepalive_s / 3
        while len(self._waiting) >= OVERRUN * self._options.max_outstanding:
            self._room.clear()
            left = deadline - monotonic()
            if left <= 0 or self._stopping:
                return False
            if len(self._waiting) >= OVERRUN * self._options.max_outstanding:
                self._room.wait(left)
        return True

    def _hang_up(self, client: paho.Client) -> None:
        """Drop the connection, never the message: the broker sends again what was not acknowledged."""
        self._hanging_up = True
        connection = client.socket()
        if isinstance(connection, socket.socket):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _broker(self) -> str:
        return f"broker {self._options.host}:{self._options.port}"
