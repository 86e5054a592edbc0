"""What probabilities turned out to be worth: a map from what was said to what happened, learnt from predictions whose end is known.

The place at which a life ended in the distribution that was predicted for it (its probability integral transform) is uniform
where predictions are right. How it is really distributed is the map by which later predictions are corrected, intervals and
failure probabilities alike (Kuleshov et al., ICML 2018; distributional conformal prediction, Chernozhukov et al., *PNAS* 118,
2021). On the normal scale places follow a two-piece normal distribution (Wallis, *Statistical Science* 29, 2014): lives end
earlier or later than said, and the two sides scatter more or less than said. Its three numbers are known only as well as the
lives allow: the map is the mean over what they may be, drawn towards a belief. Lives that were cut short count up to where they
were seen; each life counts once however often it was predicted.
"""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models.lesson import AS_SAID, LEVELS, Recalibration

Array = NDArray[np.float64]

FIRST_SD = (0.3, 0.3, 0.3)
"""How far predictions are believed to be off before any has ended: of the middle, and of the logarithms of both widths."""

OWN_SD = (0.25, 0.2, 0.2)
"""How far parts of one type are believed to be off from all parts of the plant."""

_BINS = np.linspace(-3.75, 3.75, 76)
_CENTRES = 0.5 * (_BINS[1:] + _BINS[:-1])
_FARTHEST = 1e-4
_NEGLIGIBLE = 1e-4
_GRID = np.meshgrid(np.linspace(-1.2, 1.2, 17), *(np.linspace(-0.7, 1.2, 14),) * 2, indexing="ij")
_MIDDLE, _LN_LOW, _LN_HIGH = (axis.ravel() for axis in _GRID)
_LOW, _HIGH = np.exp(_LN_LOW), np.exp(_LN_HIGH)


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
    spread = FIRST_SD if belief is AS_SAID else OWN_SD
    log = _log_likelihood(place, ended, counts)
    for axis, mean, sd in zip((_MIDDLE, _LN_LOW, _LN_HIGH), belief.shape, spread, strict=True):
        log = log - 0.5 * ((axis - mean) / sd) ** 2
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    kept = weight > _NEGLIGIBLE * weight.max()
    return Recalibration(
        happened=_mean_map(weight[kept] / weight[kept].sum(), kept),
        shape=(float(weight @ _MIDDLE), float(weight @ _LN_LOW), float(weight @ _LN_HIGH)),
        lives=lives,
    )


def _log_likelihood(place: Array, ended: Array, counts: Array) -> Array:
    """Return ln of the likelihood of the places under each node of the grid (n_nodes,)."""
    seen = special.ndtri(np.clip(place, _FARTHEST, 1.0 - _FARTHEST))
    there = np.clip(np.digitize(seen, _BINS) - 1, 0, _CENTRES.size - 1)
    ends, cut = (np.bincount(there, counts * share, _CENTRES.size) for share in (ended, 1.0 - ended))
    at = _CENTRES[:, None] - _MIDDLE
    density = np.exp(-0.5 * (at / np.where(at < 0, _LOW, _HIGH)) ** 2) / (_LOW + _HIGH)
    beyond = np.maximum(1.0 - _reached(at, _LOW, _HIGH), 1e-9)
    return np.asarray(ends @ np.log(np.maximum(density, 1e-12)) + cut @ np.log(beyond))


def _mean_map(weight: Array, kept: NDArray[np.bool_]) -> Array:
    inner = special.ndtri(LEVELS[1:-1])[:, None] - _MIDDLE[kept]
    return np.concatenate(([0.0], _reached(inner, _LOW[kept], _HIGH[kept]) @ weight, [1.0]))


def _reached(at: Array, low: Array, high: Array) -> Array:
    """Return the distribution of a two-piece normal, `at` counted from its middle."""
    below = 2.0 * low * special.ndtr(np.minimum(at, 0.0) / low)
    above = high * (2.0 * special.ndtr(np.maximum(at, 0.0) / high) - 1.0)
    return np.asarray((below + above) / (low + high))
