"""The degradation indicator of a slot: how much of the way to failure its signs have gone, in per cent."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.features.recursion import Following, Layout, Level, Matrix, Smoothed, recentre, settled_level, smooth
from models.health_assessment.failure_limit import SlotScales

SLOWEST_ALPHA = 1.0 / 60.0
"""An hour of one-minute windows is smoothed over: wear is slow, and work is not."""

QUICKEST_SHARE = 5.0
"""Where learning is short, a fifth of its windows is smoothed over instead."""

LEAST_SHARE = 0.5
"""An indicator counts where the signs that are there carry at least half of the slot's evidence."""

LEAST_WEIGHT = 0.05
LOWEST, HIGHEST, HIGHEST_START = -50.0, 500.0, 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorMemory:
    """What the next indicators depend on, (machines, slots): the level a new part started from, and the smoothing."""

    level: Level
    smoothed: Smoothed


def blank_indicators(machines: int, slots: int, how: Following) -> IndicatorMemory:
    """Return the memory of machines that have just been learnt: the level of their parts is the baseline."""
    shape = (machines, slots)
    return IndicatorMemory(
        level=settled_level(machines, slots, how),
        smoothed=Smoothed(total=np.zeros(shape), weight=np.ones(shape)),
    )


def indicate(
    shown: tuple[Matrix, NDArray[np.int64]], scales: SlotScales, layout: Layout, memory: IndicatorMemory, how: Following
) -> tuple[Matrix, IndicatorMemory]:
    """Return the indicators (n, slots) of windows, and what the next block carries on from.

    Parameters
    ----------
    shown
        Deviation of each judged sensor from what its baseline and the regime let one expect, (n, j), in its unit; and
        the ends of the windows (n,).
    scales
        What a deviation is worth, per machine.
    how
        How long the level of a new part settles. Until then there is no raw indicator, and afterwards it counts from
        that level to the same failure limit.
    """
    apart, ends_ns = shown
    raw = _raw(apart, scales, layout)
    fixed = replace(how, rate=0.0)
    if (memory.level.settled >= how.settling).all():
        risen, level = raw - memory.level.value[layout.machine], memory.level
    else:
        risen, level = recentre(raw, ends_ns, layout, memory.level, fixed)
    start = np.clip(raw - risen, LOWEST, HIGHEST_START)
    raw = np.clip(100.0 * risen / (100.0 - start), LOWEST, HIGHEST)
    alpha = min(max(SLOWEST_ALPHA, QUICKEST_SHARE * how.rate), 1.0)
    _, _, smoothed = smooth(raw, layout, memory.smoothed, alpha)
    return raw, IndicatorMemory(level=level, smoothed=smoothed)


def standing_indicators(memory: IndicatorMemory, scales: SlotScales) -> Matrix:
    """Return the smoothed indicators as they stand, (machines, slots), NaN for slots without signs or without news."""
    weight = memory.smoothed.weight
    known = (weight >= LEAST_WEIGHT) & (scales.shares.sum(axis=2) > 0)
    standing: Matrix = np.divide(memory.smoothed.total, weight, out=np.full(weight.shape, np.nan), where=known)
    return standing


def _raw(apart: Matrix, scales: SlotScales, layout: Layout) -> Matrix:
    """Return the weighted mean of the way that each slot's signs have gone, NaN where too few of them are there."""
    there = ~np.isnan(apart)
    raw = np.full((apart.shape[0], scales.shares.shape[1]), np.nan)
    for slot in range(raw.shape[1]):
        shares, per_unit = scales.shares[layout.machine, slot], scales.per_unit[layout.machine, slot]
        seen, possible = (shares * there).sum(axis=1), shares.sum(axis=1)
        enough = (seen > 0) & (seen >= LEAST_SHARE * possible)
        moved = (per_unit * np.where(there, apart, 0.0)).sum(axis=1)
        raw[enough, slot] = moved[enough] / seen[enough]
    return raw


def health_of(indicator: float) -> float:
    """Return health, 0–100, of a slot whose indicator stands at so many per cent of the failure limit.

    Examples
    --------
    >>> health_of(25.0), health_of(-3.0), health_of(130.0)
    (75.0, 100.0, 0.0)
    """
    return min(max(100.0 - indicator, 0.0), 100.0)
