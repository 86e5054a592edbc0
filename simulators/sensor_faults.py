"""Sensors that lie: stuck, drifting, noisy, silent or spiking, each drawn per machine and written to the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from configs.measuring_points import sent_sensors
from configs.plant import Machine, Sensor
from simulators.draws import keyed_generator
from simulators.scenario import Rates

Signal = NDArray[np.float32]
Times = NDArray[np.float64]

PERIOD_S = 30 * 86_400
_HOUR_S, _DAY_S = 3600.0, 86_400.0
_YEAR_S = 365.25 * _DAY_S
_COUNTER_STEPS = 1e6
_MISTAKEN = {"degC": (1.8, 32.0), "bar": (14.504, 0.0), "mm/s": (0.03937, 0.0), "m3/h": (4.403, 0.0)}
"""Factor and offset from a unit to the one it is taken for: °F, psi, inch/s, US gallons a minute."""


class SensorFault(StrEnum):
    """The ways in which a sensor misleads."""

    STUCK = "stuck"
    DRIFT = "drift"
    NOISE_RISE = "noise_rise"
    GAIN = "gain"
    SATURATION = "saturation"
    WRONG_UNIT = "wrong_unit"
    SWAPPED = "swapped"
    DROPOUT = "dropout"
    SPIKE = "spike"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpan:
    """One sensor fault: from when to when (epoch seconds), and how bad.

    `size` is for a drift the share of the normal span per day, for a noise rise and a gain the factor, for saturation the
    share of the normal span at which the sensor stops. `other` is the sensor whose cable was exchanged with this one's.
    """

    kind: SensorFault
    machine: str
    sensor: str
    from_s: float
    to_s: float
    size: float
    other: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    kind: SensorFault
    per_year: float
    mean_s: float
    low: float
    high: float


def faults_of(root: int, machine: Machine, rates: Rates, period: int) -> list[FaultSpan]:
    """Draw the lasting sensor faults that begin in one 30-day period of a machine."""
    rng = keyed_generator(root, machine.id, "sensor_faults", period)
    habits = (
        _Habit(kind=SensorFault.STUCK, per_year=rates.stuck_per_year, mean_s=6 * _HOUR_S, low=0, high=0),
        _Habit(kind=SensorFault.DRIFT, per_year=rates.drift_per_year, mean_s=9 * _DAY_S, low=0.004, high=0.02),
        _Habit(kind=SensorFault.NOISE_RISE, per_year=rates.noise_rise_per_year, mean_s=5 * _DAY_S, low=2, high=4),
        _Habit(kind=SensorFault.GAIN, per_year=rates.gain_per_year, mean_s=20 * _DAY_S, low=0.8, high=1.25),
        _Habit(kind=SensorFault.SATURATION, per_year=rates.saturation_per_year, mean_s=5 * _DAY_S, low=0.5, high=0.8),
        _Habit(kind=SensorFault.WRONG_UNIT, per_year=rates.wrong_unit_per_year, mean_s=_DAY_S, low=1, high=1),
        _Habit(kind=SensorFault.SWAPPED, per_year=rates.swapped_per_year, mean_s=2 * _DAY_S, low=1, high=1),
    )
    sensors = [sensor for sensor in sent_sensors(machine) if not is_counter(sensor)]
    return [
        span
        for habit in habits
        for sensor in sensors
        if _befalls(habit.kind, sensor, sensors)
        for span in _spans(rng, habit, machine, sensor, period)
    ]


def is_counter(sensor: Sensor) -> bool:
    """Tell whether a sensor counts up rather than measures; a counter neither drifts nor spikes."""
    return sensor.resolution > 0 and (sensor.normal_high - sensor.normal_low) / sensor.resolution > _COUNTER_STEPS


def spoil(values: Signal, times_s: Times, sensor: Sensor, span: FaultSpan, held: dict[FaultSpan, float]) -> None:
    """Let one fault act on one sensor's values (t,) in place; `held` remembers what a stuck sensor shows."""
    first, last = np.searchsorted(times_s, (span.from_s, span.to_s))
    if first >= last:
        return
    part, at_s = values[first:last], times_s[first:last]
    width = sensor.normal_high - sensor.normal_low
    if span.kind is SensorFault.STUCK:
        part[:] = held.setdefault(span, float(part[0]))
    elif span.kind is SensorFault.DRIFT:
        part += (span.size * width * (at_s - span.from_s) / _DAY_S).astype(np.float32)
    elif span.kind is SensorFault.GAIN:
        part *= np.float32(span.size)
    elif span.kind is SensorFault.SATURATION:
        np.minimum(part, np.float32(sensor.normal_low + span.size * width), out=part)
    elif span.kind is SensorFault.WRONG_UNIT:
        factor, offset = _MISTAKEN[sensor.unit]
        part[:] = part * np.float32(factor) + np.float32(offset)
    else:
        rng = keyed_generator(int(span.from_s), span.machine, span.sensor, int(times_s[first]))
        part += rng.standard_normal(len(part), dtype=np.float32) * np.float32(span.size * 0.04 * width)


def exchange(values: Signal, other: Signal, times_s: Times, span: FaultSpan) -> None:
    """Let two sensors (t,) report each other's values, in place, while their cables are exchanged."""
    first, last = np.searchsorted(times_s, (span.from_s, span.to_s))
    values[first:last], other[first:last] = other[first:last].copy(), values[first:last].copy()


def sparse_hits(rng: np.random.Generator, share: float, shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Draw which of the (t, n) samples are hit at a small share, in order of time."""
    if share <= 0:
        return []
    size = shape[0] * shape[1]
    hits = np.unique(rng.integers(0, size, rng.binomial(size, share)))
    return list(zip(*(places.tolist() for places in np.divmod(hits, shape[1])), strict=True))


def _befalls(kind: SensorFault, sensor: Sensor, sensors: Sequence[Sensor]) -> bool:
    """Tell whether a kind of fault can befall a sensor: only some units are mistaken, and only like cables exchanged."""
    if kind is SensorFault.WRONG_UNIT:
        return sensor.unit in _MISTAKEN
    return kind is not SensorFault.SWAPPED or _twin(sensor, sensors) is not None


def _twin(sensor: Sensor, sensors: Sequence[Sensor]) -> Sensor | None:
    """Give the sensor whose cable can be taken for this one's: the next of the same quantity on the machine."""
    alike = [other for other in sensors if other.measurand == sensor.measurand]
    place = alike.index(sensor)
    return alike[place + 1] if place + 1 < len(alike) else None


def _spans(
    rng: np.random.Generator, habit: _Habit, machine: Machine, sensor: Sensor, period: int
) -> Iterator[FaultSpan]:
    count = rng.poisson(habit.per_year * PERIOD_S / _YEAR_S)
    draws = rng.random((count, 2))
    spells = rng.exponential(habit.mean_s, count)
    for (place, size), spell in zip(draws, spells, strict=True):
        start = (period + place) * PERIOD_S
        yield FaultSpan(
            kind=habit.kind, machine=machine.id, sensor=sensor.id, from_s=float(start), to_s=float(start + spell),
            other=_other(habit.kind, sensor, machine), size=float(habit.low + size * (habit.high - habit.low)),
        )  # fmt: skip


def _other(kind: SensorFault, sensor: Sensor, machine: Machine) -> str | None:
    twin = (
        _twin(sensor, [s for s in sent_sensors(machine) if not is_counter(s)]) if kind is SensorFault.SWAPPED else None
    )
    return None if twin is None else twin.id
