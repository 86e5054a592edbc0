"""What probabilities turned out to be worth: a map from what was said to what happened, learnt from predictions whose end is known.

The place at which a life ended in the distribution that was predicted for it (its probability integral transform) is uniform
where predictions are right. How it is really distributed is the map by which later predictions are corrected, intervals and
failure probabilities alike (Kuleshov et al., ICML 2018; distributional conformal prediction, Chernozhukov et al., *PNAS* 118,
2021). Lives that were cut short count up to where they were seen (Kaplan–Meier over places instead of times); each life counts
once however often it was predicted.
"""

import numpy as np
from numpy.typing import NDArray

from models.lesson import AS_SAID, LEVELS, Recalibration

Array = NDArray[np.float64]

BELIEF_LIVES = 10.0
"""What was believed before counts as so many lives."""


def learn_recalibration(place: Array, ended: Array, counts: Array, belief: Recalibration = AS_SAID) -> Recalibration:
    """Return how places in what was predicted are distributed, drawn towards a belief.

    Parameters
    ----------
    place
        (n,) the probability that had been said for an end by the time a life ended or was last seen, 0-1.
    ended
        (n,) how likely it ended there, 0-1; the rest was cut short.
    counts
        (n,) how much each counts: one over how often its life was predicted.
    """
    lives = float(counts @ ended)
    if lives <= 0:
        return belief
    share = lives / (lives + BELIEF_LIVES)
    happened = share * _ended_by(place, ended, counts, belief) + (1.0 - share) * belief.happened
    return Recalibration(happened=happened, lives=lives)


def _ended_by(place: Array, ended: Array, counts: Array, belief: Recalibration) -> Array:
    """Return the Kaplan–Meier distribution of places at the levels; beyond the last end it goes on like the belief."""
    order = np.argsort(place, kind="stable")
    leaving = counts[order]
    at_risk = np.maximum(np.cumsum(leaving[::-1])[::-1], 1e-12)
    hazard = np.clip(leaving * ended[order] / at_risk, 0.0, 1.0)
    survival = np.concatenate(([1.0], np.cumprod(1.0 - hazard)))
    found = 1.0 - survival[np.searchsorted(place[order], LEVELS, side="right")]
    found[0] = 0.0
    last = int(np.searchsorted(LEVELS, place[order][hazard > 0].max(initial=0.0)))
    believed = 1.0 - belief.happened
    found[last:] = 1.0 - (1.0 - found[last]) * believed[last:] / max(believed[last], 1e-12)
    found[-1] = 1.0
    return np.maximum.accumulate(np.clip(found, 0.0, 1.0))
