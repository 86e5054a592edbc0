"""Short and long memory of a life, at every step of it and from nothing later: what each number says was then known.

Arrays are (steps, k) on an even grid of steps, NaN where nothing was seen in a step.
"""

import numpy as np
from scipy.signal import lfilter

from models.features.trajectories import Matrix


def exponential_mean(values: Matrix, weight: float) -> Matrix:
    """Return the mean in which each step counts (1 - `weight`) times as much as the next one; NaN before the first."""
    total, seen = (lfilter([1.0], [1.0, weight - 1.0], part, axis=0) for part in _parts(values))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(seen > 1e-12, total / seen, np.nan))


def window_mean(values: Matrix, steps: int, lag: int = 0) -> Matrix:
    """Return the mean of the `steps` steps that ended `lag` steps ago, of the first ones where the life is younger."""
    total, seen = (_cumulated(part) for part in _parts(values))
    last, first = _window(values.shape[0], steps, lag)
    with np.errstate(divide="ignore", invalid="ignore"):
        count = np.where(seen[last] > seen[first], seen[last] - seen[first], np.nan)
        return np.asarray((total[last] - total[first]) / count)


def window_sd(values: Matrix, steps: int) -> Matrix:
    """Return the standard deviation over the last `steps` steps."""
    mean = window_mean(values, steps)
    return np.sqrt(np.maximum(window_mean(values**2, steps) - mean**2, 0.0))


def window_rise(values: Matrix, steps: int) -> Matrix:
    """Return by how much the straight line through the last `steps` steps rises over them; 0 where one point is all."""
    there = np.isfinite(values)
    at = np.where(there, np.arange(values.shape[0], dtype=np.float64)[:, None] / steps, np.nan)
    mean_at, mean = window_mean(at, steps), window_mean(values, steps)
    joint = window_mean(at * values, steps) - mean_at * mean
    spread = window_mean(at * at, steps) - mean_at**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 1e-9, joint / spread, np.where(np.isnan(mean), np.nan, 0.0))


def running_mean(values: Matrix) -> Matrix:
    """Return the mean of everything so far."""
    return window_mean(values, values.shape[0])


def drift(values: Matrix, first: int, last: int) -> Matrix:
    """Return the mean of the last steps less that of the life's first ones: the distance from its own beginning."""
    head = window_mean(values, first)
    begun = np.where(np.arange(values.shape[0])[:, None] < first, head, head[min(first, values.shape[0]) - 1])
    return window_mean(values, last) - begun


def _parts(values: Matrix) -> tuple[Matrix, Matrix]:
    there = np.isfinite(values)
    return np.where(there, values, 0.0), there.astype(np.float64)


def _cumulated(part: Matrix) -> Matrix:
    return np.vstack([np.zeros((1, part.shape[1])), np.cumsum(part, axis=0)])


def _window(length: int, steps: int, lag: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends and beginnings of windows in a cumulated sum; a lag stops at the first step of the life."""
    last = np.maximum(np.arange(1, length + 1) - lag, 1)
    return last, np.maximum(last - steps, 0)
