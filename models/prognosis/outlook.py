"""One predictive distribution of the time to failure of each slot, out of age, condition and rules.

Age gives the probability of every time to failure; the indicator's course and the limits passed give each a Bayes factor;
the product, normalised, is the outlook. A share of failures gives no warning whatever the sensors (10-20 % in the reference
notes): for it the readings say nothing, so that a healthy indicator lowers the risk only as far as that floor.

The *weight* of the readings is how much probability they moved: half the sum of absolute differences (total variation)
between the outlook and what age alone says. It is 0 where they changed nothing and near 1 where they decide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from configs.plant import LimitLevel
from models.lesson import CURVATURES, SHOWING_SHARES, USUAL_WEAR, Gain, WearLaw
from models.prognosis.degradation import TrendBlocks, gain_nodes, level_now, log_bayes_factors
from models.prognosis.weibull import LifePosterior, remaining_mixture

Array = NDArray[np.float64]

SHOWING_LEVEL = 10.0
"""From this degradation on (per cent of the failure limit) wear counts as showing."""

CELLS = 96
_FINEST_DAYS = 0.05
_FINEST_SHARE = 1e-4
_REACH = 8.0
_TAIL = 3.0

_FALSE_PASS = 0.02
_PASS_LEVEL = {LimitLevel.WARNING: 50.0, LimitLevel.CRITICAL: 80.0}
_PASS_SD = 20.0
_RATE_NODES = (-np.sqrt(3.0), 0.0, np.sqrt(3.0))
_RATE_WEIGHTS = (1.0 / 6.0, 2.0 / 3.0, 1.0 / 6.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeEvidence:
    """Where n parts of one type stand, all arrays (n,).

    `used` is in life units at reference stress, `rate` in the same units per calendar day, `rate_cv` its relative
    standard deviation; `in_place_days` is how long ago the part came into its slot.
    """

    used: Array
    known_start: NDArray[np.bool_]
    rate: Array
    rate_cv: Array
    in_place_days: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeOutlook:
    """What age alone says: `survival` (n, m) at `edges` (n, m) days, from 1 at 0 to 0 at the last.

    `worth` (n, m) is the long-run cost of a day, given survival up to it.
    """

    edges: Array
    survival: Array
    worth: Array
    age_days: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What all evidence together says of n slots.

    `survival` (n, m) at `edges` (n, m) days; `showing` (n,) the probability that wear shows by now, `healthy_survival`
    (n, m) what survival is if it does not; the weights (n,) of the
    kinds of evidence add up to 1, `experience_weight` (None: there is no experience yet) among them; `share` and `curvature` (n, m - 1) are how long and how bent the wear shows, on
    average, if the part fails in that cell.
    """

    edges: Array
    survival: Array
    healthy_survival: Array
    showing: Array
    age_weight: Array
    condition_weight: Array
    rules_weight: Array
    share: Array
    curvature: Array
    experience_weight: Array | None = None


def age_outlook(posterior: LifePosterior, evidence: AgeEvidence, cost_rate: Array) -> AgeOutlook:
    """Return what age says; `cost_rate` (n_nodes,) is the long-run cost per life unit under every node."""
    inner = _inner_edges(posterior, evidence.rate)
    values = np.stack([posterior.weight, posterior.weight * cost_rate], axis=-1)
    mixture = remaining_mixture(
        posterior, evidence.used, evidence.known_start, inner * evidence.rate[:, None], values=values
    )
    survival = _blurred(mixture[..., 0], np.log(inner[:, 1] / inner[:, 0]), evidence.rate_cv)
    worth = evidence.rate[:, None] * mixture[..., 1] / np.maximum(mixture[..., 0], 1e-300)
    n = evidence.used.size
    mean_age = 0.5 * float(posterior.weight @ posterior.scale)
    return AgeOutlook(
        edges=np.hstack([np.zeros((n, 1)), inner, _TAIL * inner[:, -1:]]),
        survival=np.hstack([np.ones((n, 1)), np.minimum.accumulate(survival, axis=1), np.zeros((n, 1))]),
        worth=np.hstack([worth[:, :1], worth, worth[:, -1:]]),
        age_days=np.maximum(
            (evidence.used + np.where(evidence.known_start, 0.0, mean_age)) / evidence.rate, evidence.in_place_days
        ),
    )


def combine(
    age: AgeOutlook,
    blocks: TrendBlocks,
    limits: Sequence[Sequence[LimitLevel]],
    gains: Sequence[Gain],
    wear: WearLaw = USUAL_WEAR,
) -> Outlook:
    """Return the outlook of slots from what age says, their indicators, and the levels of the limits they passed.

    `wear` says how parts of the kind show that they are about to fail, `gains` at which level in each slot.
    """
    mass = -np.diff(age.survival, axis=1)
    ahead = _middles(age.edges)
    life = age.age_days[:, None] + ahead
    level = level_now(ahead, life)
    trend = log_bayes_factors(blocks, ahead, life, gain_nodes(gains))
    rules = _rule_factors(level, limits)
    prior = mass[..., None, None] * (wear.showing[:, None] * wear.curvature)
    joint, silent = _joint(prior, trend + rules, wear.silent)
    cells = _cells(joint, silent)
    moved = _total_variation(cells, mass)
    of_trend = _share_of_trend(prior, (trend, rules), mass, wear.silent) if any(limits) else np.ones(mass.shape[0])
    return Outlook(
        edges=age.edges,
        survival=_survival(cells),
        healthy_survival=_survival(_cells(np.where(level < SHOWING_LEVEL, joint, 0.0), silent)),
        showing=(joint * (level >= SHOWING_LEVEL)).sum(axis=(1, 2, 3)),
        age_weight=1.0 - moved,
        condition_weight=moved * of_trend,
        rules_weight=moved * (1.0 - of_trend),
        share=_mean_of(joint.sum(axis=3), SHOWING_SHARES),
        curvature=_mean_of(joint.sum(axis=2), CURVATURES),
    )


def unspoken(age: AgeOutlook) -> Outlook:
    """Return the outlook of slots of which no reading speaks: what age says."""
    n, cells = age.edges.shape[0], age.edges.shape[1] - 1
    return Outlook(
        edges=age.edges,
        survival=age.survival,
        healthy_survival=age.survival,
        showing=np.zeros(n),
        age_weight=np.ones(n),
        condition_weight=np.zeros(n),
        rules_weight=np.zeros(n),
        share=np.full((n, cells), SHOWING_SHARES.mean()),
        curvature=np.full((n, cells), CURVATURES.mean()),
    )


def quantiles(edges: Array, survival: Array, levels: Sequence[float]) -> Array:
    """Return quantiles of the time to failure in days, shape (n, len(levels)), strictly rising with the level."""
    return np.array(
        [np.interp(levels, 1.0 - row_survival, row) for row, row_survival in zip(edges, survival, strict=True)]
    ).reshape(edges.shape[0], len(levels))


def failure_within(edges: Array, survival: Array, days: Sequence[float]) -> Array:
    """Return the probability of failure within so many days, shape (n, len(days)), never falling with the horizon."""
    alive = [np.interp(days, row, row_survival) for row, row_survival in zip(edges, survival, strict=True)]
    return np.clip(1.0 - np.array(alive).reshape(edges.shape[0], len(days)), 0.0, 1.0)


def _inner_edges(posterior: LifePosterior, rate: Array) -> Array:
    """Return (n, CELLS) days in even steps of their logarithm, as far as lives of this type can reach."""
    order = np.argsort(posterior.scale)
    longest = float(np.interp(0.975, np.cumsum(posterior.weight[order]), posterior.scale[order]))
    far = _REACH * longest / rate
    near = np.minimum(_FINEST_DAYS, _FINEST_SHARE * far)
    steps: Array = np.linspace(0.0, 1.0, CELLS)
    return near[:, None] * (far / near)[:, None] ** steps


def _blurred(survival: Array, step: Array, cv: Array) -> Array:
    """Return survival averaged over a log-normal meter rate: a shift along edges that are even in their logarithm."""
    n, m = survival.shape
    rows = np.arange(n)[:, None]
    total = np.zeros(survival.shape)
    for node, weight in zip(_RATE_NODES, _RATE_WEIGHTS, strict=True):
        place = np.clip(np.arange(m) + (node * cv / step)[:, None], 0.0, m - 1.0)
        left = np.minimum(place.astype(np.int64), m - 2)
        part = place - left
        total += weight * ((1.0 - part) * survival[rows, left] + part * survival[rows, left + 1])
    return total


def _middles(edges: Array) -> Array:
    middles: Array = np.sqrt(edges[:, :-1] * edges[:, 1:])
    middles[:, 0] = 0.5 * edges[:, 1]
    return middles


def _rule_factors(level: Array, limits: Sequence[Sequence[LimitLevel]]) -> Array:
    """Return ln of how much likelier the limits passed are at that degradation than on a healthy part, same shape."""
    factors = np.zeros(level.shape)
    for row, passed in enumerate(limits):
        for limit in passed:
            factors[row] += np.log(_pass_probability(level[row], limit) / _pass_probability(np.zeros(1), limit))
    return factors


def _pass_probability(level: Array, limit: LimitLevel) -> Array:
    by_wear = special.ndtr((level - _PASS_LEVEL[limit]) / _PASS_SD)
    return _FALSE_PASS + (1.0 - _FALSE_PASS) * np.asarray(by_wear)


def _joint(prior: Array, log_factors: Array, no_warning: float) -> tuple[Array, Array]:
    """Return the posterior over (time, share, curvature) of failures that show, and over time of those that do not."""
    highest = np.maximum(log_factors.max(axis=(1, 2, 3), keepdims=True), 0.0)
    joint = (1.0 - no_warning) * prior * np.exp(log_factors - highest)
    silent = no_warning * prior.sum(axis=(2, 3)) * np.exp(-highest[..., 0, 0])
    total = joint.sum(axis=(1, 2, 3)) + silent.sum(axis=1)
    return joint / total[:, None, None, None], silent / total[:, None]


def _share_of_trend(prior: Array, told: tuple[Array, Array], mass: Array, no_warning: float) -> Array:
    """Return how much of what the readings moved is due to the trend (n,), each kind of evidence taken alone."""
    by_trend, by_rules = (_total_variation(_cells(*_joint(prior, factors, no_warning)), mass) for factors in told)
    share: Array = by_trend / np.maximum(by_trend + by_rules, 1e-300)
    return share


def _cells(joint: Array, silent: Array) -> Array:
    cells: Array = joint.sum(axis=(2, 3)) + silent
    return cells


def _survival(cells: Array) -> Array:
    """Return survival at the edges of cells (n, m), summed from the far end, so that it never rises: (n, m + 1)."""
    beyond = np.cumsum(cells[:, ::-1], axis=1)[:, ::-1]
    return np.hstack([beyond / beyond[:, :1], np.zeros((cells.shape[0], 1))])


def _total_variation(cells: Array, mass: Array) -> Array:
    difference: Array = 0.5 * np.abs(cells - mass).sum(axis=1)
    return np.clip(difference, 0.0, 1.0)


def _mean_of(weights: Array, values: Array) -> Array:
    total = weights.sum(axis=2)
    return np.where(total > 0, weights @ values / np.where(total > 0, total, 1.0), values.mean())
