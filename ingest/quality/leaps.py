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

SPIKE_SPANS = 3.4
BOUND_SPANS = 0.6
RATE_SPANS = 2.8
UNIT_SPANS = 1.0
SWAP_SPANS = 0.3
"""Least leaps, as shares of the usual span: noise of a slow sensor reaches one and a half. To the end of what the sensor
can show, a smaller one is odd enough."""

SLACK, WELL_OUTSIDE = 0.1, 2.0
"""How far outside of the usual span a leap must end, as a share of it: any, and one that is not to be mere noise."""

RATE_WITHIN_NS = 10_000_000_000
"""Reports further apart than this say nothing of how fast a value changed."""

NEARNESS = 0.05
"""How near a value must be to another, as a share of it."""


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
    span, measured = high - low, rows.of(profile.measured)
    beyond_usual = np.maximum(low - rows.values, rows.values - high) / span
    outside = beyond_usual > SLACK
    leap = np.abs(rows.values - rows.before) / span
    follows = rows.reported & rows.own[:, None] & rows.running[:, None] & rows.ran
    follows &= rows.since_ns <= rows.of(profile.gap_after_ns)
    steady = follows & measured
    far = follows & outside & (leap > UNIT_SPANS)
    beyond = (rows.values < rows.of(profile.low)) | (rows.values > rows.of(profile.high))
    telling = measured & ((low > 0) | beyond | rows.of(profile.celsius))
    running_first = first & outside & rows.running[:, None]
    unit_begins = _other_unit(profile, rows, far & telling)
    unit_begins |= _unit_at_first(profile, rows, (low, high), running_first)
    swap_begins = _swapped(rows, outside, steady & (leap > SWAP_SPANS))
    back = rows.reported & rows.own[:, None] & (rows.values >= low) & (rows.values <= high)
    unit = lasting(rows, QualityFlag.SUSPECT_UNIT, unit_begins, back)
    swap = lasting(rows, QualityFlag.SUSPECT_SWAP, swap_begins, back)
    explained = unit | swap
    at_bound = (rows.values >= rows.of(profile.high)) & (measured | rows.of(profile.celsius))
    spike = (leap > SPIKE_SPANS) & (beyond_usual > WELL_OUTSIDE) | at_bound & (leap > BOUND_SPANS)
    spike &= follows & outside & ~explained
    fast = (leap > RATE_SPANS) & (beyond_usual > WELL_OUTSIDE) & (rows.since_ns <= RATE_WITHIN_NS)
    return Leaps(spike=spike, rate=far & measured & ~explained & ~spike & fast, unit=unit, swap=swap)


def _other_unit(profile: TypeProfile, rows: Arranged, far: Cells) -> Cells:
    """Tell which leaps are explained by another unit: converted back, the value is where it was.

    Only values that have grown: noise reaches a tenth of a value, but not ten times it.
    """
    found = np.zeros(far.shape, dtype=bool)
    at = np.nonzero(far)
    if at[0].size == 0:
        return found
    before = rows.before[at][:, None]
    near = np.abs(_converted(profile, rows, at) - before) <= NEARNESS * np.abs(before)
    grown = np.abs(rows.values[at]) > np.abs(rows.before[at])
    found[at] = near.any(axis=1) & grown
    return found


def _unit_at_first(profile: TypeProfile, rows: Arranged, usual: tuple[Values, Values], first: Cells) -> Cells:
    """Tell which first reports are far off and would be usual in another unit."""
    found = np.zeros(first.shape, dtype=bool)
    at = np.nonzero(first)
    if at[0].size:
        converted = _converted(profile, rows, at)
        found[at] = ((converted >= usual[0][at][:, None]) & (converted <= usual[1][at][:, None])).any(axis=1)
    return found


def _converted(profile: TypeProfile, rows: Arranged, at: tuple[NDArray[np.intp], ...]) -> Values:
    """Return what cells would be if their unit were another, (n, n_units); NaN where there are fewer."""
    own = (rows.code[at[0]], rows.columns[at[1]])
    converted: Values = rows.values[at][:, None] * profile.unit_factor[own] + profile.unit_offset[own]
    return converted


def _swapped(rows: Arranged, outside: Cells, leaping: Cells) -> Cells:
    """Tell where two sensors of a machine leap at once, each to where the other was, and both end outside."""
    found = np.zeros(leaping.shape, dtype=bool)
    for row in np.flatnonzero((outside & leaping).sum(axis=1) > 1).tolist():
        cells = np.flatnonzero(leaping[row])
        now, before = rows.values[row, cells], rows.before[row, cells]
        near = _is_near(now[:, None], before[None, :])
        pairs = near & near.T & ~np.eye(cells.size, dtype=bool)
        hit = pairs & (outside[row, cells][:, None] & outside[row, cells][None, :])
        found[row, cells[hit.any(axis=1)]] = True
    return found


def _is_near(one: Values, other: Values) -> NDArray[np.bool_]:
    near: NDArray[np.bool_] = np.abs(one - other) <= NEARNESS * np.maximum(np.abs(one), np.abs(other))
    return near
