"""Learning from lives whose end is known how parts of a kind show their wear before they fail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.lesson import USUAL_WEAR, Gain, Place, WearLaw
from models.prognosis.degradation import GAIN_GRID

Array = NDArray[np.float64]

BELIEF_LIVES = 8.0
"""What is believed at first of shapes counts as so many recorded failures ..."""

GAIN_BELIEF_LIVES = 2.0
"""... and of the level at failure as so many: the readings before a single failure tell it well."""

WITHIN_SD = 0.2
"""How much the levels differ at which one part after the other fails in one slot, as ln-sd, at first (judgement)."""

_LEAST_SD = 0.08
_LN_GRID = np.log(GAIN_GRID)


def learn_wear(log_factors: Array, counts: Array, belief: WearLaw = USUAL_WEAR, *, rounds: int = 30) -> WearLaw:
    """Return what lives whose end is known teach about wear, by expectation-maximisation around a belief.

    Parameters
    ----------
    log_factors
        (n, n_shares, n_curvatures, n_gains) ln of how much better each kind of wear explains the readings before a failure
        than no wear does, given when it came.
    counts
        (n,) how much each life counts, 0-1.
    belief
        What was believed before; it counts as `BELIEF_LIVES` lives (a Dirichlet prior).
    """
    law = belief
    total = float(counts.sum())
    for _ in range(rounds if total > 0 else 0):
        shares = _responsibilities(log_factors, law) * counts[:, None, None, None]
        announced = float(shares.sum())
        told = shares.sum(axis=0)
        law = WearLaw(
            showing=_updated(belief.showing, told.sum(axis=(1, 2)), announced),
            curvature=_updated(belief.curvature, told.sum(axis=(0, 2)), announced),
            gain=_gain(belief.gain, told.sum(axis=(0, 1))),
            silent=(BELIEF_LIVES * belief.silent + total - announced) / (BELIEF_LIVES + total),
            lives=round(total),
        )
    return law


def learn_places(log_factors: Array, counts: Array, places: Sequence[Place], law: WearLaw) -> WearLaw:
    """Return a law that tells slots apart whose lives (n,) were seen to end, `places` saying in which slot each was.

    Levels at failure differ from slot to slot, and less from life to life within one: a hierarchy of normal distributions
    of their logarithms (Gelman et al., *Bayesian Data Analysis*, §5.4).
    """
    ends: dict[Place, list[_End]] = {}
    for place, end in zip(places, _ends(log_factors, counts, law), strict=True):
        ends.setdefault(place, []).append(end)
    within = _within(ends)
    between = np.sqrt(max(law.gain.sd**2 - within**2, _LEAST_SD**2))
    own = {place: _predicted(law.gain.mean, float(between), within, told) for place, told in ends.items()}
    return replace(law, own=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """At which level a part failed, as its readings tell alone: mean and variance of its ln, and how much that counts."""

    mean: float
    variance: float
    counts: float


def _ends(log_factors: Array, counts: Array, law: WearLaw) -> list[_End]:
    shapes = law.showing[:, None] * law.curvature
    with np.errstate(divide="ignore"):
        by_gain = np.logaddexp.reduce(log_factors + np.log(shapes)[..., None], axis=(1, 2))
    announced = _responsibilities(log_factors, law).sum(axis=(1, 2, 3)) * counts
    weight = np.exp(by_gain - by_gain.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = weight @ _LN_GRID
    variance = np.maximum(weight @ _LN_GRID**2 - mean**2, _LEAST_SD**2)
    columns = (mean.tolist(), variance.tolist(), announced.tolist())
    return [_End(mean=m, variance=v, counts=c) for m, v, c in zip(*columns, strict=True)]


def _within(ends: Mapping[Place, Sequence[_End]]) -> float:
    """Return the ln-sd of levels at failure within one slot: what lives that followed each other differ by."""
    squares, weight = GAIN_BELIEF_LIVES * WITHIN_SD**2, GAIN_BELIEF_LIVES
    for told in ends.values():
        total = sum(end.counts for end in told)
        if total > 1.0:
            mean = sum(end.counts * end.mean for end in told) / total
            spread = sum(end.counts * (end.mean - mean) ** 2 for end in told)
            squares, weight = squares + spread, weight + total - 1.0
    return float(max(np.sqrt(squares / weight), _LEAST_SD))


def _predicted(mean: float, between: float, within: float, told: Sequence[_End]) -> Gain:
    """Return at which level the next part of a slot fails."""
    precision, total = between**-2, mean * between**-2
    for end in told:
        each = end.counts / (within**2 + end.variance)
        precision, total = precision + each, total + each * end.mean
    return Gain(mean=total / precision, sd=float(np.sqrt(1.0 / precision + within**2)))


def _gain(belief: Gain, told: Array) -> Gain:
    """Return the gain of a kind from how much each node of the grid was seen (n_gains,)."""
    weight = GAIN_BELIEF_LIVES + float(told.sum())
    mean = (GAIN_BELIEF_LIVES * belief.mean + float(told @ _LN_GRID)) / weight
    squares = GAIN_BELIEF_LIVES * (belief.sd**2 + (belief.mean - mean) ** 2) + float(told @ (_LN_GRID - mean) ** 2)
    return Gain(mean=mean, sd=float(max(np.sqrt(squares / weight), _LEAST_SD)))


def _prior(gain: Gain) -> Array:
    weight = np.exp(-0.5 * ((_LN_GRID - gain.mean) / gain.sd) ** 2)
    return np.asarray(weight / weight.sum())


def _responsibilities(log_factors: Array, law: WearLaw) -> Array:
    """Return the probability of each kind of wear for each life; what is missing to 1 is that of no sign at all."""
    prior = law.showing[:, None, None] * law.curvature[:, None] * _prior(law.gain)
    highest = np.maximum(log_factors.max(axis=(1, 2, 3), keepdims=True), 0.0)
    shown = (1.0 - law.silent) * prior * np.exp(log_factors - highest)
    silent = law.silent * np.exp(-highest[:, 0, 0, 0])
    total = shown.sum(axis=(1, 2, 3)) + silent
    return np.asarray(shown / total[:, None, None, None])


def _updated(belief: Array, told: Array, announced: float) -> Array:
    return np.asarray((BELIEF_LIVES * belief + told) / (BELIEF_LIVES + announced))
