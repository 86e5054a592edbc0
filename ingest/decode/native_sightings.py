"""What a refused native message shows of machines and sensors that the plant does not have."""

from collections.abc import Mapping
from typing import Any

import orjson

from configs.plant import Machine, MachineId
from ingest.decode.refusal import Refused
from ingest.decode.timestamp import instant_ns
from ingest.reading import Rejection, RejectionReason
from ingest.sighting import InputFormat, Sighting

MAX_SENSORS = 100
_STRANGE = frozenset({RejectionReason.UNKNOWN_MACHINE, RejectionReason.UNKNOWN_SENSOR})


def native_sightings(rejection: Rejection, machines: Mapping[MachineId, Machine]) -> tuple[Sighting, ...]:
    """Return the sensors that a message named and the plant lacks, with the newest value of each."""
    if rejection.reason not in _STRANGE or not rejection.topic.endswith("/telemetry"):
        return ()
    try:
        document = orjson.loads(rejection.payload)
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(document, dict):
        return ()
    wire = rejection.topic.split("/")[4]
    machine = machines.get(MachineId(wire))
    known = {str(sensor.id) for sensor in machine.sensors} if machine else set()
    units = document.get("units")
    return tuple(
        Sighting(
            format=InputFormat.NATIVE,
            topic=rejection.topic,
            machine=wire,
            known_machine=machine.id if machine else None,
            sensor=name[:64],
            unit=_text(units.get(name)) if isinstance(units, dict) else None,
            value=_newest(value),
            event_time_ns=_time_ns(document, rejection.received_time_ns),
        )
        for name, value in list(_values(document).items())[:MAX_SENSORS]
        if name not in known
    )


def _values(document: dict[str, Any]) -> dict[str, Any]:
    named = document.get("values", document.get("columns"))
    return named if isinstance(named, dict) else {}


def _newest(value: object) -> float | None:
    last = value[-1] if isinstance(value, list) and value else value
    return float(last) if isinstance(last, int | float) and not isinstance(last, bool) else None


def _time_ns(document: dict[str, Any], received_ns: int) -> int:
    try:
        return instant_ns(document.get("ts", document.get("t0")), "ts")
    except Refused:
        return received_ns


def _text(unit: object) -> str | None:
    return unit[:32] if isinstance(unit, str) else None
