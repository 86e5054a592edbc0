"""Values that leap: spikes, changes faster than anything physical, another unit, swapped wires.

A leap counts only while the machine runs, from one report to the next, and where it ends outside of what is usual:
a machine that is switched on leaps too, and a machine that wears gets outside slowly. Where the usual span begins at zero
a ratio says little of the unit, unless the value is one that the sensor cannot show.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.quality.arranged import Arranged, Cells, lasting
from ingest.quality.profile import TypeProfile
from ingest.reading import QualityFlag, Values

UNIT_FACTORS = np.array(
    [
        1e-6,
        1e-3,
        0.01,
        0.1,
        1 / 25.4,
        0.0689476,
        1 / 9.80665,
        9.80665,
        14.5038,
        25.4,
        10,
        100,
        1e3,
        1e6,
    ]
)
"""What a value is off by when its unit was mistaken: powers of ten, inch and mm, psi and bar, g and m/s²."""

SPIKE_SPANS = 3.0
BOUND_SPANS = 0.6
RATE_SPANS = 2.0
UNIT_SPANS = 0.3
SWAP_SPANS = 0.3
"""Least leaps, as shares of the usual span: noise of a slow sensor reaches one and a half. To the end of what the sensor
can show, a smaller one is odd enough."""

SLACK = 0.1
"""How far outside of the usual span a leap must end, as a share of it."""

RATE_WITHIN_NS = 10_000_000_000
"""Reports further apart than this say nothing of how fast a value changed."""

NEARNESS = 0.05
"""How near a converted value must be to the one before, as a share of it."""

_TO_METRIC_FLOW = ((0.227125, 0.0), (3.78541, 0.0))
"""From US gallons a minute, to m³/h and l/min."""

_TO_CELSIUS = ((1 / 1.8, -32 / 1.8), (1.0, -273.15))
"""From Fahrenheit and kelvin: factor and offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaps:
    """Which cells are spikes, too fast, of another unit, or of a sensor that shows another one's value."""

    spike: Cells
    rate: Cells
    unit: Cells
    swap: Cells


def leaping_cells(profile: TypeProfile, rows: Arranged, first: Cells) -> Leaps:
    """Return what leaps among the rows; `first` marks the first report ever of a sensor."""
    low, high = rows.of(profile.usual_low), rows.of(profile.usual_high)
    span = high - low
    outside = (rows.values < low - SLACK * span) | (rows.values > high + SLACK * span)
    leap = np.abs(rows.values - rows.before) / span
    steady = rows.reported & rows.own[:, None] & rows.running[:, None] & rows.ran & rows.of(profile.measured)
    steady &= rows.since_ns <= rows.of(profile.gap_after_ns)
    far = steady & outside & (leap > UNIT_SPANS)
    beyond = (rows.values < rows.of(profile.low)) | (rows.values > rows.of(profile.high))
    telling = (low > 0) | beyond | rows.of(profile.celsius)
    running_first = first & outside & rows.running[:, None]
    unit_begins = _other_unit(profile, rows, (low, high), far & telling)
    unit_begins |= _unit_at_first(rows, (low, high), running_first)
    swap_begins = _swapped(rows, outside, steady & (leap > SWAP_SPANS))
    back = rows.reported & rows.own[:, None] & (rows.values >= low) & (rows.values <= high)
    unit = lasting(rows, QualityFlag.SUSPECT_UNIT, unit_begins, back)
    swap = lasting(rows, QualityFlag.SUSPECT_SWAP, swap_begins, back)
    explained = unit | swap
    at_bound = rows.values >= rows.of(profile.high)
    spike = far & ~explained & ((leap > SPIKE_SPANS) | (at_bound & (leap > BOUND_SPANS)))
    fast = (leap > RATE_SPANS) & (rows.since_ns <= RATE_WITHIN_NS)
    return Leaps(spike=spike, rate=far & ~explained & ~spike & fast, unit=unit, swap=swap)


def _other_unit(profile: TypeProfile, rows: Arranged, usual: tuple[Values, Values], far: Cells) -> Cells:
    """Tell which leaps are explained by another unit: converted back, the value is where it was."""
    found = np.zeros(far.shape, dtype=bool)
    at = np.nonzero(far)
    if at[0].size == 0:
        return found
    value, before = rows.values[at], rows.before[at]
    back = value[:, None] * UNIT_FACTORS
    special = [
        np.where(rows.of(mask)[at], value * factor + shift, np.nan)
        for mask, conversions in ((profile.celsius, _TO_CELSIUS), (profile.flow, _TO_METRIC_FLOW))
        for factor, shift in conversions
    ]
    near = np.abs(np.hstack((back, np.stack(special, axis=1))) - before[:, None]) <= NEARNESS * np.abs(before)[:, None]
    was_usual = (before >= usual[0][at]) & (before <= usual[1][at])
    found[at] = near.any(axis=1) & was_usual
    return found


def _unit_at_first(rows: Arranged, usual: tuple[Values, Values], first: Cells) -> Cells:
    """Tell which first reports are far off and would be usual in another unit."""
    found = np.zeros(first.shape, dtype=bool)
    at = np.nonzero(first)
    if at[0].size:
        scaled = rows.values[at][:, None] * UNIT_FACTORS
        found[at] = ((scaled >= usual[0][at][:, None]) & (scaled <= usual[1][at][:, None])).any(axis=1)
    return found


def _swapped(rows: Arranged, outside: Cells, leaping: Cells) -> Cells:
    """Tell where two sensors of a machine leap at once, each to where the other was, and one ends outside."""
    found = np.zeros(leaping.shape, dtype=bool)
    for row in np.flatnonzero((leaping.sum(axis=1) > 1) & (outside & leaping).any(axis=1)).tolist():
        cells = np.flatnonzero(leaping[row])
        now, before = rows.values[row, cells], rows.before[row, cells]
        near = _is_near(now[:, None], before[None, :])
        pairs = near & near.T & ~np.eye(cells.size, dtype=bool)
        hit = pairs & (outside[row, cells][:, None] | outside[row, cells][None, :])
        found[row, cells[hit.any(axis=1)]] = True
    return found


def _is_near(one: Values, other: Values) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(one - other) <= NEARNESS * np.maximum(np.abs(one), np.abs(other))
    return near
