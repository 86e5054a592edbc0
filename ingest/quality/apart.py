"""Sensors that have come to stand apart from what the machine's other sensors say: another gain, or a drift.

A part that wears moves sensors too. So a sensor is suspected of what happens at one blow, and of what goes on by and by only
where no wearing part moves it that way; the rest is for the models to say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from configs.plant import Machine, Sensor, SensorRole
from ingest.quality.siblings import Siblings
from ingest.quality.suspicion import DAY, HELD, HOUR, SensorHistory, Suspicion, Together, grouped
from ingest.reading import QualityFlag, Values

STEP_FURTHER, STEP_LEAST = 1.6, 0.05
DRIFT_FURTHER, DRIFT_LEAST = 2.0, 0.08
"""How much further than ever before, and at least how many usual spans, a sensor must have moved at one blow, or by and by."""

KNOWN = 7 * DAY
HALF_DAY = 12
"""In hours of running; what is at one blow shows between one half-day and the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """How far each sensor stands apart from the others, hour by hour of running, (n, m): before, and now."""

    sensors: tuple[Sensor, ...]
    before: Values
    now: Values


def apart(group: Together) -> Apart | None:
    """Return how far sensors stand apart; None where too little is known. An hour is NaN in which the others are odd too."""
    if group.base.shape[0] < KNOWN or group.recent.shape[0] < DAY:
        return None
    before, now = grouped(group.base, HOUR), grouped(group.recent[-DAY:], HOUR)
    offsets = _clear_offsets(group.siblings, before, now)
    return Apart(sensors=group.sensors, before=group.siblings.offsets(before), now=offsets)


def stepped(history: SensorHistory, moved: Apart) -> Iterator[Suspicion]:
    """Yield the sensor that has moved furthest at one blow, half a day of running ago."""
    least = _least(_steps(moved.before), STEP_FURTHER, STEP_LEAST)
    yield from _furthest(history, moved.sensors, _steps(moved.now)[-1] / least, DAY // 2)


def still_apart(history: SensorHistory, moved: Apart) -> Iterator[Suspicion]:
    """Yield the sensors that were found apart and have not come back."""
    ratios = _days_apart(moved, STEP_FURTHER, STEP_LEAST)
    for sensor, ratio in zip(moved.sensors, ratios.tolist(), strict=True):
        if (sensor.id, QualityFlag.SHIFTED) in history.standing and abs(ratio) > HELD:
            yield history.suspicion(sensor, QualityFlag.SHIFTED, DAY, ratio)


def drifting(history: SensorHistory, group: Together) -> Iterator[Suspicion]:
    """Yield the sensor that has moved furthest by and by since the base, which lies weeks back.

    Sensors that wear may have moved are taken out, furthest first, until the furthest is one that it cannot have moved.
    """
    if group.base.shape[0] < KNOWN or group.recent.shape[0] < DAY:
        return
    while len(group.sensors) > 1:
        before, now = (grouped(rows, HOUR) for rows in (group.base, group.recent[-DAY:]))
        siblings = group.siblings
        moved = Apart(sensors=group.sensors, before=siblings.offsets(before), now=siblings.offsets(now))
        ratios = _days_apart(moved, DRIFT_FURTHER, DRIFT_LEAST)
        worst = int(np.abs(ratios).argmax())
        if abs(ratios[worst]) <= 1.0:
            return
        sensor = group.sensors[worst]
        if sensor.role is SensorRole.CONDITION and not _may_be_wear(history.machine, sensor, ratios[worst]):
            yield history.suspicion(sensor, QualityFlag.SHIFTED, DAY, float(ratios[worst]))
            return
        group = group.without(worst)


def rolling_medians(rows: Values, size: int) -> Values:
    """Return the medians of `size` rows, beginning with each: (n - size + 1, m); NaN is left out."""
    medians: Values = np.nanmedian(np.lib.stride_tricks.sliding_window_view(rows, size, axis=0), axis=2)
    return medians


def _furthest(history: SensorHistory, sensors: Sequence[Sensor], ratios: Values, blocks: int) -> Iterator[Suspicion]:
    """Yield the sensor that has moved furthest, in shares of the least that counts, if by more than one."""
    conditions = np.array([sensor.role is SensorRole.CONDITION for sensor in sensors])
    worst = int(np.where(conditions, np.abs(ratios), 0.0).argmax())
    if conditions[worst] and abs(ratios[worst]) > 1.0:
        yield history.suspicion(sensors[worst], QualityFlag.SHIFTED, blocks, float(ratios[worst]))


def _days_apart(moved: Apart, further: float, least: float) -> Values:
    """Return, (m,), how far each sensor has stood apart for a day, in shares of the least that counts."""
    ratios: Values = np.nanmedian(moved.now, axis=0) / _least(
        rolling_medians(moved.before, 2 * HALF_DAY), further, least
    )
    return ratios


def _least(before: Values, further: float, least: float) -> Values:
    bound: Values = np.maximum(least, further * np.abs(before).max(axis=0))
    return bound


def _clear_offsets(siblings: Siblings, before: Values, now: Values) -> Values:
    """Return the offsets (n, m) of now; NaN in hours in which the others are not as usual, 0 where most hours are so."""
    usual = 1.5 * np.quantile(siblings.rest(before), 0.99, axis=0)
    clear = siblings.rest(now) <= usual
    enough = np.minimum(clear[:HALF_DAY].sum(axis=0), clear[-HALF_DAY:].sum(axis=0)) >= HALF_DAY // 2
    offsets: Values = np.where(enough, np.where(clear, siblings.offsets(now), np.nan), 0.0)
    return offsets


def _steps(offsets: Values) -> Values:
    """Return, (n - 23, m), by how much each half-day differs from the one before."""
    medians = rolling_medians(offsets, HALF_DAY)
    steps: Values = medians[HALF_DAY:] - medians[:-HALF_DAY]
    return steps


def _may_be_wear(machine: Machine, sensor: Sensor, size: float) -> bool:
    """Tell whether a part that wears moves the sensor that way."""
    signs = [sign for slot in machine.slots for sign in slot.signs if sign.sensor == sensor.id]
    return any(sign.rises == (size > 0) for sign in signs)
