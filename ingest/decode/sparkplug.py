"""Sparkplug B as a host application hears it (ISO/IEC 20237): births, data by alias, deaths, and what to ask for.

The decoder remembers what every edge node said at its birth, so a message means something only behind the ones before
it. It reads no clock: `due` tells, for a time that it is given, which edge nodes must be asked to be born again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import orjson
from google.protobuf.message import DecodeError

from configs.plant import MachineId, Plant
from configs.sparkplug_schema import payload_type
from ingest.decode.refusal import Refused, refuse
from ingest.decode.sparkplug_births import aimed, bd_seq_of, definitions_of
from ingest.decode.sparkplug_names import DeviceNames, SparkplugNames, Target
from ingest.decode.sparkplug_readings import Readings, Source
from ingest.decode.sparkplug_session import Definitions, Session
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
        arrival = _Arrival(
            parsed=parsed, topic=topic, payload=payload, received_ns=received_ns, document=self._read(payload)
        )
        if parsed.kind is Kind.NDEATH:
            return self._node_death(arrival)
        if not arrival.document.HasField("seq") or arrival.document.seq > 255:
            raise refuse(RejectionReason.BAD_SEQUENCE, "seq must be a number from 0 to 255; correct the edge node")
        if parsed.kind is Kind.NBIRTH:
            self._begin(arrival)
        session, number = self._numbered(arrival)
        if parsed.kind is Kind.DDEATH:
            gone = session.devices.pop(parsed.device, None)
            presences = self._presences(arrival, {parsed.device: gone} if gone else {}, alive=False)
            return arrival.parcel(session, number, presences=presences)
        return self._read_metrics(arrival, session, number)

    def _read(self, payload: bytes) -> Any:
        if len(payload) > MAX_BYTES:
            raise refuse(RejectionReason.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_BYTES}; send fewer metrics")
        try:
            return self._type.FromString(payload)
        except DecodeError:
            detail = "not a Sparkplug B payload: its bytes end early, or a length in it is wrong; correct the edge node"
            raise refuse(RejectionReason.NOT_SPARKPLUG, detail) from None

    def _begin(self, arrival: "_Arrival") -> None:
        """Take in the birth of an edge node; its boot is the number of the birth and its time."""
        node, document = arrival.parsed.node, arrival.document
        number = bd_seq_of(document)
        boot = f"{'n' if number is None else number}-{document.timestamp}"
        known = self._sessions.get(node)
        if known is not None and (document.timestamp < known.born_ms or (known.boot == boot and known.sure)):
            return
        if document.seq != 0:
            raise refuse(RejectionReason.BAD_SEQUENCE, f"a birth of an edge node has seq 0, not {document.seq}")
        at_ns = document.timestamp * 1_000_000
        if (outside := self._window.refusal(at_ns, at_ns, arrival.received_ns)) is not None:
            raise outside
        session = Session(boot=boot, bd_seq=number, born_ms=document.timestamp, newest_ms=document.timestamp)
        session.devices[None] = definitions_of(document, self._names, self._names.device(node, None))
        self._sessions[node] = session
        self._wanted.discard(node)
        self._asked_ns.pop(node, None)

    def _numbered(self, arrival: "_Arrival") -> tuple[Session, int]:
        """Return the session that a message belongs to and its full number; raise the refusal where there is none."""
        parsed, document = arrival.parsed, arrival.document
        session = self._sessions.get(parsed.node)
        if session is None or not session.sure:
            raise self._unborn(parsed.node, "its edge node's birth has not been heard")
        if parsed.kind is Kind.NBIRTH and document.timestamp >= session.born_ms:
            return session, 0
        if document.timestamp < session.born_ms:
            raise refuse(RejectionReason.NO_BIRTH, "it is from before the edge node's last birth and came behind it")
        number = session.number(document.seq, document.timestamp, arrival.received_ns)
        if number is None:
            raise self._unborn(parsed.node, "the edge node counts anew and its birth was missed")
        return session, number

    def _unborn(self, node: EdgeNode, because: str) -> Refused:
        self._wanted.add(node)
        return refuse(RejectionReason.NO_BIRTH, f"{because}; {node.stream} is asked for a rebirth")

    def _read_metrics(self, arrival: "_Arrival", session: Session, number: int) -> Parcel:
        parsed = arrival.parsed
        names = self._names.device(parsed.node, parsed.device)
        if parsed.kind is Kind.DBIRTH:
            session.devices[parsed.device] = definitions_of(arrival.document, self._names, names)
        definitions = session.devices.get(parsed.device)
        if definitions is None:
            refused = self._unborn(parsed.node, f"device {parsed.device} has sent data before its birth")
            return arrival.parcel(session, number, refusals=[refused])
        readings = self._readings(arrival, names, definitions)
        presences: tuple[Presence, ...] = ()
        if parsed.kind in BIRTHS:
            presences = self._presences(arrival, {parsed.device: definitions}, alive=True)
        return replace(
            arrival.parcel(session, number, presences=presences, refusals=readings.refusals),
            messages=tuple(readings.rows.messages(parsed.node.stream, session.boot, number, arrival.received_ns)),
            sightings=tuple(readings.sightings),
        )

    def _readings(self, arrival: "_Arrival", names: DeviceNames, definitions: Definitions) -> Readings:
        """Return what the metrics of a message come to."""
        parsed = arrival.parsed
        readings = Readings(window=self._window, received_ns=arrival.received_ns)
        source = Source(
            topic=arrival.topic,
            device=parsed.device or parsed.node.name,
            machine=names.machine.id if names.machine else None,
            definitions=definitions,
            column=partial(self._column, names),
            is_birth=parsed.kind in BIRTHS,
        )
        readings.take(source, arrival.document)
        if readings.unnamed:
            readings.refusals.insert(0, self._unborn(parsed.node, "a metric has a name or an alias that no birth told"))
        return readings

    def _column(self, names: DeviceNames, metric: str, column: str) -> Target | None:
        return self._names.target(names, f"{metric}/{column}") or self._names.target(names, column)

    def _node_death(self, arrival: "_Arrival") -> Parcel:
        """End the session whose birth has the same number; a death of an earlier one means nothing any more."""
        node = arrival.parsed.node
        session = self._sessions.get(node)
        dead: dict[str | None, Definitions] = {}
        if session is not None and session.bd_seq == bd_seq_of(arrival.document):
            dead = session.devices
            del self._sessions[node]
            self._wanted.discard(node)
        return Parcel(
            stream=node.stream,
            boot=None,
            seq=None,
            received_time_ns=arrival.received_ns,
            presences=self._presences(arrival, dead, alive=False),
        )

    def _presences(
        self, arrival: "_Arrival", devices: Mapping[str | None, Definitions], *, alive: bool
    ) -> tuple[Presence, ...]:
        """Return one presence for each machine that devices are, or that their metrics are of."""
        node = arrival.parsed.node
        machines: dict[MachineId, None] = {}
        for device, definitions in devices.items():
            own = self._names.device(node, device).machine
            if own is not None:
                machines[own.id] = None
            targets = (definition.target for definition in definitions.by_name.values())
            machines |= {target.machine: None for target in targets if target is not None}
        return tuple(
            Presence(stream=node.stream, machine=machine, alive=alive, received_time_ns=arrival.received_ns)
            for machine in machines
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """A message that could be read."""

    parsed: SparkplugTopic
    topic: str
    payload: bytes
    received_ns: int
    document: Any

    def parcel(
        self,
        session: Session,
        number: int,
        *,
        presences: tuple[Presence, ...] = (),
        refusals: Sequence[Refused] = (),
    ) -> Parcel:
        """Return what it comes to, readings aside."""
        return Parcel(
            stream=self.parsed.node.stream,
            boot=session.boot,
            seq=number,
            received_time_ns=self.received_ns,
            presences=presences,
            rejections=_rejections(self.topic, self.payload, self.received_ns, refusals),
        )


def _rejection(topic: str, payload: bytes, received_ns: int, refused: Refused) -> Rejection:
    return Rejection(
        topic=topic, payload=payload, received_time_ns=received_ns, reason=refused.reason, detail=refused.detail
    )


def _rejections(topic: str, payload: bytes, received_ns: int, refusals: Sequence[Refused]) -> tuple[Rejection, ...]:
    """Return one rejection for all that was refused in a message: the rest of it is stored."""
    if not refusals:
        return ()
    more = f" (and {len(refusals) - 1} more metrics of this message)" if len(refusals) > 1 else ""
    first = refusals[0]
    return (_rejection(topic, payload, received_ns, refuse(first.reason, first.detail + more)),)
