"""How far sensors are from what they themselves, a moment ago, led to expect: for rows that come closer than a process moves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from models.artefact import Matrix, Vector

CLIP = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastModel:
    """A linear forecast of k sensors from all of them in the last `lags` rows, and how far off it usually is.

    `location` and `scale` (k,) standardise readings, `weights` (lags k + 1, k) forecast them, newest row first and the
    constant last; `usual` (k,) is the standard deviation of what it leaves. The largest deviation of a row is measured from
    `middle` in units of `spread`, and smoothed with `weight` for the newest; `threshold` is where the score is 1.
    """

    location: Vector
    scale: Vector
    lags: int
    weights: Matrix
    usual: Vector
    weight: float
    middle: float = 0.0
    spread: float = 1.0
    threshold: float = 1.0


def lagged(standard: Matrix, lags: int) -> Matrix:
    """Return what a forecast of each row from row `lags` on rests on (n - lags, lags k + 1)."""
    rows = standard.shape[0] - lags
    earlier = [standard[lags - back : lags - back + rows] for back in range(1, lags + 1)]
    return np.column_stack([*earlier, np.ones(rows)])


def standardise(model: ForecastModel, values: Matrix) -> Matrix:
    """Return readings (n, k) in standard deviations of what was learnt."""
    return np.clip((values - model.location) / model.scale, -CLIP, CLIP)


def residuals(model: ForecastModel, values: Matrix) -> Matrix:
    """Return what the forecast leaves of each reading from row `lags` on (n - lags, k), in units of what is usual."""
    standard = standardise(model, values)
    forecast = lagged(standard, model.lags) @ model.weights
    return np.asarray((standard[model.lags :] - forecast) / model.usual)


def largest_deviation(model: ForecastModel, values: Matrix) -> Vector:
    """Return the largest deviation of each row (n,) from its forecast; rows without one, and with a gap, take the middle."""
    size = np.abs(residuals(model, values))
    known = np.isfinite(size).all(axis=1)
    found = np.full(values.shape[0], model.middle)
    found[model.lags :][known] = size[known].max(axis=1)
    return found


def forecast_score(model: ForecastModel, values: Matrix) -> tuple[Vector, NDArray[np.bool_]]:
    """Return the scores of consecutive rows (n,), 1 at the threshold, and where there is ground for one.

    Each score rests on the rows up to its own; a row whose forecast lacks a reading has none.
    """
    deviation = (largest_deviation(model, values) - model.middle) / model.spread
    smoothed, _ = lfilter(
        [model.weight], [1.0, model.weight - 1.0], deviation, zi=[(1.0 - model.weight) * deviation[0]]
    )
    known = np.zeros(values.shape[0], dtype=np.bool_)
    known[model.lags :] = np.isfinite(lagged(values, model.lags)).all(axis=1) & np.isfinite(values[model.lags :]).all(
        axis=1
    )
    return np.where(known, smoothed / model.threshold, np.nan), known
