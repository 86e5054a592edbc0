"""Lives as they were, without a law: the challenger of the Weibull distribution once many lives have been seen.

A Weibull distribution of two parameters knows no time in which nothing fails; where there is one, the age to replace at that
it advises is far too early. Counting failures by age (Kaplan & Meier, 1958, for lives seen from an age on) needs no law.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import NotEnoughDataError
from models.prognosis.decision import AgeTable

Array = NDArray[np.float64]

LEAST_LIVES = 100
"""Closed lives from which counting by age is surer than a law of two parameters."""

LEAST_AT_RISK = 5.0
"""Beyond the age that so few lives reached, the risk stays as it was over the last part of the ages seen."""

LAST_PART = 0.25
MOST_BINS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class EmpiricalLife:
    """Risks by age: in each bin of width `step`, the chance to fail and to be replaced by plan (bins,).

    The last bin's risks hold for all later ages.
    """

    step: float
    fails: Array
    planned: Array

    def bin_of(self, age: Array) -> NDArray[np.int64]:
        """Return the bin in which each age lies."""
        return np.minimum(np.asarray(age) / self.step, self.fails.size - 1).astype(np.int64)


def empirical_life(
    entry: Array, exit_: Array, failed: NDArray[np.bool_], planned: NDArray[np.bool_], step: float
) -> EmpiricalLife:
    """Return the risks by age of lives (n,) seen from age `entry` to `exit_`, that failed, were replaced by plan or neither.

    Raises
    ------
    NotEnoughDataError
        If an age is negative or runs backwards, or no life was seen at all.
    """
    if entry.size == 0 or not (np.isfinite(entry).all() and np.isfinite(exit_).all()):
        raise NotEnoughDataError("no lives with known ages; record when parts were installed and removed")
    if (entry < 0).any() or (exit_ < entry).any():
        raise NotEnoughDataError("an age is negative or runs backwards; correct the record of the part")
    bins = int(np.clip(np.ceil(exit_.max() / step), 1, MOST_BINS))
    edges = np.arange(bins) * step
    at_risk = np.array([np.sum((entry <= edge) & (exit_ > edge)) for edge in edges], dtype=np.float64)
    place = np.clip(np.ceil(exit_ / step).astype(np.int64) - 1, 0, bins - 1)
    fails, plans = (np.bincount(place[which], minlength=bins).astype(np.float64) for which in (failed, planned))
    exposed = np.maximum(at_risk, fails + plans)
    known = int(np.max(np.flatnonzero(exposed >= min(LEAST_AT_RISK, exposed.max())), initial=0)) + 1
    late = slice(int((1.0 - LAST_PART) * known), None)
    rate_fails, rate_plans = (_late_rate(part, exposed, late) for part in (fails, plans))
    exposed = np.maximum(exposed, 1.0)
    return EmpiricalLife(
        step=step,
        fails=np.append((fails / exposed)[:known], rate_fails),
        planned=np.append((plans / exposed)[:known], rate_plans),
    )


def _late_rate(ended: Array, exposed: Array, late: slice) -> float:
    """Return the risk over the last ages seen, drawn towards that over all ages by as much as one end tells."""
    overall = (ended.sum() + 0.5) / (exposed.sum() + 1.0)
    return float((ended[late].sum() + 1.0) / (exposed[late].sum() + 1.0 / overall))


def empirical_age_table(life: EmpiricalLife) -> AgeTable:
    """Return what replacing at each age means: the table by which a policy is chosen, under one law, the counted one."""
    survival = np.concatenate([[1.0], np.cumprod(1.0 - life.fails)])
    run = np.concatenate([[0.0], np.cumsum(0.5 * (survival[1:] + survival[:-1]))]) * life.step
    endless = run[-1] + survival[-1] * life.step / life.fails[-1]
    ages = np.arange(1, survival.size) * life.step
    return AgeTable(
        ages=np.append(ages, np.inf),
        failed=np.append(1.0 - survival[1:], 1.0)[:, None],
        run=np.append(run[1:], endless)[:, None],
        weight=np.ones(1),
        smooth=False,
    )


def renewal_failures(
    life: EmpiricalLife, ages: Array, steps: int, paths: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return how many of the parts at `ages` (n,) and their successors fail up to each step, on each path (paths, steps).

    A part that fails or is replaced by plan is followed by a new one in the same slot.
    """
    place = np.tile(life.bin_of(ages), (paths, 1))
    counts = np.zeros((paths, steps), dtype=np.int64)
    for step in range(steps):
        drawn = rng.random(place.shape)
        fails = drawn < life.fails[place]
        ends = drawn < life.fails[place] + life.planned[place]
        counts[:, step] = fails.sum(axis=1)
        place = np.where(ends, 0, np.minimum(place + 1, life.fails.size - 1))
    return np.asarray(np.cumsum(counts, axis=1))
