"""Sensors that lie: stuck, drifting, noisy, silent or spiking, each drawn per machine and written to the truth."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from configs.plant import Machine, Sensor
from simulators.draws import keyed_generator
from simulators.scenario import Rates

Signal = NDArray[np.float32]
Times = NDArray[np.float64]

PERIOD_S = 30 * 86_400
_YEAR_S = 365.25 * 86_400
_COUNTER_STEPS = 1e6


class SensorFault(StrEnum):
    """The ways in which a sensor misleads."""

    STUCK = "stuck"
    DRIFT = "drift"
    NOISE_RISE = "noise_rise"
    DROPOUT = "dropout"
    SPIKE = "spike"


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultSpan:
    """One sensor fault: from when to when (epoch seconds), and how bad (drift: share of the span per day)."""

    kind: SensorFault
    machine: str
    sensor: str
    from_s: float
    to_s: float
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    kind: SensorFault
    per_year: float
    mean_s: float
    size_low: float
    size_high: float


def faults_of(root: int, machine: Machine, rates: Rates, period: int) -> list[FaultSpan]:
    """Draw the lasting sensor faults that begin in one 30-day period of a machine."""
    rng = keyed_generator(root, machine.id, "sensor_faults", period)
    habits = (
        _Habit(kind=SensorFault.STUCK, per_year=rates.stuck_per_year, mean_s=6 * 3600, size_low=0, size_high=0),
        _Habit(
            kind=SensorFault.DRIFT, per_year=rates.drift_per_year, mean_s=9 * 86_400, size_low=0.004, size_high=0.02
        ),
        _Habit(
            kind=SensorFault.NOISE_RISE, per_year=rates.noise_rise_per_year, mean_s=5 * 86_400, size_low=2, size_high=4
        ),
    )
    sensors = [sensor for sensor in machine.sensors if not is_counter(sensor)]
    return [span for habit in habits for sensor in sensors for span in _spans(rng, habit, machine, sensor, period)]


def is_counter(sensor: Sensor) -> bool:
    """Tell whether a sensor counts up rather than measures; a counter neither drifts nor spikes."""
    return sensor.resolution > 0 and (sensor.normal_high - sensor.normal_low) / sensor.resolution > _COUNTER_STEPS


def spoil(values: Signal, times_s: Times, sensor: Sensor, span: FaultSpan, held: dict[FaultSpan, float]) -> None:
    """Let one fault act on one sensor's values (t,) in place; `held` remembers what a stuck sensor shows."""
    first, last = np.searchsorted(times_s, (span.from_s, span.to_s))
    if first >= last:
        return
    part = values[first:last]
    if span.kind is SensorFault.STUCK:
        part[:] = held.setdefault(span, float(part[0]))
    elif span.kind is SensorFault.DRIFT:
        width = sensor.normal_high - sensor.normal_low
        part += (span.size * width * (times_s[first:last] - span.from_s) / 86_400.0).astype(np.float32)
    else:
        rng = keyed_generator(int(span.from_s), span.machine, span.sensor, int(times_s[first]))
        noise = rng.standard_normal(len(part), dtype=np.float32)
        part += noise * np.float32(span.size * 0.04 * (sensor.normal_high - sensor.normal_low))


def sparse_hits(rng: np.random.Generator, share: float, shape: tuple[int, int]) -> NDArray[np.int64]:
    """Draw which of the (t, n) samples are hit at a small share, as sorted flat indices."""
    size = shape[0] * shape[1]
    return np.unique(rng.integers(0, size, rng.binomial(size, share))) if share > 0 else np.zeros(0, dtype=np.int64)


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
            size=float(habit.size_low + size * (habit.size_high - habit.size_low)),
        )  # fmt: skip
