"""The samples of a native `…/waveform` message."""

import base64
import binascii
from typing import Any

import numpy as np

from configs.plant import Machine, MeasuringPoint
from configs.units import Dimension, conversion, unit_of
from ingest.decode.refusal import Refused, refuse, shown
from ingest.decode.timestamp import instant_ns
from ingest.reading import RejectionReason
from ingest.waveform import Samples, Waveform

MAX_BYTES = 2_097_152
MAX_POINTS = 262_144
MIN_RATE_HZ = 2_560.0
"""Twice and a bit the 1 kHz up to which vibration velocity is measured (ISO 20816-1)."""

MAX_RATE_HZ = 1_000_000.0
MIN_LENGTH_S = 0.1
MAX_LENGTH_S = 60.0
MAX_RPM = 600_000.0
MAX_M_S2 = 1e12
"""A larger acceleration is no vibration, and its square would be lost in the figures."""

MEMBERS = frozenset({"v", "boot", "seq", "ts", "sensor", "fs_hz", "rpm", "unit", "samples", "site", "line", "machine"})


def read_waveform(machine: Machine, document: dict[str, Any]) -> Waveform:
    """Return the waveform of a message of `machine`; raise the refusal."""
    point = _point(machine, document.get("sensor"))
    rate_hz = _number(document, "fs_hz", MIN_RATE_HZ, MAX_RATE_HZ)
    samples = _samples(document.get("samples"))
    length_s = samples.size / rate_hz
    if not MIN_LENGTH_S <= length_s <= MAX_LENGTH_S:
        detail = (
            f"{samples.size} points at {rate_hz:g} Hz last {length_s:.3g} s; "
            f"a waveform lasts {MIN_LENGTH_S:g} to {MAX_LENGTH_S:g} s"
        )
        raise refuse(RejectionReason.BAD_WAVEFORM, detail)
    rpm = point.rpm if document.get("rpm") is None else _number(document, "rpm", 1.0, MAX_RPM)
    return Waveform(
        machine=machine.id,
        point=point.id,
        event_time_ns=instant_ns(document.get("ts"), "ts"),
        rate_hz=rate_hz,
        rotation_hz=None if rpm is None else rpm / 60,
        acceleration_m_s2=_in_m_s2(samples, document.get("unit")),
    )


def _point(machine: Machine, name: object) -> MeasuringPoint:
    for point in machine.points:
        if point.id == name:
            return point
    detail = f"machine {machine.id} has no waveform {shown(name)}; add [machine.waveforms.<sensor>] to plant.toml"
    raise refuse(RejectionReason.UNKNOWN_SENSOR, detail)


def _number(document: dict[str, Any], member: str, low: float, high: float) -> float:
    value = document.get(member)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise refuse(RejectionReason.BAD_WAVEFORM, f'"{member}" is {shown(value)}; it must be {low:g} to {high:g}')
    return float(value)


def _samples(text: object) -> Samples:
    if type(text) is not str:
        raise refuse(RejectionReason.BAD_WAVEFORM, '"samples" must be base64 of little-endian 32-bit floats')
    points = len(text) * 3 // 16
    if points > MAX_POINTS + 1:
        raise too_long(points)
    try:
        packed = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise refuse(RejectionReason.BAD_WAVEFORM, '"samples" is not base64; correct the device') from None
    if not packed or len(packed) % 4:
        detail = f'"samples" holds {len(packed)} bytes; it must be whole 32-bit floats, at least one'
        raise refuse(RejectionReason.BAD_WAVEFORM, detail)
    samples = np.frombuffer(packed, "<f4").astype(np.float32, copy=False)
    if samples.size > MAX_POINTS:
        raise too_long(samples.size)
    if not np.isfinite(samples).all():
        raise refuse(RejectionReason.NOT_A_NUMBER, '"samples" holds NaN or Infinity; correct the device')
    return samples


def too_long(points: int) -> Refused:
    """Return the refusal of a waveform of too many points."""
    detail = f"about {points} points, at most {MAX_POINTS}; send a shorter capture, or at a lower rate"
    return refuse(RejectionReason.TOO_LARGE, detail)


def _in_m_s2(samples: Samples, unit: object) -> Samples:
    known = unit_of(unit) if type(unit) is str else None
    scale = conversion(known.symbol, "m/s2") if known and known.dimension is Dimension.ACCELERATION else None
    if scale is None:
        detail = f'"unit" is {shown(unit)}; waveforms are acceleration in m/s2, g or mg'
        raise refuse(RejectionReason.WRONG_UNIT, detail)
    converted = samples.astype(np.float64) * scale.factor
    if float(np.max(np.abs(converted))) > MAX_M_S2:
        raise refuse(RejectionReason.NOT_A_NUMBER, '"samples" is too large to keep; correct the device')
    return converted.astype(np.float32)
