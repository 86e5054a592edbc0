"""What a slot's degradation indicator says of when it reaches the failure limit.

Wear shows from an onset on and grows along ``100 (exp(k b) - 1) / (exp(k) - 1)`` per cent of the failure limit, where b
runs from 0 at onset to 1 at failure: nearly straight for a small k, exponential for a large one (Gebraeel et al., *IIE
Transactions* 37, 2005, for bearings; filters and leaks follow curves of the same family). How long wear shows before
failure (as a share of the whole life) and k are not known and are summed over. The level at which this part fails (its
gain; recorded failures teach which, see `wear`) and its healthy level are not known either and are integrated out in closed
form, as a Bayesian linear regression with two coefficients.

The result is not a date but, for every possible time to failure, how much better the readings are explained by it than by
a healthy part: a Bayes factor, which `outlook` sets against age. A part that shows no trend has Bayes factors near 1 for
distant failures and far below 1 for near ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from models.lesson import CURVATURES, SHOWING_SHARES, Gain

Array = NDArray[np.float64]

FEWEST_HOURS = 24
"""Fewest hours of operation from which a trend is read."""

STALE_DAYS = 30.0
"""After so many days without an hour of operation the series says nothing of today."""

_BLOCK_EDGES_DAYS = np.array(
    [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 52, 66, 85, 110, 140, 190, 250, 370.0]
)
_HEALTHY_SD = 10.0
_HOURS_PER_INDEPENDENT = 4.0
_LEAST_DRIFT = 3.0
_LEVEL_ERROR = 0.25
_TRUST = 0.35
"""The power that the likelihood is raised to: no curve of this family is quite that of a real part (Grünwald & van Ommen,
*Bayesian Analysis* 12, 2017, on misspecified models)."""
_INDICATOR_RANGE = (-10.0, 500.0)
_NS_PER_DAY = 8.64e13

GAIN_GRID = np.exp(np.linspace(np.log(0.05), np.log(5.0), 24))
"""Gains that are told apart while it is learnt at which level parts fail, and how wide each stands for its neighbourhood."""
GRID_CV = 0.12
_NODES = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
_NODE_LN_WEIGHTS = -0.5 * _NODES**2 - np.log(np.exp(-0.5 * _NODES**2).sum())
_NODE_STEP, _NODE_CV, _CV_RANGE = 0.8, 0.6, (0.04, 0.5)
"""Five nodes a step of 0.8 sd apart, each as wide as 0.6 sd, make up the distribution of a gain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorSeries:
    """Hourly means of one slot's degradation indicator (per cent of the failure limit), all arrays (n,).

    `weights` count the windows behind each mean; hours in which the machine did not run are absent, never interpolated.
    """

    hours_ns: NDArray[np.int64]
    values: Array
    weights: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendBlocks:
    """Series of n slots, condensed to blocks of time that grow longer into the past, all arrays (n, n_blocks).

    `days_back` is how long before the newest hour a block lies, `precision` 1 / variance (0 where a block is empty).
    `level` (n,) is the newest level and `growth` (n,) its rise per day over the last blocks, NaN where not `usable`.
    """

    usable: NDArray[np.bool_]
    days_back: Array
    value: Array
    precision: Array
    level: Array


def condense(series: Sequence[IndicatorSeries | None], since: Sequence[datetime], now: datetime) -> TrendBlocks:
    """Return the blocks of each slot's series, of the hours since its part was installed.

    Values that are not a number are left out. A slot with fewer than 24 hours of operation, or none in the last 30
    days, is not usable.
    """
    slot, hour_ns, value = _flatten(series, since, now)
    n, n_blocks = len(series), _BLOCK_EDGES_DAYS.size - 1
    newest_ns = np.full(n, np.iinfo(np.int64).min)
    np.maximum.at(newest_ns, slot, hour_ns)
    back = (newest_ns[slot] - hour_ns) / _NS_PER_DAY
    block = np.searchsorted(_BLOCK_EDGES_DAYS, back, side="right") - 1
    kept = block < n_blocks
    cell = slot[kept] * n_blocks + block[kept]
    of_kept = (np.ones(cell.size), value[kept], value[kept] ** 2, back[kept])
    hours, total, squares, ages = (_per_cell(cell, weights, (n, n_blocks)) for weights in of_kept)
    filled = np.maximum(hours, 1.0)
    mean = total / filled
    since_newest_days = (_to_ns(now) - newest_ns.astype(np.float64)) / _NS_PER_DAY
    usable = (hours.sum(axis=1) >= FEWEST_HOURS) & (since_newest_days <= STALE_DAYS)
    precision = np.where(usable[:, None], _precision(hours, mean, squares / filled - mean**2), 0.0)
    return TrendBlocks(
        usable=usable,
        days_back=ages / filled,
        value=mean,
        precision=precision,
        level=_level(mean, precision, usable),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GainNodes:
    """Gains that stand for their neighbourhoods: `value` and relative width `cv` (n_nodes, n), `ln_weight` (n_nodes,)."""

    value: Array
    cv: Array
    ln_weight: Array


def gain_nodes(gains: Sequence[Gain]) -> GainNodes:
    """Return the nodes that make up the distribution of the gain of each of n slots."""
    mean, sd = np.array([(gain.mean, gain.sd) for gain in gains]).reshape(-1, 2).T
    value = np.exp(mean + _NODE_STEP * _NODES[:, None] * sd)
    cv = np.broadcast_to(np.clip(_NODE_CV * sd, *_CV_RANGE), value.shape)
    return GainNodes(value=value, cv=cv, ln_weight=_NODE_LN_WEIGHTS)


def log_bayes_factors(blocks: TrendBlocks, days_ahead: Array, life_days: Array, gains: GainNodes) -> Array:
    """Return ln of how much better each time to failure explains the readings than a healthy part does.

    Parameters
    ----------
    days_ahead
        (n, m) time to failure.
    life_days
        (n, m) the part's whole life, if it fails then.
    gains
        How likely the levels are at which each part fails.

    Returns
    -------
    Array
        (n, m, n_shares, n_curvatures); 0 where wear would not show yet, and for slots that are not usable.
    """
    factors = np.zeros((*days_ahead.shape, SHOWING_SHARES.size, CURVATURES.size))
    for i, j, shown, parts in _by_curve(blocks, days_ahead, life_days, gains):
        factors[:, shown, i, j] = _TRUST * np.logaddexp.reduce(parts + gains.ln_weight[:, None, None])
    factors[~blocks.usable] = 0.0
    return factors


def log_factors_by_gain(blocks: TrendBlocks, days_ahead: Array, life_days: Array) -> Array:
    """Return the same for one time to failure of each slot, (n,), with the levels at failure told apart.

    The shape is (n, n_shares, n_curvatures, n_gains): what `wear.learn_wear` learns from.
    """
    ahead, life = days_ahead[:, None], life_days[:, None]
    factors = np.zeros((days_ahead.size, SHOWING_SHARES.size, CURVATURES.size, GAIN_GRID.size))
    value = np.repeat(GAIN_GRID[:, None], days_ahead.size, axis=1)
    grid = GainNodes(value=value, cv=np.full(value.shape, GRID_CV), ln_weight=np.zeros(GAIN_GRID.size))
    for i, j, shown, parts in _by_curve(blocks, ahead, life, grid):
        if shown.any():
            factors[:, i, j] = _TRUST * parts[:, :, 0].T
    factors[~blocks.usable] = 0.0
    return factors


def level_now(days_ahead: Array, life_days: Array) -> Array:
    """Return the degradation in per cent of the failure limit that each time to failure implies for now.

    Shapes as in `log_bayes_factors`.
    """
    progress = 1.0 - days_ahead[..., None] / (SHOWING_SHARES * life_days[..., None])
    return np.stack(_curves(progress), axis=-1)


def _by_curve(
    blocks: TrendBlocks, days_ahead: Array, life_days: Array, gains: GainNodes
) -> Iterator[tuple[int, int, NDArray[np.bool_], Array]]:
    """Give, per share and curvature, the columns in which wear would show, and ln evidence by gain (n_gains, n, shown)."""
    weights = np.stack([blocks.precision, blocks.precision * blocks.value], axis=-1)
    sums = _sums(blocks)
    for i, share in enumerate(SHOWING_SHARES):
        shown = (days_ahead < share * life_days).any(axis=0)
        ahead, showing = days_ahead[:, shown], share * life_days[:, shown]
        progress = 1.0 - (ahead[..., None] + blocks.days_back[:, None, :]) / showing[..., None]
        for j, curve in enumerate(_curves(progress)):
            yield i, j, shown, _log_evidence(curve, weights, sums, gains)


def _curves(progress: Array) -> list[Array]:
    """Return the wear that shows at so much progress (0 onset, 1 failure), one array per curvature."""
    step = np.exp(CURVATURES[0] * np.maximum(progress, 0.0))
    full = np.exp(CURVATURES[0])
    return [100.0 * (step**power - 1.0) / (full**power - 1.0) for power in (1, 2, 3)]


def _flatten(
    series: Sequence[IndicatorSeries | None], since: Sequence[datetime], now: datetime
) -> tuple[NDArray[np.int64], NDArray[np.int64], Array]:
    """Return slot number, hour and value of every usable hour."""
    present = [(i, one, _to_ns(since[i])) for i, one in enumerate(series) if one is not None and one.hours_ns.size]
    if not present:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0)
    sizes = [one.hours_ns.size for _, one, _ in present]
    slot = np.repeat([i for i, _, _ in present], sizes)
    start = np.repeat([start for _, _, start in present], sizes)
    hour_ns = np.concatenate([one.hours_ns for _, one, _ in present])
    value = np.concatenate([one.values for _, one, _ in present])
    weight = np.concatenate([one.weights for _, one, _ in present])
    kept = np.isfinite(value) & (weight > 0) & (hour_ns >= start) & (hour_ns <= _to_ns(now))
    return slot[kept], hour_ns[kept], np.clip(value[kept], *_INDICATOR_RANGE)


def _per_cell(cell: NDArray[np.int64], weights: Array, shape: tuple[int, int]) -> Array:
    return np.bincount(cell, weights, shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _to_ns(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000) * 1000


def _precision(hours: Array, mean: Array, variance: Array) -> Array:
    """Return 1 / variance of each block's mean: scatter of its hours, drift between blocks, error of the level itself."""
    filled = hours > 0
    pooled = (hours * np.maximum(variance, 0.0)).sum(axis=1) / np.maximum(hours.sum(axis=1), 1.0)
    independent = np.maximum(hours / _HOURS_PER_INDEPENDENT, 1.0)
    scatter = np.maximum(pooled[:, None], variance) / independent
    drift = np.maximum(_drift(mean, filled), _LEAST_DRIFT)[:, None]
    total = scatter + drift**2 + (_LEVEL_ERROR * mean) ** 2
    return np.where(filled, 1.0 / total, 0.0)


def _drift(mean: Array, filled: NDArray[np.bool_]) -> Array:
    """Return how far a healthy level wanders from block to block: a robust sd of what three blocks in a row bend."""
    bend = np.full(mean.shape, np.nan)
    bend[:, 1:-1] = mean[:, 1:-1] - 0.5 * (mean[:, :-2] + mean[:, 2:])
    bend[:, 1:-1][~(filled[:, :-2] & filled[:, 1:-1] & filled[:, 2:])] = np.nan
    known = ~np.isnan(bend).all(axis=1)
    drift = np.zeros(mean.shape[0])
    drift[known] = 1.4826 * np.nanmedian(np.abs(bend[known]), axis=1) / np.sqrt(1.5)
    return drift


def _level(mean: Array, precision: Array, usable: NDArray[np.bool_]) -> Array:
    """Return the newest level: the mean of the last blocks, each counting half as much as the one after it."""
    recent = precision * 0.5 ** np.cumsum(precision > 0, axis=1)
    total = recent.sum(axis=1)
    return np.where(usable, (recent * mean).sum(axis=1) / np.where(total > 0, total, 1.0), np.nan)


_Sums = tuple[Array, Array]


def _sums(blocks: TrendBlocks) -> _Sums:
    w, y = blocks.precision, blocks.value
    return w.sum(axis=1)[:, None], (w * y).sum(axis=1)[:, None]


def _log_evidence(curve: Array, weights: Array, sums: _Sums, gains: GainNodes) -> Array:
    """Return ln evidence of ``value = healthy + gain * curve`` over that of ``value = healthy``, by gain.

    healthy ~ N(0, 10) and, around each node, gain ~ N(node, cv node) are integrated out (Bishop, *Pattern Recognition and
    Machine Learning*, §3.5). `curve` is (n, m, n_blocks), `weights` (n, n_blocks, 2); returns (n_gains, n, m).
    """
    w, wy = sums
    ws, wsy = np.moveaxis(curve @ weights, -1, 0)
    wss = ((curve * curve) @ weights[..., :1])[..., 0]
    healthy = w + _HEALTHY_SD**-2
    parts = np.empty((gains.value.shape[0], *ws.shape))
    for row, (value, cv) in enumerate(zip(gains.value, gains.cv, strict=True)):
        gain, tightness = value[:, None], (cv * value)[:, None] ** -2
        spread = wss + tightness
        h0, h1 = wy - gain * ws, wsy - gain * wss
        determinant = healthy * spread - ws * ws
        explained = (spread * h0 * h0 - 2.0 * ws * h0 * h1 + healthy * h1 * h1) / determinant
        better = 2.0 * gain * wsy - gain * gain * wss + explained - wy * wy / healthy
        parts[row] = 0.5 * (better - np.log(determinant / (healthy * tightness)))
    return parts
