"""How many parts will fail: expected counts of slots and their successors, and how far off such counts usually are.

Replacements come in batches (a stop, a crew, a bad lot), so that counts vary far more than independent failures would. By how
much is learnt from how far off earlier counts were.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom, norm, poisson, t

Array = NDArray[np.float64]

TAIL = 0.9
PRIOR_SPREAD, PRIOR_COUNTS = 0.25, 2.0
"""Before any count has come true: a spread of half the count, worth as much as two counts."""


def expected_failures(remaining: Array, fresh: Array) -> Array:
    """Return how many failures are expected up to each step (steps,), those of successors included.

    `remaining` (n, steps) is the probability of each running part to outlive each step, `fresh` (steps,) that of a new one.
    """
    fails = -np.diff(np.concatenate([[1.0], fresh]))
    renewals = np.zeros(fresh.size)
    for step in range(fresh.size):
        earlier = renewals[:step][::-1]
        renewals[step] = fails[: step + 1].sum() + float(fails[:step] @ earlier)
    first = -np.diff(np.column_stack([np.ones(remaining.shape[0]), remaining]), axis=1).sum(axis=0)
    return np.asarray(np.cumsum(first) + np.convolve(first, np.concatenate([[0.0], renewals]))[: fresh.size])


def count_spread(expected: Array, actual: Array) -> float:
    """Return by how much counts vary beyond chance, ``variance = mean + spread * mean²``, from past counts (n,).

    A spread learnt from few counts is itself uncertain: it is widened as Student's t is against the normal distribution.
    """
    beyond = float(((actual - expected) ** 2 - expected).sum())
    typical = float(np.mean(expected**2)) if expected.size else 1.0
    pooled = (beyond + PRIOR_COUNTS * PRIOR_SPREAD * typical) / ((expected.size + PRIOR_COUNTS) * typical)
    widened = t.ppf(TAIL, expected.size + PRIOR_COUNTS) / norm.ppf(TAIL)
    return max(pooled, 0.0) * float(widened) ** 2


def count_interval(expected: float, spread: float, share: float) -> tuple[float, float]:
    """Return the counts between which the true one lies with probability `share` (negative binomial; Poisson at 0)."""
    tails = [(1.0 - share) / 2.0, (1.0 + share) / 2.0]
    if spread <= 0 or expected <= 0:
        low, high = poisson.ppf(tails, max(expected, 0.0))
    else:
        size = 1.0 / spread
        low, high = nbinom.ppf(tails, size, size / (size + expected))
    return float(low), float(high)
