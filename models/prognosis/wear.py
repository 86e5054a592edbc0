"""How parts of one kind show their wear before they fail: what is believed at first, and what recorded failures teach.

A failure comes without any sign, or its wear shows for a share of the part's life, along a more or less bent curve, up to a
level at which the part fails: its *gain*, as a multiple of the nominal failure limit. None of these is known for a single
part; a `WearLaw` says how likely each is for parts of a kind, as weights on a fixed grid.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SHOWING_SHARES = np.array([0.03, 0.07, 0.14, 0.25, 0.4, 0.6, 1.0])
"""Which share of its life a part shows its wear for, at the end."""

CURVATURES = 1.5 * np.array([1.0, 2.0, 3.0])

GAINS = np.exp([-2.6, -1.9, -1.2, -0.5, 0.1, 0.7])
"""The level at which a part fails, in multiples of the nominal limit: each node stands for its neighbourhood."""

GAIN_CV = 0.3

BELIEF_LIVES = 8.0
"""What is believed at first counts as so many recorded failures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WearLaw:
    """Probabilities on the grid, each adding up to 1: `showing` (n_shares,), `curvature` (n_curvatures,), `gain` (n_gains,).

    `silent` is the share of failures that no sensor announces. `lives` counts the lives that it was learnt from.
    """

    showing: Array
    curvature: Array
    gain: Array
    silent: float
    lives: int = 0

    def level(self) -> float:
        """Return the middle level at which parts of the kind fail, in per cent of the nominal limit."""
        return 100.0 * float(np.exp(np.log(GAINS) @ self.gain))


USUAL_WEAR = WearLaw(
    showing=np.array([0.09, 0.14, 0.20, 0.24, 0.19, 0.10, 0.04]),
    curvature=np.array([0.25, 0.40, 0.35]),
    gain=np.array([0.002, 0.008, 0.03, 0.20, 0.46, 0.30]),
    silent=0.2,
)
"""What is believed of parts of which no failure was recorded (judgement; 10-20 % of failures give no warning)."""


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
            gain=_updated(belief.gain, told.sum(axis=(0, 1)), announced),
            silent=(BELIEF_LIVES * belief.silent + total - announced) / (BELIEF_LIVES + total),
            lives=round(total),
        )
    return law


def _responsibilities(log_factors: Array, law: WearLaw) -> Array:
    """Return the probability of each kind of wear for each life; what is missing to 1 is that of no sign at all."""
    prior = law.showing[:, None, None] * law.curvature[:, None] * law.gain
    highest = np.maximum(log_factors.max(axis=(1, 2, 3), keepdims=True), 0.0)
    shown = (1.0 - law.silent) * prior * np.exp(log_factors - highest)
    silent = law.silent * np.exp(-highest[:, 0, 0, 0])
    total = shown.sum(axis=(1, 2, 3)) + silent
    return np.asarray(shown / total[:, None, None, None])


def _updated(belief: Array, told: Array, announced: float) -> Array:
    return np.asarray((BELIEF_LIVES * belief + told) / (BELIEF_LIVES + announced))
