"""The life of a part type: a Weibull distribution whose shape and scale are known only as well as the lives allow.

The posterior of (ln shape, ln scale) is computed on a grid that is drawn in on the mass in a few passes, so that it is as
exact with no life at all as with thousands. A life under observation from age e to age t adds
``[failed] ln h(t) - (H(t) - H(e))`` with ``H(t) = (t / scale) ** shape`` (Meeker & Escobar, *Statistical Methods for
Reliability Data*, ch. 11 and 14). A part whose age at first sight is not known is met by a renewal process at rest: its
remaining life has the equilibrium density ``R(t) / mean`` (Cox, *Renewal Theory*, §5). A removal for an unknown reason
counts as so much of a failure as removals at about that age, whose reason is known, were failures. A part that was taken off
at age t because it was worn, which is so with probability w, would have failed soon: it adds ``ln(R(t) - w R(1.5 t))``
(interval censoring; to count it as a mere survivor would make lives look longer than they are).
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy import special

from configs.plant import LifeUnit, PartType, PartTypeId
from ingest.meter import MeterState
from ingest.part_life import PartLife
from models.prognosis.lives import (
    NO_LIVES,
    RECORDS_ONLY,
    WORN_REACH,
    BeyondRecords,
    Ending,
    LifeHistory,
    life_history,
    records_kept_since,
)

Array = NDArray[np.float64]

_PASSES = 3
_SEARCH = (31, 61)
_KEPT = (13, 21)
_PRIOR_REACH_SD = 4.0
_KEPT_REACH_SD = 3.6
_NEGLIGIBLE = 1e-6
_MOST_UNKNOWN_STARTS = 64
_NEIGHBOURS = 15
_TOOL_UNITS = frozenset({LifeUnit.CUTTING_MINUTES})
"""Tools come off by the hour, in a log of their own that reaches back less far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifePrior:
    """Normal, independent beliefs about the logarithms of a Weibull's shape and scale (scale in life units)."""

    ln_shape: float
    ln_scale: float
    sd_ln_shape: float
    sd_ln_scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LifePosterior:
    """What is known of the life of a part type: weighted Weibull distributions, all arrays (n_nodes,).

    `scale` is in life units at reference stress; `weight` adds up to 1. It was learnt from `removals` closed lives,
    `failures` of which failed; the open lives that are part of it count as having survived so far.
    """

    part_type: PartTypeId
    shape: Array
    scale: Array
    weight: Array
    failures: int
    removals: int


def prior_of(part_type: PartType) -> LifePrior:
    """Return what the catalogue believes about a part type."""
    return LifePrior(
        ln_shape=math.log(part_type.beta),
        ln_scale=math.log(part_type.eta),
        sd_ln_shape=part_type.ln_sd_beta,
        sd_ln_scale=part_type.ln_sd_eta,
    )


def fit_life(part_type: PartType, history: LifeHistory = NO_LIVES, *, prior: LifePrior | None = None) -> LifePosterior:
    """Return the posterior of a part type's life; `prior` takes the catalogue's place (pooling over sites or machines).

    Examples
    --------
    One survivor far beyond the expected life makes longer lives likelier:
    ``median_life(fit_life(part, one_old_survivor)) > median_life(fit_life(part))``.
    """
    belief = prior or prior_of(part_type)
    lives = _Likelihood(history, part_type.eta)
    axes = _axes((belief.ln_shape, belief.sd_ln_shape), (belief.ln_scale, belief.sd_ln_scale), _PRIOR_REACH_SD, _SEARCH)
    for drawn_in in range(_PASSES):
        weight = _weights(belief, lives, axes)
        last = drawn_in == _PASSES - 1
        axes = _drawn_in(weight, axes, _KEPT if last else _SEARCH)
    weight = _weights(belief, lives, axes)
    return _posterior(part_type.id, weight, axes, history)


def fit_lives(
    part_types: Iterable[PartType],
    lives: Iterable[PartLife],
    meters: Iterable[MeterState],
    *,
    now: datetime,
    beyond: BeyondRecords = RECORDS_ONLY,
) -> Mapping[PartTypeId, LifePosterior]:
    """Return the posterior of every part type from all part lives of the plant, open ones included.

    Since when records have been kept is read from the lives themselves, unless `beyond` says it.
    """
    kinds, known, stands = tuple(part_types), tuple(lives), tuple(meters)
    tools = frozenset(kind.id for kind in kinds if kind.life_unit in _TOOL_UNITS)
    told = replace(beyond, kept_since=beyond.kept_since or records_kept_since(known, tools))
    by_type: dict[PartTypeId, list[PartLife]] = {}
    for life in known:
        by_type.setdefault(life.part_type, []).append(life)
    return {
        kind.id: fit_life(kind, life_history(kind, by_type.get(kind.id, ()), stands, now=now, beyond=told))
        for kind in kinds
    }


def life_survival(posterior: LifePosterior, age: Array) -> Array:
    """Return the probability that a new part outlives each age (in life units), over what is known of its life."""
    return np.exp(-((age[..., None] / posterior.scale) ** posterior.shape)) @ posterior.weight


def median_life(posterior: LifePosterior) -> float:
    """Return the age that half of all new parts outlive."""
    ages = np.geomspace(posterior.scale.min() * 1e-3, posterior.scale.max() * 10, 600)
    return float(np.interp(-0.5, -life_survival(posterior, ages), ages))


def remaining_survival(posterior: LifePosterior, used: Array, known_start: NDArray[np.bool_], ahead: Array) -> Array:
    """Return the probability that parts in use last for so much more, shape (n, m).

    Parameters
    ----------
    used
        (n,) the age of each part, or, where its start is not known, what it has done since first sight.
    known_start
        (n,) whether `used` is the age.
    ahead
        (n, m) remaining life, in life units, at least 0.
    """
    return remaining_mixture(posterior, used, known_start, ahead, values=posterior.weight[:, None])[..., 0]


def remaining_mixture(
    posterior: LifePosterior, used: Array, known_start: NDArray[np.bool_], ahead: Array, *, values: Array
) -> Array:
    """Return sums over the nodes of `values` (n_nodes, q) times each node's remaining survival, shape (n, m, q)."""
    mixture = np.empty((*ahead.shape, values.shape[1]))
    for known, hazard_of in ((True, _WeibullHazard), (False, _ResidualHazard)):
        rows = np.flatnonzero(known_start == known)
        if rows.size:
            ln_used, ln_reached = _ln(used[rows, None]), _ln(used[rows, None] + ahead[rows])
            mixture[rows] = _mixed(posterior, ln_used, ln_reached, values, hazard_of)
    return mixture


def remaining_quantiles(
    posterior: LifePosterior, used: Array, known_start: NDArray[np.bool_], levels: tuple[float, ...]
) -> Array:
    """Return quantiles of remaining life, shape (n, len(levels)), rising with the level, by bisection."""
    size = (used.size, len(levels))
    low: Array = np.zeros(size)
    high: Array = np.full(size, float(posterior.scale.max()) * 60.0)
    for _ in range(50):
        middle = 0.5 * (low + high)
        failed = 1.0 - remaining_survival(posterior, used, known_start, middle) >= np.asarray(levels)
        low, high = np.where(failed, low, middle), np.where(failed, middle, high)
    return 0.5 * (low + high)


class _Likelihood:
    """The log likelihood of (ln shape, ln scale), with times measured in multiples of the prior's scale."""

    def __init__(self, history: LifeHistory, unit: float) -> None:
        begun, failed = history.known_start, failure_shares(history)
        self._unit = unit
        self._entry, self._exit = history.entry[begun] / unit, history.exit[begun] / unit
        ended = begun & (failed > 0)
        self._failures = float(failed[ended].sum())
        self._ln_ages = float(failed[ended] @ np.log(history.exit[ended] / unit))
        cut = begun & (failed < 1) & (history.worn_shares > 0)
        self._cut, self._cut_worn, self._cut_counts = _worn_bins(
            history.exit[cut] / unit, history.worn_shares[cut], 1.0 - failed[cut]
        )
        met, met_failed = history.exit[~begun] / unit, failed[~begun]
        self._met_ended, self._met_failed = met[met_failed > 0], met_failed[met_failed > 0]
        self._met_survived, self._met_counts = _binned(met[met_failed < 1], 1.0 - met_failed[met_failed < 1])

    def __call__(self, ln_shape: Array, ln_scale: Array) -> Array:
        """Return the log likelihood, shape (n_shapes, n_scales)."""
        shape, scale = np.exp(ln_shape)[:, None], np.exp(ln_scale)[None, :] / self._unit
        exposure = (self._exit**shape - self._entry**shape).sum(axis=1, keepdims=True)
        likelihood: Array = -exposure * scale**-shape
        likelihood += self._failures * (np.log(shape) - shape * np.log(scale)) + (shape - 1.0) * self._ln_ages
        return likelihood + self._cut_short(shape, scale) + self._met(shape, scale)

    def _cut_short(self, shape: Array, scale: Array) -> Array:
        """Return what is known beyond survival of parts that were taken off worn: they would have failed soon."""
        reached = (self._cut / scale[..., None]) ** shape[..., None]
        beyond = self._cut_worn * np.exp(-(WORN_REACH ** shape[..., None] - 1.0) * reached)
        known: Array = np.log1p(-np.minimum(beyond, 1.0 - 1e-12)) @ self._cut_counts
        return known

    def _met(self, shape: Array, scale: Array) -> Array:
        """Return what the parts of unknown age add: their equilibrium density or survival."""
        ln_mean: Array = np.log(scale) + special.gammaln(1.0 + 1.0 / shape)
        total: Array = -((self._met_ended / scale[..., None]) ** shape[..., None]) @ self._met_failed
        total = total - self._met_failed.sum() * ln_mean
        total += _ln_residual(shape, scale, self._met_survived) @ self._met_counts
        return total


def failure_shares(history: LifeHistory) -> Array:
    """Return how much of a failure the end of each life is (n,): 1, 0, or in between where its reason is unknown.

    In between is the share of failures among the 15 removals of known reason that were nearest in age (all there are,
    if fewer), with one half of each kind added, so that no knowledge at all means one half.
    """
    shares: Array = (history.ending == Ending.FAILED).astype(np.float64)
    unknown = np.flatnonzero(history.ending == Ending.UNKNOWN)
    told = np.flatnonzero(history.closed & (history.ending != Ending.UNKNOWN))
    if unknown.size:
        distance = np.abs(history.exit[unknown, None] - history.exit[told])
        nearest = np.argsort(distance, axis=1, kind="stable")[:, :_NEIGHBOURS]
        shares[unknown] = (shares[told][nearest].sum(axis=1) + 0.5) / (nearest.shape[1] + 1.0)
    return shares


def _worn_bins(times: Array, worn: Array, counts: Array) -> tuple[Array, Array, Array]:
    """Return times, probabilities of wear and counts of at most 64 groups of lives for each probability."""
    groups = [(share, *_binned(times[worn == share], counts[worn == share])) for share in np.unique(worn)]
    if not groups:
        return np.empty(0), np.empty(0), np.empty(0)
    return (
        np.concatenate([at for _, at, _ in groups]),
        np.concatenate([np.full(at.size, share) for share, at, _ in groups]),
        np.concatenate([weight for _, _, weight in groups]),
    )


def _ln_residual(shape: Array, scale: Array, used: Array) -> Array:
    reached = (used / scale[..., None]) ** shape[..., None]
    survival: Array = special.gammaincc(1.0 / shape[..., None], reached)
    return np.log(np.maximum(survival, 1e-300))


def _binned(times: Array, counts: Array) -> tuple[Array, Array]:
    """Return at most 64 times that stand for all, and for how many each stands."""
    groups = [group for group in np.array_split(np.argsort(times), _MOST_UNKNOWN_STARTS) if group.size]
    weights = np.array([counts[group].sum() for group in groups])
    return np.array([counts[group] @ times[group] for group in groups]) / weights, weights


_Axes = tuple[Array, Array]


def _axes(shape: tuple[float, float], scale: tuple[float, float], reach: float, size: tuple[int, int]) -> _Axes:
    return (
        shape[0] + shape[1] * np.linspace(-reach, reach, size[0]),
        scale[0] + scale[1] * np.linspace(-reach, reach, size[1]),
    )


def _weights(belief: LifePrior, lives: _Likelihood, axes: _Axes) -> Array:
    ln_shape, ln_scale = axes
    log = lives(ln_shape, ln_scale)
    log = log - 0.5 * ((ln_shape[:, None] - belief.ln_shape) / belief.sd_ln_shape) ** 2
    log = log - 0.5 * ((ln_scale[None, :] - belief.ln_scale) / belief.sd_ln_scale) ** 2
    weight: Array = np.exp(log - log.max())
    weight /= weight.sum()
    return weight


def _drawn_in(weight: Array, axes: _Axes, size: tuple[int, int]) -> _Axes:
    shape, scale = (_moments(axis, weight.sum(axis=1 - i)) for i, axis in enumerate(axes))
    return _axes(shape, scale, _KEPT_REACH_SD, size)


def _moments(axis: Array, weight: Array) -> tuple[float, float]:
    """Return mean and standard deviation; the latter at least half a step, so that a narrow peak is not lost."""
    mean = float(axis @ weight)
    return mean, max(math.sqrt(float((axis - mean) ** 2 @ weight)), 0.5 * float(axis[1] - axis[0]))


def _posterior(part_type: PartTypeId, weight: Array, axes: _Axes, history: LifeHistory) -> LifePosterior:
    rows, columns = np.nonzero(weight > _NEGLIGIBLE * weight.max())
    kept = weight[rows, columns]
    return LifePosterior(
        part_type=part_type,
        shape=np.exp(axes[0])[rows],
        scale=np.exp(axes[1])[columns],
        weight=kept / kept.sum(),
        failures=int((history.ending == Ending.FAILED).sum()),
        removals=int(history.closed.sum()),
    )


def _mixed(posterior: LifePosterior, ln_used: Array, ln_reached: Array, values: Array, hazard_of: "_Hazard") -> Array:
    """Return the sum over the nodes, shape by shape, of values times survival from (n, 1) to (n, m)."""
    total = np.zeros((*ln_reached.shape, values.shape[1]))
    for shape in np.unique(posterior.shape):
        nodes = posterior.shape == shape
        hazard = hazard_of(float(shape), np.log(posterior.scale[nodes]))
        total += np.exp(np.minimum(hazard(ln_used) - hazard(ln_reached), 0.0)) @ values[nodes]
    return total


def _ln(values: Array) -> Array:
    return np.log(np.maximum(values, 1e-300))


class _WeibullHazard:
    """H at ln t for one shape and several scales: shape (..., n_scales)."""

    def __init__(self, shape: float, ln_scale: Array) -> None:
        self._shape, self._factor = shape, np.exp(-shape * ln_scale)

    def __call__(self, ln_time: Array) -> Array:
        return np.exp(self._shape * ln_time)[..., None] * self._factor


class _ResidualHazard:
    """The same for the remaining life of a part met at an unknown age, interpolated in a table."""

    def __init__(self, shape: float, ln_scale: Array) -> None:
        self._ln_scale = ln_scale
        self._at = np.linspace(-14.0, math.log(600.0) / shape, 800)
        self._values = -np.log(special.gammaincc(1.0 / shape, np.exp(shape * self._at)))

    def __call__(self, ln_time: Array) -> Array:
        hazard: Array = np.interp(ln_time[..., None] - self._ln_scale, self._at, self._values)
        return hazard


_Hazard = type[_WeibullHazard] | type[_ResidualHazard]
