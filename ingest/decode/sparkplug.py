"""Sparkplug B as a host application hears it (ISO/IEC 20237): births, data by alias, deaths, and what to ask for.

The decoder remembers what every edge node said at its birth, so a message means something only behind the ones before
it. It reads no clock: `due` tells, for a time that it is given, which edge nodes must be asked to be born again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from google.protobuf.message import DecodeError

from configs.plant import Plant
from configs.sparkplug_schema import payload_type
from ingest.decode.refusal import Refused, refuse
from ingest.decode.sparkplug_births import aimed, bd_seq_of, definitions_of
from ingest.decode.sparkplug_names import DeviceNames, SparkplugNames, Target
from ingest.decode.sparkplug_readings import Readings, Source
from ingest.decode.sparkplug_session import Session
from ingest.decode.sparkplug_topic import BIRTHS, NOT_FOR_US, EdgeNode, Kind, SparkplugTopic, parse_topic
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from ingest.reading import Presence, Rejection, RejectionReason

MAX_BYTES = 1_048_576
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HostRules:
    """Under which name we are a host, how long a missing number is waited for, and when a rebirth is asked for again."""

    host_id: str = "yeji"
    reorder_s: float = 2.0
    ask_again_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDuty:
    """What a host has to say now: to which edge nodes, and whether it must repeat that it is there."""

    rebirths: tuple[EdgeNode, ...]
    deny_death: bool


class SparkplugDecoder:
    """Turns Sparkplug messages into readings of the machines of one plant.

    Parameters
    ----------
    plant
        The machines and sensors that may report, and what they are called in Sparkplug.
    window
        Where event times may lie around the time of arrival.
    rules
        How patient the host is.
    """

    def __init__(self, plant: Plant, window: TimeWindow, rules: HostRules | None = None) -> None:
        self._names = SparkplugNames(plant)
        self._window = window
        self._rules = rules or HostRules()
        self._type = payload_type()
        self._sessions: dict[EdgeNode, Session] = {}
        self._wanted: set[EdgeNode] = set()
        self._asked_ns: dict[EdgeNode, int] = {}
        self._called_dead = False

    def begin_connection(self) -> None:
        """Take every session as unsure: births may have been missed while there was no connection."""
        for node, session in self._sessions.items():
            session.sure = False
            self._wanted.add(node)
        self._asked_ns.clear()

    def replant(self, plant: Plant) -> None:
        """Go by another plant: the metrics that births told of may be other sensors now."""
        self._names = SparkplugNames(plant)
        for node, session in self._sessions.items():
            for device, definitions in session.devices.items():
                session.devices[device] = aimed(definitions, self._names, self._names.device(node, device))

    def due(self, now_ns: int) -> HostDuty:
        """Return what the host has to say now; each edge node is asked again only after a while."""
        reorder_ns = int(self._rules.reorder_s * SECOND_NS)
        for node, session in self._sessions.items():
            if session.overdue(now_ns, reorder_ns):
                session.missing.clear()
                self._wanted.add(node)
        again_ns = int(self._rules.ask_again_s * SECOND_NS)
        rebirths = tuple(
            node for node in sorted(self._wanted) if now_ns - self._asked_ns.get(node, -again_ns) >= again_ns
        )
        self._asked_ns |= dict.fromkeys(rebirths, now_ns)
        denied, self._called_dead = self._called_dead, False
        return HostDuty(rebirths=rebirths, deny_death=denied)

    def decode(self, topic: str, payload: bytes, received_ns: int) -> Parcel | Rejection:
        """Return what a message comes to, or why it cannot be stored."""
        parsed: SparkplugTopic | None = None
        try:
            parsed = parse_topic(topic)
            return self._decoded(parsed, topic, payload, received_ns)
        except Refused as refused:
            return _rejection(topic, payload, received_ns, refused)

    def _decoded(self, parsed: SparkplugTopic, topic: str, payload: bytes, received_ns: int) -> Parcel:
        if parsed.kind is Kind.STATE:
            self._hear_state(parsed, payload)
        if parsed.kind is Kind.STATE or parsed.kind in NOT_FOR_US:
            return Parcel(stream=topic, boot=None, seq=None, received_time_ns=received_ns)
        document = self._read(payload)
        if parsed.kind is Kind.NDEATH:
            return self._node_death(parsed, document, received_ns)
        if not document.HasField("seq") or document.seq > 255:
            raise refuse(RejectionReason.BAD_SEQUENCE, "seq must be a number from 0 to 255; correct the edge node")
        if parsed.kind is Kind.NBIRTH:
            self._begin(parsed.node, document, received_ns)
        session, number = self._numbered(parsed, document, received_ns)
        if parsed.kind is Kind.DDEATH:
            session.devices.pop(parsed.device, None)
            return _parcel(
                parsed.node,
                session,
                number,
                received_ns,
                presences=self._presences(parsed, (parsed.device,), received_ns),
            )
        return self._read_metrics(parsed, topic, (session, number), document, (payload, received_ns))

    def _read(self, payload: bytes) -> Any:
        if len(payload) > MAX_BYTES:
            raise refuse(RejectionReason.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_BYTES}; send fewer metrics")
        try:
            return self._type.FromString(payload)
        except DecodeError:
            detail = "not a Sparkplug B payload: its bytes end early, or a length in it is wrong; correct the edge node"
            raise refuse(RejectionReason.NOT_SPARKPLUG, detail) from None

    def _begin(self, node: EdgeNode, document: Any, received_ns: int) -> None:
        """Take in the birth of an edge node; its boot is the number of the birth and its time."""
        number = bd_seq_of(document)
        boot = f"{'n' if number is None else number}-{document.timestamp}"
        known = self._sessions.get(node)
        if known is not None and (document.timestamp < known.born_ms or (known.boot == boot and known.sure)):
            return
        if document.seq != 0:
            raise refuse(RejectionReason.BAD_SEQUENCE, f"a birth of an edge node has seq 0, not {document.seq}")
        if (outside := self._window.refusal(at := document.timestamp * 1_000_000, at, received_ns)) is not None:
            raise outside
        names = self._names.device(node, None)
        session = Session(boot=boot, bd_seq=number, born_ms=document.timestamp, newest_ms=document.timestamp)
        session.devices[None] = definitions_of(document, self._names, names)
        self._sessions[node] = session
        self._wanted.discard(node)
        self._asked_ns.pop(node, None)

    def _numbered(self, parsed: SparkplugTopic, document: Any, received_ns: int) -> tuple[Session, int]:
        """Return the session that a message belongs to and its full number; raise the refusal where there is none."""
        session = self._sessions.get(parsed.node)
        if session is None or not session.sure:
            raise self._unborn(parsed.node, "its edge node's birth has not been heard")
        if parsed.kind is Kind.NBIRTH and document.timestamp >= session.born_ms:
            return session, 0
        if document.timestamp < session.born_ms:
            raise refuse(RejectionReason.NO_BIRTH, "it is from before the edge node's last birth and came behind it")
        number = session.number(document.seq, document.timestamp, received_ns)
        if number is None:
            raise self._unborn(parsed.node, "the edge node counts anew and its birth was missed")
        return session, number

    def _unborn(self, node: EdgeNode, because: str) -> Refused:
        self._wanted.add(node)
        return refuse(RejectionReason.NO_BIRTH, f"{because}; {node.stream} is asked for a rebirth")

    def _read_metrics(
        self,
        parsed: SparkplugTopic,
        topic: str,
        numbered: tuple[Session, int],
        document: Any,
        arrival: tuple[bytes, int],
    ) -> Parcel:
        (session, number), (payload, received_ns) = numbered, arrival
        names = self._names.device(parsed.node, parsed.device)
        if parsed.kind is Kind.DBIRTH:
            session.devices[parsed.device] = definitions_of(document, self._names, names)
        definitions = session.devices.get(parsed.device)
        if definitions is None:
            refused = self._unborn(parsed.node, f"device {parsed.device} has sent data before its birth")
            rejection = _rejection(topic, payload, received_ns, refused)
            return _parcel(parsed.node, session, number, received_ns, rejections=(rejection,))
        readings = Readings(window=self._window, received_ns=received_ns)
        readings.take(
            Source(
                topic=topic,
                device=parsed.device or parsed.node.name,
                machine=names.machine.id if names.machine else None,
                definitions=definitions,
                column=partial(self._column, names),
                is_birth=parsed.kind in BIRTHS,
            ),
            document,
        )
        if readings.unnamed:
            readings.refusals.insert(0, self._unborn(parsed.node, "a metric has a name or an alias that no birth told"))
        alive = self._presences(parsed, (parsed.device,), received_ns) if parsed.kind in BIRTHS else ()
        stream = parsed.node.stream
        return Parcel(
            stream=stream,
            boot=session.boot,
            seq=number,
            received_time_ns=received_ns,
            messages=tuple(readings.rows.messages(stream, session.boot, number, received_ns)),
            presences=alive,
            rejections=_rejections(topic, payload, received_ns, readings.refusals),
            sightings=tuple(readings.sightings),
        )

    def _column(self, names: DeviceNames, metric: str, column: str) -> Target | None:
        return self._names.target(names, f"{metric}/{column}") or self._names.target(names, column)

    def _node_death(self, parsed: SparkplugTopic, document: Any, received_ns: int) -> Parcel:
        """End the session whose birth has the same number; a death of an earlier one means nothing any more."""
        session = self._sessions.get(parsed.node)
        dead: tuple[str | None, ...] = ()
        if session is not None and session.bd_seq == bd_seq_of(document):
            dead = tuple(session.devices)
            del self._sessions[parsed.node]
            self._wanted.discard(parsed.node)
        return Parcel(
            stream=parsed.node.stream,
            boot=None,
            seq=None,
            received_time_ns=received_ns,
            presences=self._presences(parsed, dead, received_ns),
        )

    def _presences(
        self, parsed: SparkplugTopic, devices: Iterable[str | None], received_ns: int
    ) -> tuple[Presence, ...]:
        machines = [self._names.device(parsed.node, device).machine for device in devices]
        return tuple(
            Presence(
                stream=parsed.node.stream,
                machine=machine.id,
                alive=parsed.kind in BIRTHS,
                received_time_ns=received_ns,
            )
            for machine in machines
            if machine is not None
        )

    def _hear_state(self, parsed: SparkplugTopic, payload: bytes) -> None:
        """Notice that somebody says we have gone, as the will of our last connection does when it is late."""
        if parsed.node.name != self._rules.host_id:
            return
        try:
            said = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return
        self._called_dead |= isinstance(said, dict) and said.get("online") is False


def _parcel(
    node: EdgeNode,
    session: Session,
    number: int,
    received_ns: int,
    *,
    presences: tuple[Presence, ...] = (),
    rejections: tuple[Rejection, ...] = (),
) -> Parcel:
    return Parcel(
        stream=node.stream,
        boot=session.boot,
        seq=number,
        received_time_ns=received_ns,
        presences=presences,
        rejections=rejections,
    )


def _rejection(topic: str, payload: bytes, received_ns: int, refused: Refused) -> Rejection:
    return Rejection(
        topic=topic, payload=payload, received_time_ns=received_ns, reason=refused.reason, detail=refused.detail
    )


def _rejections(topic: str, payload: bytes, received_ns: int, refusals: list[Refused]) -> tuple[Rejection, ...]:
    """Return one rejection for all that was refused in a message: the rest of it is stored."""
    if not refusals:
        return ()
    more = f" (and {len(refusals) - 1} more metrics of this message)" if len(refusals) > 1 else ""
    first = refusals[0]
    return (_rejection(topic, payload, received_ns, refuse(first.reason, first.detail + more)),)
