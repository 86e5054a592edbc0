"""Looks at a running broker from outside: whether it keeps, bounds and guards what a production broker must.

Everything is found by trying: a connection without a name, a message that must come round, a queue that must hold what
a subscriber that is away has missed.
"""

import secrets
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.ports import CANARY_TOPICS
from service.operations.broker_client import BrokerAddress
from service.operations.broker_files import MAX_PACKET_BYTES

WITHIN_S = 5.0
PROBES = 3_000
"""More than the thousand that brokers keep for a subscriber unless told otherwise."""

OLDEST = (2, 0, 20)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerFinding:
    """One thing that was tried, and how to mend it where it did not hold."""

    check: str
    ok: bool
    detail: str


@dataclass(slots=True)
class _Visit:
    client: paho.Client
    answered: threading.Event = field(default_factory=threading.Event)
    reason: ReasonCode | None = None
    properties: Properties | None = None
    arrived: list[tuple[str, bytes]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def is_in(self) -> bool:
        return self.reason is not None and not self.reason.is_failure

    def wait_for(self, count: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: len(self.arrived) >= count, WITHIN_S)


def check_broker(address: BrokerAddress) -> list[BrokerFinding]:
    """Return what was found at a running broker; the first finding says whether it lets us in at all."""
    with _visit(address, f"yeji-doctor-{secrets.token_hex(4)}") as visit:
        if not visit.is_in:
            why = (
                "does not answer; is it running, and are host and port right?"
                if visit.reason is None
                else str(visit.reason)
            )
            return [BrokerFinding(check="broker connection", ok=False, detail=f"{address}: {why}")]
        found = [
            BrokerFinding(check="broker connection", ok=True, detail=f"{address} lets us in"),
            _round_trip(visit),
            _version(visit),
            _packet_size(visit),
        ]
    if found[1].ok:
        found.append(_queue(address))
    return [*found, _anonymous(address), _encryption(address)]


def _round_trip(visit: _Visit) -> BrokerFinding:
    topic = f"{CANARY_TOPICS}doctor-{secrets.token_hex(4)}"
    visit.client.subscribe("yeji/v1/#", qos=1)
    visit.client.publish(topic, b"doctor", qos=1)
    with visit.changed:
        came = visit.changed.wait_for(lambda: any(each[0] == topic for each in visit.arrived), WITHIN_S)
    mend = "let our user `topic read yeji/v1/#` and `topic readwrite yeji/v1/canary/#` in the access rules"
    return BrokerFinding(
        check="broker round trip",
        ok=came,
        detail="a message that we publish comes round"
        if came
        else f"a message that we publish does not come round; {mend}",
    )


def _version(visit: _Visit) -> BrokerFinding:
    visit.client.subscribe("$SYS/broker/version", qos=0)
    with visit.changed:
        visit.changed.wait_for(lambda: any(topic.startswith("$SYS") for topic, _ in visit.arrived), 1.0)
    said = next((payload.decode(errors="replace") for topic, payload in visit.arrived if topic.startswith("$SYS")), "")
    numbers = tuple(int(part) for part in said.rpartition(" ")[2].split(".") if part.isdecimal())
    old = bool(numbers) and "mosquitto" in said and numbers < OLDEST
    detail = f"{said or 'not told'}" + (
        "; versions before 2.0.20 overrun the agreed window after a reconnection: update when you can" if old else ""
    )
    return BrokerFinding(check="broker version", ok=True, detail=detail)


def _packet_size(visit: _Visit) -> BrokerFinding:
    most = getattr(visit.properties, "MaximumPacketSize", None)
    if most is not None and most < MAX_PACKET_BYTES:
        detail = f"takes at most {most} bytes a message; set max_packet_size {MAX_PACKET_BYTES}"
        return BrokerFinding(check="broker message size", ok=False, detail=detail)
    detail = "no limit: one message can fill its memory" if most is None else f"at most {most} bytes a message"
    return BrokerFinding(
        check="broker message size",
        ok=most is not None,
        detail=detail + (f"; set max_packet_size {MAX_PACKET_BYTES}" if most is None else ""),
    )


def _queue(address: BrokerAddress) -> BrokerFinding:
    """Leave a session behind, publish more than the usual limit, and count what is handed out afterwards."""
    name, topic = f"yeji-doctor-{secrets.token_hex(4)}", f"{CANARY_TOPICS}queue-{secrets.token_hex(4)}"
    with _visit(address, name, keeps_s=120) as visit:
        visit.client.subscribe(topic, qos=1)
        visit.client.publish(topic, b"begin", qos=1)
        visit.wait_for(1)
    with _visit(address, f"{name}-p") as visit:
        sent = [visit.client.publish(topic, b"%d" % number, qos=1) for number in range(PROBES)]
        sent[-1].wait_for_publish(4 * WITHIN_S)
    with _visit(address, name, keeps_s=0) as visit:
        visit.wait_for(PROBES)
        kept = len({payload for _, payload in visit.arrived} - {b"begin"})
    if kept >= PROBES:
        return BrokerFinding(
            check="broker queue", ok=True, detail=f"keeps at least {PROBES} messages for us while we are away"
        )
    detail = f"keeps only {kept} of {PROBES} messages for us while we are away; set max_queued_messages 100000"
    return BrokerFinding(check="broker queue", ok=False, detail=detail)


def _anonymous(address: BrokerAddress) -> BrokerFinding:
    with _visit(replace(address, username=None, password=None), f"yeji-doctor-{secrets.token_hex(4)}") as visit:
        let_in = visit.is_in
    if let_in:
        detail = "anybody may connect; set allow_anonymous false and give each device a password (`yeji device add`)"
        return BrokerFinding(check="broker names", ok=_is_here(address.host), detail=detail)
    return BrokerFinding(check="broker names", ok=True, detail="nobody gets in without a name and a password")


def _encryption(address: BrokerAddress) -> BrokerFinding:
    if address.tls_ca_file is not None:
        return BrokerFinding(check="broker encryption", ok=True, detail="TLS, with an authority that we know")
    detail = "not encrypted: passwords pass in the clear; give the listener a certificate and set mqtt.tls_ca_file"
    return BrokerFinding(check="broker encryption", ok=_is_here(address.host), detail=detail)


def _is_here(host: str) -> bool:
    """Whether the broker is on this computer, where nobody listens in between."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _visit(address: BrokerAddress, name: str, *, keeps_s: int = 0) -> Iterator[_Visit]:
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=name, protocol=paho.MQTTv5)
    client.max_inflight_messages_set(1000)
    client.max_queued_messages_set(0)
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    if address.tls_ca_file is not None:
        client.tls_set(ca_certs=str(address.tls_ca_file), tls_version=ssl.PROTOCOL_TLS_CLIENT)
    visit = _Visit(client)

    def on_connect(
        _client: paho.Client, _data: object, _flags: object, reason: ReasonCode, properties: Properties | None
    ) -> None:
        visit.reason, visit.properties = reason, properties
        visit.answered.set()

    def on_message(_client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        with visit.changed:
            visit.arrived.append((message.topic, bytes(message.payload)))
            visit.changed.notify_all()

    client.on_connect, client.on_message = on_connect, on_message
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval = keeps_s
    try:
        client.connect(address.host, address.port, 30, clean_start=False, properties=properties)
        client.loop_start()
        visit.answered.wait(WITHIN_S)
    except OSError:
        visit.reason = None
    try:
        yield visit
    finally:
        client.disconnect()
        client.loop_stop()
