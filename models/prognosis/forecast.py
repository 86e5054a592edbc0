"""The course of degradation to come: a fan that reaches the failure limit at the quantiles of the time to failure."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models.prognosis.outlook import Outlook

Array = NDArray[np.float64]

POINTS = 25
FAILED = 100.0

LIMIT_LN_SD = 0.35
"""How much the level at which parts of one kind fail differs from part to part, as ln-sd (judgement: sensors and mounting
alone make the same wear show 20–35 % differently)."""

_FARTHEST_LEVEL = 1e5
_LONGEST_VIEW = 1.5
_SHORTEST_VIEW_DAYS = 30.0


def fan(outlook: Outlook, age_days: Array, level: Array, failure_days: Array) -> tuple[Array, Array]:
    """Return days from now (n, POINTS) and degradation (n, POINTS, 3) at P10, P50 and P90.

    A part fails at 100; one that has outlived that is taken to fail at the median of the limits that lie above its level.
    Of parts with the same past, one that fails sooner is worse at any time in between; so the upper edge of the fan is
    the course of a part that fails at P10 of the time to failure, and the lower edge that of one that fails at P90.

    Parameters
    ----------
    age_days
        (n,) age of each part.
    level
        (n,) degradation now, per cent of the failure limit.
    failure_days
        (n, 3) P10, P50 and P90 of the time to failure.
    """
    view = np.minimum(failure_days[:, 2], np.maximum(_LONGEST_VIEW * failure_days[:, 1], _SHORTEST_VIEW_DAYS))
    days = view[:, None] * np.linspace(0.0, 1.0, POINTS)
    start = np.maximum(level, 0.0)[:, None, None]
    end = own_limit(level)[:, None, None]
    showing, curvature = (_at(outlook, field, failure_days) for field in (outlook.share, outlook.curvature))
    span = showing * (age_days[:, None] + failure_days)
    rising = np.minimum(span, failure_days)
    bend = (curvature * rising / span)[:, None, :]
    progress = np.clip(1.0 - (failure_days[:, None, :] - days[..., None]) / rising[:, None, :], 0.0, 1.0)
    course = start + (end - start) * np.expm1(bend * progress) / np.expm1(bend)
    return days, np.sort(course, axis=2)


def own_limit(level: Array) -> Array:
    """Return the level at which parts fail that have come to `level` alive, both in per cent of the usual limit.

    >>> own_limit(np.array([40.0, 99.0, 110.0])).round().tolist()
    [100.0, 126.0, 135.0]
    """
    above = special.ndtr(-np.log(np.clip(level, FAILED - 1.0, _FARTHEST_LEVEL) / FAILED) / LIMIT_LN_SD)
    median = FAILED * np.exp(-LIMIT_LN_SD * special.ndtri(above / 2.0))
    return np.asarray(np.where(level < FAILED - 1.0, FAILED, np.maximum(median, level + 1.0)))


def _at(outlook: Outlook, field: Array, failure_days: Array) -> Array:
    """Return the values of a field (n, n_cells) in the cells that hold the given times."""
    cell = (outlook.edges[:, None, 1:-1] <= failure_days[..., None]).sum(axis=2)
    return np.take_along_axis(field, cell, axis=1)
