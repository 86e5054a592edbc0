"""Learning from lives whose end is known how parts of a kind show their wear before they fail."""

import numpy as np
from numpy.typing import NDArray

from models.lesson import USUAL_WEAR, WearLaw

Array = NDArray[np.float64]

BELIEF_LIVES = 8.0
"""What is believed at first counts as so many recorded failures."""


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
