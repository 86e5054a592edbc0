"""How good predictions are: plain arrays in, one figure out (or one per group); nothing here fits anything.

Times are in any one unit. With survival data `time` (n,) is when a part failed or was last seen and `event` (n,) whether it
failed. Where lives were cut short the figures are weighted by one over the probability of still being watched (IPCW; Graf
et al., *Statistics in Medicine* 18, 1999; Uno et al., *Statistics in Medicine* 30, 2011).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_WATCHED = 0.05
"""Weights are capped at twenty: past that a few lives would decide."""


def coverage(actual: Array, low: Array, high: Array) -> float:
    """Return the share of values that lie within their intervals, NaN where there are none.

    >>> coverage(np.array([1.0, 5.0]), np.array([0.0, 0.0]), np.array([2.0, 4.0]))
    0.5
    """
    return float(np.mean((low <= actual) & (actual <= high))) if actual.size else float("nan")


def winkler(actual: Array, low: Array, high: Array, *, share: float) -> float:
    """Return the mean interval score: width, and ``2 / (1 - share)`` times what a value lies outside by (Winkler, 1972)."""
    return float(winkler_scores(actual, low, high, share=share).mean()) if actual.size else float("nan")


def winkler_scores(actual: Array, low: Array, high: Array, *, share: float) -> Array:
    """Return the interval score of each value (n,)."""
    outside = np.maximum(low - actual, 0.0) + np.maximum(actual - high, 0.0)
    return np.asarray(high - low + 2.0 / (1.0 - share) * outside)


def alpha_lambda(actual: Array, low: Array, high: Array, *, alpha: float) -> Array:
    """Return how much of each interval lies within ``(1 ± alpha)`` of the truth (n,), 0–1 (Saxena et al., IJPHM 1, 2010)."""
    inside = np.minimum(high, (1.0 + alpha) * actual) - np.maximum(low, (1.0 - alpha) * actual)
    width = high - low
    point = (low >= (1.0 - alpha) * actual) & (low <= (1.0 + alpha) * actual)
    return np.where(width > 0, np.clip(inside, 0.0, None) / np.where(width > 0, width, 1.0), point)


def prognostic_horizon(left: Array, predicted: Array, *, alpha: float, life: float) -> float:
    """Return how long before its end a life was predicted well from then on: within ``alpha * life``, to the last.

    `left` (n,) is what truly remained at each prediction, `predicted` (n,) what was said; 0 where the last one was wrong.
    """
    order = np.argsort(left)
    good = np.abs(predicted[order] - left[order]) <= alpha * life
    wrong = np.flatnonzero(~good)
    upto = int(wrong[0]) if wrong.size else good.size
    return float(left[order][upto - 1]) if upto else 0.0


def roc_auc(score: Array, outcome: Flags, weight: Array | None = None) -> float:
    """Return the area under the ROC curve, NaN where there is one class only."""
    if np.unique(outcome).size < 2:
        return float("nan")
    return float(roc_auc_score(outcome, score, sample_weight=weight))


def average_precision(score: Array, outcome: Flags, weight: Array | None = None) -> float:
    """Return the area under the precision-recall curve, NaN where nothing happened."""
    return float(average_precision_score(outcome, score, sample_weight=weight)) if outcome.any() else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """A calibration plot: in bins of equal count the mean probability said (b,), the share that happened, and the weight."""

    said: Array
    happened: Array
    weight: Array


def reliability(probability: Array, outcome: ArrayLike, *, weight: Array | None = None, bins: int = 10) -> Reliability:
    """Return what happened where so much was said, in `bins` of equal count (fewer where there is little)."""
    weights = np.ones(probability.size) if weight is None else weight
    happened = np.asarray(outcome, dtype=np.float64)
    groups = [g for g in np.array_split(np.argsort(probability, kind="stable"), bins) if weights[g].sum() > 0]
    return Reliability(
        said=np.array([np.average(probability[g], weights=weights[g]) for g in groups]),
        happened=np.array([np.average(happened[g], weights=weights[g]) for g in groups]),
        weight=np.array([weights[g].sum() for g in groups]),
    )


def calibration_error(probability: Array, outcome: ArrayLike, *, weight: Array | None = None, bins: int = 10) -> float:
    """Return by how much what was said and what happened differ, bin by bin, weighted by their size."""
    found = reliability(probability, outcome, weight=weight, bins=bins)
    return float(np.average(np.abs(found.said - found.happened), weights=found.weight)) if found.weight.size else np.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A step function that falls from 1: `values` (k,) hold from `times` (k,) on, both in order."""

    times: Array
    values: Array

    def at(self, time: Array) -> Array:
        """Return the value at each time, steps at that very time included."""
        return self._pick(np.searchsorted(self.times, time, side="right"))

    def before(self, time: Array) -> Array:
        """Return the value just before each time."""
        return self._pick(np.searchsorted(self.times, time, side="left"))

    def _pick(self, place: NDArray[np.int64]) -> Array:
        return np.concatenate(([1.0], self.values))[place]


def kaplan_meier(time: Array, event: Flags, weight: Array | None = None) -> Steps:
    """Return the survival of lives of which only those with an `event` were seen to end (Kaplan & Meier, 1958)."""
    weights = np.ones(time.size) if weight is None else weight
    times, code = np.unique(time, return_inverse=True)
    leaving = np.bincount(code, weights, times.size)
    ended = np.bincount(code, weights * event, times.size)
    at_risk = np.cumsum(leaving[::-1])[::-1]
    staying = np.asarray(1.0 - ended / np.maximum(at_risk, 1e-300), dtype=np.float64)
    values = np.multiply.accumulate(staying)
    return Steps(times=times, values=values)


def censoring_survival(time: Array, event: Flags) -> Steps:
    """Return the probability of still being watched at a time: Kaplan–Meier with the parts exchanged."""
    return kaplan_meier(time, ~event)


def uno_c(risk: Array, time: Array, event: Flags, *, tau: float, watched: Steps | None = None) -> float:
    """Return how often the part of higher `risk` fails first, weighted for censoring, up to `tau` (Uno's C)."""
    censoring = watched or censoring_survival(time, event)
    chosen = np.flatnonzero(event & (time < tau))
    weight = 1.0 / np.maximum(censoring.before(time[chosen]), _LEAST_WATCHED) ** 2
    agree = total = 0.0
    for i, counts in zip(chosen.tolist(), weight.tolist(), strict=True):
        later = time > time[i]
        total += counts * float(later.sum())
        agree += counts * float((risk[later] < risk[i]).sum() + 0.5 * (risk[later] == risk[i]).sum())
    return agree / total if total else float("nan")


def ipcw_weights(time: Array, event: Flags, horizon: float, watched: Steps | None = None) -> Array:
    """Return how much each life counts in what is known of it at a horizon (n,): 0 where it was lost before."""
    censoring = watched or censoring_survival(time, event)
    failed = event & (time <= horizon)
    alive = time > horizon
    by_failure = 1.0 / np.maximum(censoring.before(time), _LEAST_WATCHED)
    by_survival = 1.0 / np.maximum(censoring.at(np.full(time.shape, horizon)), _LEAST_WATCHED)
    return np.where(failed, by_failure, np.where(alive, by_survival, 0.0))


def brier(probability: Array, time: Array, event: Flags, *, horizon: float, watched: Steps | None = None) -> float:
    """Return the mean squared error of the probability to fail within a horizon, weighted for censoring."""
    weight = ipcw_weights(time, event, horizon, watched)
    failed = (event & (time <= horizon)).astype(np.float64)
    return float((weight * (failed - probability) ** 2).sum() / time.size) if time.size else float("nan")


def integrated_brier(
    probabilities: Array, time: Array, event: Flags, *, horizons: Array, watched: Steps | None = None
) -> float:
    """Return the Brier score averaged over horizons (k,), of probabilities (n, k), by the trapezoidal rule."""
    scores = [
        brier(probabilities[:, i], time, event, horizon=float(horizon), watched=watched)
        for i, horizon in enumerate(horizons.tolist())
    ]
    if len(scores) == 1:
        return scores[0]
    return float(np.trapezoid(scores, horizons) / (horizons[-1] - horizons[0]))
