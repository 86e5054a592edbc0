"""JSON of other programs, read by the plant's mappings: topic pattern and JSON paths to machines and sensors."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson

from configs.inputs import TopicMapping
from configs.json_path import Found, Steps, beside, find, parse_path
from configs.plant import Machine, Plant, Sensor
from configs.topic_pattern import TopicPattern, compile_topic, filled
from configs.units import conversion
from ingest.decode.reading_rows import ReadingRows
from ingest.decode.refusal import Refused, refuse, shown
from ingest.decode.repeated_members import check_repeated_members
from ingest.decode.time_window import TimeWindow
from ingest.decode.timestamp import instant_ns
from ingest.operation import OperatingState
from ingest.parcel import Parcel
from ingest.reading import Rejection, RejectionReason
from ingest.sighting import InputFormat, Sighting

MAX_BYTES = 1_048_576
MAX_VALUES = 10_000
MAX_SIGHTINGS = 200

_LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_SECONDS_BELOW = 100_000_000_000
"""Whole numbers below this are seconds since 1970 (until the year 5138), those above milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    steps: Steps
    sensor: str
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
    """A mapping whose patterns have been compiled."""

    mapping: TopicMapping
    topic: TopicPattern
    rules: tuple[_Rule, ...]
    time: Steps | None
    state: Steps | None


@dataclass(slots=True)
class _Reading:
    """What one message comes to so far."""

    ready: _Ready
    topic: str
    parts: Mapping[str, str]
    document: object
    received_ns: int
    rows: ReadingRows = field(default_factory=ReadingRows)
    sightings: list[Sighting] = field(default_factory=list)
    refusals: list[Refused] = field(default_factory=list)


class MappingDecoder:
    """Turns the messages of mapped topics into readings; the first mapping whose topic fits is the one that counts.

    Parameters
    ----------
    plant
        The machines and sensors that may report, and the mappings.
    window
        Where event times may lie around the time of arrival.
    """

    def __init__(self, plant: Plant, window: TimeWindow) -> None:
        self._window = window
        self._mappings = tuple(_ready(mapping) for mapping in plant.mappings)
        self._machines: dict[str, Machine] = {machine.id: machine for machine in plant.machines}
        self._sensors: dict[str, dict[str, Sensor]] = {m.id: {s.id: s for s in m.sensors} for m in plant.machines}
        self._zones = {site.id: ZoneInfo(site.time_zone) for site in plant.sites}

    def reads(self, topic: str) -> bool:
        """Whether a mapping is made for a topic."""
        return any(ready.topic.match(topic) is not None for ready in self._mappings)

    def decode(self, topic: str, payload: bytes, received_ns: int) -> Parcel | Rejection:
        """Return what a message of a mapped topic comes to, or why nothing of it can be stored."""
        for ready in self._mappings:
            parts = ready.topic.match(topic)
            if parts is not None:
                try:
                    reading = _Reading(
                        ready=ready, topic=topic, parts=parts, document=_document(payload), received_ns=received_ns
                    )
                    return self._decoded(reading, payload)
                except Refused as refused:
                    return _rejection(topic, payload, received_ns, refused)
        return _rejection(
            topic, payload, received_ns, refuse(RejectionReason.UNKNOWN_TOPIC, "no mapping is made for it")
        )

    def _decoded(self, reading: _Reading, payload: bytes) -> Parcel:
        found = [(rule, place) for rule in reading.ready.rules for place in find(reading.document, rule.steps)]
        if not found and reading.ready.state is None:
            paths = ", ".join(value.path for value in reading.ready.mapping.values)
            detail = (
                f"mapping {reading.ready.mapping.id} finds nothing at {paths}; correct the path (yeji map shows it)"
            )
            raise refuse(RejectionReason.UNMAPPED, detail)
        if len(found) > MAX_VALUES:
            detail = (
                f"mapping {reading.ready.mapping.id} finds {len(found)} values, at most {MAX_VALUES}; narrow its path"
            )
            raise refuse(RejectionReason.TOO_LARGE, detail)
        for rule, place in found:
            try:
                self._value(reading, rule, place)
            except Refused as refused:
                reading.refusals.append(refused)
        self._state(reading)
        stream = f"mapping/{reading.ready.mapping.id}/{reading.topic}"
        return Parcel(
            stream=stream,
            boot=None,
            seq=None,
            received_time_ns=reading.received_ns,
            messages=tuple(reading.rows.messages(stream, None, None, reading.received_ns)),
            rejections=_rejections(reading, payload),
            sightings=tuple(reading.sightings[:MAX_SIGHTINGS]),
        )

    def _value(self, reading: _Reading, rule: _Rule, place: Found) -> None:
        mapping, parts = reading.ready.mapping, {**reading.parts, **place.parts}
        wire_machine, wire_sensor = filled(mapping.machine, parts), filled(rule.sensor, parts)
        if wire_sensor in mapping.ignore:
            return
        machine = self._machines.get(mapping.machines.get(wire_machine, wire_machine))
        name = mapping.sensors.get(wire_sensor, wire_sensor)
        sensor = self._sensors[machine.id].get(name) if machine else None
        value = _number(place.value, mapping.words)
        unit = filled(rule.unit, parts) if rule.unit else None
        at_ns = self._time(reading, place, rule, machine)
        if machine is None or sensor is None:
            if value is not None:
                reading.sightings.append(
                    _sighting(reading.topic, (wire_machine, wire_sensor), machine, unit, (value, at_ns))
                )
            return
        if place.value is None:
            return
        if value is None:
            detail = f"{wire_sensor} is {shown(place.value)}, no number; list its texts under words, or ignore it"
            raise refuse(RejectionReason.NOT_A_NUMBER, detail)
        reading.rows.add(machine.id, sensor.id, at_ns, _scaled(value, unit, sensor))

    def _time(self, reading: _Reading, place: Found, rule: _Rule, machine: Machine | None) -> int:
        if reading.ready.time is None:
            return reading.received_ns
        stamp = beside(reading.document, reading.ready.time, place, rule.steps)
        if stamp is None:
            return reading.received_ns
        at_ns = _instant_ns(stamp, self._zone(reading.ready.mapping, machine))
        if (outside := self._window.refusal(at_ns, at_ns, reading.received_ns)) is not None:
            raise outside
        return at_ns

    def _zone(self, mapping: TopicMapping, machine: Machine | None) -> ZoneInfo:
        if mapping.time_zone:
            return ZoneInfo(mapping.time_zone)
        return self._zones[machine.site] if machine else next(iter(self._zones.values()))

    def _state(self, reading: _Reading) -> None:
        """Take in the state, once for each machine that the topic or the path of the state names."""
        if reading.ready.state is None:
            return
        mapping = reading.ready.mapping
        for place in find(reading.document, reading.ready.state):
            try:
                wire = filled(mapping.machine, {**reading.parts, **place.parts})
            except KeyError:
                continue
            machine = self._machines.get(mapping.machines.get(wire, wire))
            word = str(place.value)
            state = mapping.states.get(word, word.lower())
            if machine is None:
                continue
            if state not in OperatingState.__members__.values():
                detail = f"state {shown(place.value)} is not listed under states of mapping {mapping.id}; add it there"
                reading.refusals.append(refuse(RejectionReason.NOT_A_READING_SET, detail))
                continue
            reading.rows.add_state(machine.id, OperatingState(state), self._state_time(reading, machine))

    def _state_time(self, reading: _Reading, machine: Machine) -> int:
        steps = reading.ready.time
        places = list(find(reading.document, steps)) if steps is not None else []
        if len(places) != 1 or places[0].value is None:
            return reading.received_ns
        return _instant_ns(places[0].value, self._zone(reading.ready.mapping, machine))


def _ready(mapping: TopicMapping) -> _Ready:
    return _Ready(
        mapping=mapping,
        topic=compile_topic(mapping.topic),
        rules=tuple(
            _Rule(steps=parse_path(rule.path), sensor=rule.sensor or "{sensor}", unit=rule.unit)
            for rule in mapping.values
        ),
        time=parse_path(mapping.time) if mapping.time else None,
        state=parse_path(mapping.state) if mapping.state else None,
    )


def _document(payload: bytes) -> object:
    if len(payload) > MAX_BYTES:
        raise refuse(RejectionReason.TOO_LARGE, f"{len(payload)} bytes, at most {MAX_BYTES}; send less at a time")
    try:
        document: object = orjson.loads(payload)
    except orjson.JSONDecodeError as error:
        detail = f"not JSON in UTF-8: {error}; correct the sender, or leave its topic out of the mapping"
        raise refuse(RejectionReason.MALFORMED_JSON, detail) from None
    if isinstance(document, dict):
        check_repeated_members(document, payload)
    return document


def _number(value: object, words: Mapping[str, float]) -> float | None:
    """Return the number that a value is: plain, in quotes, true or false, or one of the mapping's words."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    if not isinstance(value, str):
        return None
    text = value.strip()
    if text in words:
        return words[text]
    number = float(text) if _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def _scaled(value: float, unit: str | None, sensor: Sensor) -> float:
    if unit is None or unit == sensor.unit:
        return value
    scale = conversion(unit, sensor.unit, sensor.measurand)
    if scale is None:
        detail = f"{sensor.id} in {unit!r} cannot be read as {sensor.unit!r}; correct the mapping or plant.toml"
        raise refuse(RejectionReason.WRONG_UNIT, detail)
    return scale(value)


def _instant_ns(stamp: object, zone: ZoneInfo) -> int:
    """Return a time in nanoseconds UTC: RFC 3339, a local time without an offset, or seconds or milliseconds since 1970."""
    if isinstance(stamp, str) and _LOCAL_TIME.fullmatch(stamp):
        try:
            local = datetime.fromisoformat(stamp).replace(tzinfo=zone)
        except ValueError:
            return instant_ns(None, "time")
        return instant_ns(local.astimezone(UTC).isoformat().replace("+00:00", "Z"), "time")
    if isinstance(stamp, float) and stamp.is_integer():
        stamp = int(stamp)
    if type(stamp) is float and 0 < stamp < _SECONDS_BELOW:
        return int(stamp * 1e6) * 1_000
    if type(stamp) is int and 0 < stamp < _SECONDS_BELOW:
        return stamp * 1_000_000_000
    return instant_ns(stamp, "time")


def _sighting(
    topic: str, names: tuple[str, str], machine: Machine | None, unit: str | None, reading: tuple[float, int]
) -> Sighting:
    return Sighting(
        format=InputFormat.MAPPING,
        topic=topic,
        machine=names[0],
        known_machine=machine.id if machine else None,
        sensor=names[1],
        unit=unit,
        value=reading[0],
        event_time_ns=reading[1],
    )


def _rejection(topic: str, payload: bytes, received_ns: int, refused: Refused) -> Rejection:
    return Rejection(
        topic=topic, payload=payload, received_time_ns=received_ns, reason=refused.reason, detail=refused.detail
    )


def _rejections(reading: _Reading, payload: bytes) -> tuple[Rejection, ...]:
    """Return one rejection for all that was refused in a message: the rest of it is stored."""
    if not reading.refusals:
        return ()
    first, others = reading.refusals[0], len(reading.refusals) - 1
    more = f" (and {others} more values of this message)" if others else ""
    told = refuse(first.reason, first.detail + more)
    return (_rejection(reading.topic, payload, reading.received_ns, told),)
