"""Native telemetry (`docs/wire-format.md`): JSON on `yeji/v1/<site>/<line>/<machine>/<kind>`."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from configs.plant import IDENTIFIER, Machine, MachineId, Plant, Sensor
from ingest.decode.native_rows import Document, read_rows
from ingest.decode.native_waveform import MAX_BYTES as MAX_WAVEFORM_BYTES
from ingest.decode.native_waveform import MEMBERS as WAVEFORM_MEMBERS
from ingest.decode.native_waveform import read_waveform
from ingest.decode.refusal import Refused, refuse, shown
from ingest.decode.repeated_members import check_repeated_members
from ingest.decode.salvage import salvaged_number
from ingest.decode.time_window import TimeWindow
from ingest.decode.underflow import check_underflow
from ingest.operation import OperatingState
from ingest.parcel import Parcel
from ingest.reading import Message, Presence, Rejection, RejectionReason

VERSION = 1
MAX_BYTES = 262_144
MAX_SEQ = 2**63 - 1
MAX_JOB_CHARS = 128

Decoded = Message | Presence | Rejection | Parcel

_MEMBERS = frozenset(
    {"v", "boot", "seq", "ts", "values", "state", "job", "t0", "dt_ms", "columns", "units", "site", "line", "machine"}
)
_STATES = {state.value: state for state in OperatingState}
_KINDS = ("telemetry", "waveform", "birth", "death")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """What a topic stands for: a machine of the plant, and what its messages may hold."""

    kind: str
    stream: str
    machine: Machine
    sensors: Mapping[str, Sensor]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Origin:
    """Who sent a message, and which one it is."""

    route: _Route
    boot: str | None
    seq: int | None
    received_ns: int


class NativeDecoder:
    """Turns native messages into readings of the machines of one plant.

    Parameters
    ----------
    plant
        The machines and sensors that may report; anything else is rejected.
    window
        Where event times may lie around the time of arrival.

    Examples
    --------
    >>> decoder = NativeDecoder(plant, TimeWindow(past_ns=10**15, future_ns=10**11))  # doctest: +SKIP
    >>> decoder.decode("yeji/v1/busan/a/pump1/telemetry", b'{"v":1,...}', received_ns)  # doctest: +SKIP
    """

    def __init__(self, plant: Plant, window: TimeWindow) -> None:
        self._window = window
        self._machines: dict[str, MachineId] = {machine.id: machine.id for machine in plant.machines}
        self._routes = {
            f"{_stream(machine)}/{kind}": _route(machine, kind) for machine in plant.machines for kind in _KINDS
        }

    def owns(self, topic: str) -> bool:
        """Whether a topic is one of a machine of the plant."""
        return topic in self._routes

    def decode(self, topic: str, payload: bytes, received_ns: int) -> Decoded:
        """Return the message's readings, a device's presence, or why the message cannot be stored."""
        route = self._routes.get(topic)
        origin: _Origin | None = None
        try:
            if route is None:
                raise self._stranger(topic)
            if route.kind in {"birth", "death"}:
                return _presence(route, received_ns)
            document = _document(payload, MAX_WAVEFORM_BYTES if route.kind == "waveform" else MAX_BYTES)
            origin = _origin(route, document, received_ns)
            if route.kind == "waveform":
                return self._waveform(origin, document, payload)
            return self._reading_set(origin, document, payload)
        except Refused as refused:
            boot, seq = (origin.boot, origin.seq) if origin else salvaged_number(payload) if route else (None, None)
            return Rejection(
                topic=topic,
                payload=payload,
                received_time_ns=received_ns,
                reason=refused.reason,
                detail=refused.detail,
                stream=route.stream if route else None,
                boot=boot,
                seq=seq,
            )

    def _reading_set(self, origin: _Origin, document: Document, payload: bytes) -> Message:
        route = origin.route
        _check_members(document, _MEMBERS)
        _check_identity(route, document)
        times, sensors, rows = read_rows(route.machine, route.sensors, document)
        self._check_window(times[0], times[-1], origin.received_ns)
        check_underflow(payload)
        check_repeated_members(document, payload)
        return Message(
            stream=route.stream,
            machine=route.machine.id,
            boot=origin.boot,
            seq=origin.seq,
            received_time_ns=origin.received_ns,
            event_times_ns=times,
            sensors=sensors,
            values=rows,
            state=_state(document),
            job=_job(document),
        )

    def _waveform(self, origin: _Origin, document: Document, payload: bytes) -> Parcel:
        route = origin.route
        _check_members(document, WAVEFORM_MEMBERS)
        _check_identity(route, document)
        waveform = read_waveform(route.machine, document)
        last_ns = waveform.event_time_ns + int(waveform.length_s * 1e9)
        self._check_window(waveform.event_time_ns, last_ns, origin.received_ns)
        check_repeated_members(document, payload)
        return Parcel(
            stream=route.stream,
            boot=origin.boot,
            seq=origin.seq,
            received_time_ns=origin.received_ns,
            waveforms=(waveform,),
        )

    def _check_window(self, first_ns: int, last_ns: int, received_ns: int) -> None:
        if (outside := self._window.refusal(first_ns, last_ns, received_ns)) is not None:
            raise outside

    def _stranger(self, topic: str) -> Refused:
        """Say what is wrong with a topic that no machine of the plant owns."""
        levels = topic.split("/")
        if len(levels) != 6 or levels[:2] != ["yeji", "v1"] or levels[5] not in _KINDS:
            detail = "topic is not yeji/v1/<site>/<line>/<machine>/telemetry; correct it on the device"
            return refuse(RejectionReason.UNKNOWN_TOPIC, detail)
        if not all(IDENTIFIER.fullmatch(level) for level in levels[2:5]):
            detail = "site, line and machine may hold only letters, digits, - and _, and begin with a letter or digit"
            return refuse(RejectionReason.UNKNOWN_TOPIC, detail)
        machine = levels[4]
        if machine not in self._machines:
            detail = f"machine {machine} is not in plant.toml; add it there, or correct the topic on the device"
            return refuse(RejectionReason.UNKNOWN_MACHINE, detail)
        detail = f"machine {machine} is not on {levels[2]}/{levels[3]}; correct the topic, or the machine's line in plant.toml"
        return refuse(RejectionReason.IDENTITY_MISMATCH, detail)


def _stream(machine: Machine) -> str:
    return f"yeji/v1/{machine.site}/{machine.line}/{machine.id}"


def _route(machine: Machine, kind: str) -> _Route:
    return _Route(
        kind=kind,
        stream=_stream(machine),
        machine=machine,
        sensors={sensor.id: sensor for sensor in machine.sensors},
    )


def _presence(route: _Route, received_ns: int) -> Presence:
    return Presence(
        stream=route.stream, machine=route.machine.id, alive=route.kind == "birth", received_time_ns=received_ns
    )


def _check_members(document: Document, known: frozenset[str]) -> None:
    if not document.keys() <= known:
        unknown = ", ".join(sorted(document.keys() - known))[:200]
        raise refuse(RejectionReason.NOT_A_READING_SET, f"unknown member {unknown}; see docs/wire-format.md")


def _document(payload: bytes, most: int) -> Document:
    if len(payload) > most:
        detail = f"{len(payload)} bytes, at most {most}; send fewer rows or points a message"
        raise refuse(RejectionReason.TOO_LARGE, detail)
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        raise _unreadable(payload, error) from None
    if type(document) is not dict:
        raise refuse(RejectionReason.NOT_A_READING_SET, "not a JSON object; see docs/wire-format.md")
    version = document.get("v")
    if type(version) is not int or version != VERSION:
        raise refuse(RejectionReason.UNKNOWN_VERSION, f'"v" must be {VERSION}; update the device or this service')
    return document


def _unreadable(payload: bytes, error: orjson.JSONDecodeError) -> Refused:
    if b"NaN" in payload or b"Infinity" in payload or "infinity" in error.msg:
        detail = f"NaN, Infinity or a number too large to keep ({error.msg}); leave the sensor out, or send null"
        return refuse(RejectionReason.NOT_A_NUMBER, detail)
    return refuse(RejectionReason.MALFORMED_JSON, f"not JSON in UTF-8: {error}; correct the device's encoder")


def _origin(route: _Route, document: Document, received_ns: int) -> _Origin:
    boot, seq = document.get("boot"), document.get("seq")
    if boot is None and seq is None:
        return _Origin(route=route, boot=None, seq=None, received_ns=received_ns)
    if type(boot) is not str or not IDENTIFIER.fullmatch(boot):
        detail = '"boot" must be an identifier drawn at device start, and goes with "seq"'
        raise refuse(RejectionReason.BAD_SEQUENCE, detail)
    if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
        detail = '"seq" must be a whole number from 0 to 2^63-1 that rises by one a message, and goes with "boot"'
        raise refuse(RejectionReason.BAD_SEQUENCE, detail)
    return _Origin(route=route, boot=boot, seq=seq, received_ns=received_ns)


def _check_identity(route: _Route, document: Document) -> None:
    machine = route.machine
    for member, own in (("machine", machine.id), ("line", machine.line), ("site", machine.site)):
        claimed = document.get(member)
        if claimed is not None and claimed != own:
            detail = f'"{member}" says {shown(claimed)}, the topic says {own}; the device has another one\'s name'
            raise refuse(RejectionReason.IDENTITY_MISMATCH, detail)


def _state(document: Document) -> OperatingState | None:
    state = document.get("state")
    if state is None:
        return None
    known = _STATES.get(state) if type(state) is str else None
    if known is None:
        detail = f'"state" must be one of {", ".join(_STATES)}'
        raise refuse(RejectionReason.NOT_A_READING_SET, detail)
    return known


def _job(document: Document) -> str | None:
    job = document.get("job")
    if job is None:
        return None
    if type(job) is not str or len(job) > MAX_JOB_CHARS or not job.isprintable():
        detail = f'"job" must be a printable text of at most {MAX_JOB_CHARS} characters'
        raise refuse(RejectionReason.NOT_A_READING_SET, detail)
    return job
