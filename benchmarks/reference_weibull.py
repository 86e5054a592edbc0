"""Plain, slow ways to fit a life and choose an age to replace at, to compare the product with."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

Array = NDArray[np.float64]


def true_cost_rate(shape: float, scale: float, age: float, ratio: float) -> float:
    """Return the long-run cost per life unit, in planned replacements, of replacing at an age when the life is known."""
    top = min(age, scale * 60.0 ** (1.0 / shape))
    times = np.linspace(0.0, top, 4001)
    survival = np.exp(-((times / scale) ** shape))
    failed = 1.0 - math.exp(-((age / scale) ** shape)) if math.isfinite(age) else 1.0
    return (1.0 + (ratio - 1.0) * failed) / float(np.trapezoid(survival, times))


def best_cost_rate(shape: float, scale: float, ratio: float) -> float:
    """Return the cost of the best age policy that knows the life, running to failure included."""
    ages = scale * np.geomspace(0.03, 4.0, 160)
    rates = [true_cost_rate(shape, scale, age, ratio) for age in ages]
    return min(*rates, true_cost_rate(shape, scale, math.inf, ratio))


class GridBayes:
    """A 31 × 61 grid over the generating prior, its weights from one life after the other, costs by quadrature."""

    def __init__(self, prior: tuple[float, float, float, float], ratio: float) -> None:
        ln_shape, ln_scale, sd_shape, sd_scale = prior
        shapes = np.exp(ln_shape + sd_shape * np.linspace(-3, 3, 31))
        scales = np.exp(ln_scale + sd_scale * np.linspace(-3, 3, 61))
        self._shape, self._scale = (axis.ravel() for axis in np.meshgrid(shapes, scales, indexing="ij"))
        z_shape = (np.log(self._shape) - ln_shape) / sd_shape
        z_scale = (np.log(self._scale) - ln_scale) / sd_scale
        self._log_prior = -0.5 * (z_shape**2 + z_scale**2)
        self.ages = math.exp(ln_scale) * np.geomspace(0.01, 40.0, 120)
        self._relative = self._relative_cost(ratio)

    def age(self, times: Array, failed: NDArray[np.bool_]) -> float:
        """Return the age with the least expected relative cost; infinite for running to failure."""
        log = self._log_prior.copy()
        for time, is_failure in zip(times, failed, strict=True):
            log -= (time / self._scale) ** self._shape
            if is_failure:
                log += np.log(self._shape / self._scale) + (self._shape - 1.0) * np.log(time / self._scale)
        weight = np.exp(log - log.max())
        best = int(np.argmin(self._relative @ (weight / weight.sum())))
        return float(self.ages[best]) if best < self.ages.size else math.inf

    def _relative_cost(self, ratio: float) -> Array:
        fine = np.concatenate([[0.0], np.geomspace(self.ages[0] / 50, self.ages[-1] * 4, 3000)])
        survival = np.exp(-((fine[:, None] / self._scale) ** self._shape))
        run = np.concatenate(
            [
                np.zeros((1, self._scale.size)),
                np.cumsum(0.5 * (survival[1:] + survival[:-1]) * np.diff(fine)[:, None], axis=0),
            ]
        )
        rows = np.searchsorted(fine, self.ages)
        cost = (1.0 + (ratio - 1.0) * (1.0 - survival[rows])) / run[rows]
        cost = np.vstack([cost, ratio / run[-1]])
        relative: Array = cost / cost.min(axis=0)
        return relative


def censored_mle(times: Array, failed: NDArray[np.bool_]) -> tuple[float, float] | None:
    """Return shape and scale by maximum likelihood, or None with fewer than two failures."""
    if failed.sum() < 2:
        return None

    def loss(log_parameters: Array) -> float:
        shape, scale = np.exp(np.clip(log_parameters, -3.0, 20.0))
        ln_ratio = np.log(times / scale)
        return float(
            (np.exp(np.minimum(shape * ln_ratio, 50.0))).sum()
            - (np.log(shape / scale) + (shape - 1) * ln_ratio)[failed].sum()
        )

    found = optimize.minimize(loss, np.array([math.log(1.5), math.log(times.mean() * 1.5)]), method="Nelder-Mead")
    shape, scale = np.exp(found.x)
    return float(np.clip(shape, 0.2, 20.0)), float(scale)


def best_age(shape: float, scale: float, ratio: float) -> float:
    """Return the age at which a part of known life is replaced at the least cost."""
    ages = np.append(scale * np.geomspace(0.03, 4.0, 160), math.inf)
    return float(ages[int(np.argmin([true_cost_rate(shape, scale, age, ratio) for age in ages]))])
