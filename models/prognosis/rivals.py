"""Explaining away: wear of one part that moves a shared sensor must not make its neighbours look worn.

A bearing and a coupling both show in vibration. Where another slot's signs moved further, all of them together, it is the
likelier cause; what its wear alone would make of this slot's indicator is taken off. Where both moved alike nothing tells
them apart, and both keep what they show.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from configs.plant import Slot, SlotId
from models.prognosis.degradation import IndicatorSeries
from models.state_detection.attribution import sign_weights

Array = NDArray[np.float64]

RECENT_HOURS = 72
"""Over so many hours of operation levels are compared."""

LEAST_LEVEL = 15.0
"""A rival that shows less (per cent of the failure limit) explains nothing."""

CLEAR_LEAD = 0.3
"""From this lead on, as a share of the rival's level, it is taken to be the cause."""


def net_of_rivals(
    slot: Slot, slots: Sequence[Slot], series: Mapping[SlotId, IndicatorSeries]
) -> IndicatorSeries | None:
    """Return a slot's indicator without what the wear of the likeliest other slot explains; None where it has none.

    `series` are the indicators of all slots of the machine, each in order of time.
    """
    own = series.get(slot.id)
    if own is None or own.hours_ns.size == 0:
        return own
    level = _recent(own)
    best, taken = 0.0, np.zeros(own.values.size)
    for other in slots:
        shared = shared_share(slot, other) if other.id != slot.id and other.id in series else 0.0
        if shared <= 0.0:
            continue
        rival = series[other.id]
        lead = _lead(_recent(rival), level)
        if lead * shared > best:
            best, taken = lead * shared, lead * shared * np.maximum(_at_hours(rival, own.hours_ns), 0.0)
    if best == 0.0:
        return own
    return IndicatorSeries(hours_ns=own.hours_ns, values=own.values - taken, weights=own.weights)


def shared_share(slot: Slot, other: Slot) -> float:
    """Return how much of a slot's indicator rests on signs that another slot's wear moves the same way, 0-1."""
    moved = {(sign.sensor, sign.rises) for sign in other.signs}
    weights = sign_weights(slot).tolist()
    return float(
        sum(weight for sign, weight in zip(slot.signs, weights, strict=True) if (sign.sensor, sign.rises) in moved)
    )


def _recent(series: IndicatorSeries) -> float:
    values = series.values[-RECENT_HOURS:]
    values = values[np.isfinite(values)]
    return float(values.mean()) if values.size else 0.0


def _lead(rival: float, own: float) -> float:
    """Return how surely a rival is the cause, 0-1."""
    if rival < LEAST_LEVEL:
        return 0.0
    return float(np.clip((rival - max(own, 0.0)) / rival / CLEAR_LEAD, 0.0, 1.0))


def _at_hours(series: IndicatorSeries, hours_ns: NDArray[np.int64]) -> Array:
    """Return a series at the hours of another, 0 where it has none."""
    place = np.clip(np.searchsorted(series.hours_ns, hours_ns), 0, max(series.hours_ns.size - 1, 0))
    found = np.where(series.hours_ns[place] == hours_ns, series.values[place], 0.0)
    return np.asarray(np.nan_to_num(found))
