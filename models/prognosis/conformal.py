"""Intervals that hold as often as they say: conformal, weighted towards like predictions, counted in lives.

Residuals of one life resemble each other, so that it is lives, not rows, that count for how sure a bound can be. A bound is
a quantile of the residuals in units of their expected size, those of like predictions counting most (locally weighted
conformal prediction: Guan, *Biometrika* 110, 2023; normalised residuals: Papadopoulos et al., 2008).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from models.features.trajectories import Matrix, Rows, Vector

CHUNK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Residuals of m predictions made out of fold: `ratio` (m,) in units of their expected size, in rising order.

    `predicted` (m,) is what had been said, `weight` (m,) counts each life once, `lives` how many there are; `width` is
    how far away, in predicted values, a residual still counts.
    """

    ratio: Vector
    predicted: Vector
    weight: Vector
    lives: int
    width: float


def calibrate(predicted: Vector, size: Vector, actual: Vector, groups: Rows, *, width: float) -> Calibration:
    """Return the calibration of predictions (m,) of lives `groups` (m,) whose residuals were expected to be `size` (m,)."""
    ratio = (actual - predicted) / size
    order = np.argsort(ratio, kind="stable")
    _, code, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return Calibration(
        ratio=ratio[order],
        predicted=predicted[order],
        weight=(1.0 / counts[code])[order],
        lives=int(counts.size),
        width=width,
    )


def interval(calibration: Calibration, predicted: Vector, size: Vector, share: float) -> tuple[Vector, Vector]:
    """Return bounds (n,) between which the truth lies with probability `share`, as much of the rest on either side.

    Where fewer lives were seen than such a bound needs, the outermost residual is widened as Student's t is against
    the normal distribution with so few.
    """
    tail = (1.0 - share) / 2.0
    corrected, widened = _corrected(tail, calibration.lives)
    low, high = np.empty(predicted.size), np.empty(predicted.size)
    for first in range(0, predicted.size, CHUNK):
        part = slice(first, first + CHUNK)
        cumulated = _cumulated(calibration, predicted[part])
        low[part] = _pick(calibration.ratio, cumulated, corrected)
        high[part] = _pick(calibration.ratio, cumulated, 1.0 - corrected)
    return predicted + size * np.minimum(low * widened, low), predicted + size * np.maximum(high * widened, high)


def _corrected(tail: float, lives: int) -> tuple[float, float]:
    """Return the tail of the sample that leaves `tail` outside for a new life, and the factor where there is none."""
    corrected = (tail * (lives + 1) - 1.0) / lives
    if corrected >= 0:
        return corrected, 1.0
    usual = t.ppf(1.0 - tail, max(lives - 1, 1)) * np.sqrt(1.0 + 1.0 / lives)
    outermost = t.ppf(lives / (lives + 1.0), max(lives - 1, 1))
    return 0.0, float(max(usual / max(outermost, 1e-9), 1.0)) if lives > 1 else float(usual)


def _cumulated(calibration: Calibration, predicted: Vector) -> Matrix:
    """Return for each prediction the cumulated weights of the residuals (n, m), ending at 1."""
    distance = (predicted[:, None] - calibration.predicted[None, :]) / calibration.width
    nearest = np.min(distance**2, axis=1, keepdims=True)
    weight = calibration.weight * np.exp(-0.5 * (distance**2 - nearest))
    total = np.cumsum(weight, axis=1)
    return np.asarray(total / total[:, -1:], dtype=np.float64)


def _pick(ratio: Vector, cumulated: Matrix, share: float) -> Vector:
    place = (cumulated < share).sum(axis=1)
    return np.asarray(ratio[np.minimum(place, ratio.size - 1)], dtype=np.float64)


def life_folds(lives: int, folds: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return for each life the fold in which it is held out (lives,), folds as even as can be."""
    return rng.permutation(np.arange(lives) % max(min(folds, lives), 1)).astype(np.int64)
