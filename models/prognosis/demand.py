"""How many parts will be needed and when: draws of all replacements of a number of slots, planned and unplanned.

Each slot is replaced when its part fails or when that is planned, whichever comes first, and so is every part after it. The
remaining life of the part that is in follows the three quantiles of its prediction, on Weibull paper: ``ln(-ln(1 - u))`` is
taken as linear in ``ln t`` between and beyond them. Lives to come are Weibull, their scale log-normal because it is not known
exactly; one draw of it holds for all slots of one part type, so that an error about it does not average out.

Uniform numbers are drawn in strata for each slot, so that for one slot alone a quantile of the draws is the quantile of its
prediction to within one stratum.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

DRAWS = 256
LEVELS = (0.1, 0.5, 0.9)

SHOWS_FROM = 0.6
"""Wear shows after a share of a life that lies, all alike, between this and 1 (judgement, after the shares that the trend
model knows); a part that readings watch comes off when it does."""

_PAPER = np.log(-np.log1p(-np.array(LEVELS)))
_SHORTEST_DAYS = 1e-3
_MOST_CYCLES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotDemand:
    """Slots of one part type, all arrays (n, ...), times in days from now.

    `remaining` (n, 3) is P10, P50 and P90 of the time to failure, `planned` (n,) when the part is to be replaced, infinite
    where it runs to failure. Where it `moves` (n,), that day rests on age while readings watch the part and show no wear: it
    comes off a `notice` after they do, which is how long it takes to get a spare. `age` (n,) is how old the part is. Parts to
    come have Weibull lives of `shape` with scale `scale` (n,), known to within `scale_sd` (a standard deviation of the
    logarithm), and are replaced at age `interval` (n,), infinite where never early, which grows with the scale. One
    replacement takes `quantity` parts.
    """

    remaining: Array
    planned: Array
    moves: NDArray[np.bool_]
    notice: float
    age: Array
    scale: Array
    interval: Array
    shape: float
    scale_sd: float
    quantity: int


def draw_needs(demand: SlotDemand, horizon_days: float, rng: np.random.Generator, *, draws: int = DRAWS) -> Array:
    """Return when parts are needed, (draws, m) in days: each row is one course of events, unsorted, infinite past the horizon.

    Where parts last so short that more than a few dozen follow each other within the horizon, they are drawn in bundles, and
    the parts of a bundle are needed at even distances while it lasts.
    """
    scale = demand.scale[:, None] * np.exp(demand.scale_sd * rng.standard_normal(draws))
    fails = _remaining_life(demand.remaining, _strata(demand.planned.size, draws, rng))
    first = np.minimum(fails, _planned(demand, fails, rng))
    bundle = _bundle(demand, horizon_days)
    found = [first] * demand.quantity
    at = first
    while (rows := np.flatnonzero((at <= horizon_days).any(axis=1))).size:
        lives = _lives(demand, scale[rows], rows, rng)
        lasts = lives if bundle == 1 else _bundled(lives, bundle, rng)
        found += [at[rows] + lasts * step / bundle for step in range(1, bundle + 1) for _ in range(demand.quantity)]
        at = at[rows] + lasts
        demand, scale = _only(demand, rows), scale[rows]
    needs = np.vstack(found).T
    return np.where(needs <= horizon_days, needs, np.inf)


def nth_needs(needs: Array, level: float) -> Array:
    """Return by when the first, second, ... part is needed with probability `level`, (m,), rising; infinite where less likely.

    A stock of k parts is enough, but for that probability, until the (k + 1)-th of these days.
    """
    in_order = np.sort(needs, axis=1)
    place = max(0, math.ceil(level * needs.shape[0]) - 1)
    nth: Array = np.sort(in_order, axis=0)[place]
    return nth


def needed_within(needs: Array, days: float) -> Array:
    """Return how many parts each draw needs within so many days, (draws,)."""
    return np.asarray((needs <= days).sum(axis=1), dtype=np.float64)


def joined(parts: Sequence[Array], draws: int = DRAWS) -> Array:
    """Return the needs of several part types that one part number serves, (draws, m)."""
    return np.hstack(parts) if parts else np.empty((draws, 0))


def _planned(demand: SlotDemand, fails: Array, rng: np.random.Generator) -> Array:
    """Return when parts come off by plan in each draw: those that move come off a notice after wear shows."""
    age = demand.age[:, None]
    life = age + fails
    first = np.maximum(SHOWS_FROM, age / life)
    shows = (first + (1.0 - first) * rng.random(fails.shape)) * life - age
    return np.where(demand.moves[:, None], shows + demand.notice, demand.planned[:, None])


def _strata(rows: int, draws: int, rng: np.random.Generator) -> Array:
    places = rng.permuted(np.tile(np.arange(draws, dtype=np.float64), (rows, 1)), axis=1)
    return np.asarray((places + rng.random((rows, draws))) / draws)


def _remaining_life(quantiles: Array, uniform: Array) -> Array:
    ln_days = np.log(np.maximum(quantiles, _SHORTEST_DAYS))
    y = np.log(-np.log1p(-np.clip(uniform, 1e-12, 1.0 - 1e-12)))
    lower = (ln_days[:, 1] - ln_days[:, 0]) / (_PAPER[1] - _PAPER[0])
    upper = (ln_days[:, 2] - ln_days[:, 1]) / (_PAPER[2] - _PAPER[1])
    slope = np.where(y < _PAPER[1], lower[:, None], upper[:, None])
    return np.asarray(np.exp(np.minimum(ln_days[:, 1:2] + slope * (y - _PAPER[1]), 700.0)))


def _lives(demand: SlotDemand, scale: Array, rows: NDArray[np.intp], rng: np.random.Generator) -> Array:
    drawn = scale * rng.standard_exponential(scale.shape) ** (1.0 / demand.shape)
    interval = demand.interval[rows][:, None] * scale / demand.scale[rows][:, None]
    return np.minimum(drawn, interval)


def _bundle(demand: SlotDemand, horizon_days: float) -> int:
    mean = np.minimum(demand.scale * special.gamma(1.0 + 1.0 / demand.shape), demand.interval)
    shortest = float(mean.min()) if mean.size else math.inf
    return max(1, math.ceil(horizon_days / max(shortest, _SHORTEST_DAYS) / _MOST_CYCLES))


def _bundled(lives: Array, bundle: int, rng: np.random.Generator) -> Array:
    """Return how long so many lives last one after the other: their mean, with the scatter that is left in it."""
    mean = lives.mean(axis=1, keepdims=True)
    spread = lives.std(axis=1, keepdims=True) * math.sqrt(bundle)
    return np.asarray(np.maximum(mean * bundle + spread * rng.standard_normal(lives.shape), mean))


def _only(demand: SlotDemand, rows: NDArray[np.intp]) -> SlotDemand:
    return SlotDemand(
        remaining=demand.remaining[rows],
        planned=demand.planned[rows],
        moves=demand.moves[rows],
        notice=demand.notice,
        age=demand.age[rows],
        scale=demand.scale[rows],
        interval=demand.interval[rows],
        shape=demand.shape,
        scale_sd=demand.scale_sd,
        quantity=demand.quantity,
    )
