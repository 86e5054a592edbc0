"""Causal recursions over windows of many machines at once, carried on from where the last block ended."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from ingest.columns import segment_starts

Matrix = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where the rows of a block, sorted by machine, lie in an array (steps, machines, …).

    `machine` and `step` have shape (n,); `lengths` (n_machines,) counts the rows of each machine.
    """

    machine: Rows
    step: Rows
    lengths: Rows

    @property
    def steps(self) -> int:
        """The largest number of rows of a machine."""
        return int(self.lengths.max(initial=0))

    def spread_out(self, rows: Matrix, fill: float = 0.0) -> Matrix:
        """Return rows (n, m) as an array (steps, machines, m), padded with `fill` after a machine's last row."""
        padded = np.full((self.steps, self.lengths.size, rows.shape[1]), fill)
        padded[self.step, self.machine] = rows
        return padded

    def gather(self, padded: Matrix) -> Matrix:
        """Return the rows (n, m) out of an array (steps, machines, m)."""
        rows: Matrix = padded[self.step, self.machine]
        return rows

    def last(self, padded: Matrix, otherwise: Matrix) -> Matrix:
        """Return each machine's last row (machines, m), and that of `otherwise` where a machine has none."""
        if self.steps == 0:
            return otherwise
        newest: Matrix = padded[np.maximum(self.lengths - 1, 0), np.arange(self.lengths.size)]
        return np.where(self.lengths[:, None] > 0, newest, otherwise)


def layout_of(machine: Rows, machines: int) -> Layout:
    """Return the layout of rows whose machines are numbered `machine` (n,), in rising order.

    Examples
    --------
    >>> layout_of(np.array([0, 0, 2]), 3).step.tolist()
    [0, 1, 0]
    """
    starts = segment_starts(machine)
    lengths = np.bincount(machine, minlength=machines).astype(np.int64)
    first = np.repeat(starts, np.diff(np.append(starts, machine.size)))
    return Layout(machine=machine, step=np.arange(machine.size, dtype=np.int64) - first, lengths=lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothed:
    """An exponentially weighted mean under way: `total` and `weight` (machines, m); the mean is their quotient."""

    total: Matrix
    weight: Matrix


def smooth(rows: Matrix, layout: Layout, before: Smoothed, alpha: float) -> tuple[Matrix, Matrix, Smoothed]:
    """Return weighted means (n, m) and the weights behind them, and where the recursion stands.

    A missing value adds neither value nor weight, so nothing is held or made up; from the first value on the mean is
    that of what was seen (bias-corrected). A mean without any weight is NaN.
    """
    present = ~np.isnan(rows)
    totals = _filter(layout.spread_out(np.where(present, rows, 0.0)), before.total, alpha)
    weights = _filter(layout.spread_out(present.astype(np.float64)), before.weight, alpha)
    total, weight = layout.gather(totals), layout.gather(weights)
    mean = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    after = Smoothed(total=layout.last(totals, before.total), weight=layout.last(weights, before.weight))
    return mean, weight, after


def _filter(padded: Matrix, before: Matrix, alpha: float) -> Matrix:
    if padded.shape[0] == 0:
        return padded
    filtered, _ = lfilter([alpha], [1.0, alpha - 1.0], padded, axis=0, zi=(1.0 - alpha) * before[None])
    result: Matrix = filtered
    return result


def lag(rows: Matrix, layout: Layout, keep: Matrix, before: Matrix) -> tuple[Matrix, Matrix]:
    """Return a first-order lag of rows (n, m), and each machine's last (machines, m).

    `keep` (n, m) is the share of the old value that is left after the time since the machine's previous row. A missing
    value leaves the lag where it is; before the first value the lag is that value.
    """
    values, kept = layout.spread_out(rows, np.nan), layout.spread_out(keep, 1.0)
    state = before
    for step in range(values.shape[0]):
        moved = values[step] + kept[step] * (state - values[step])
        state = np.where(np.isnan(values[step]), state, np.where(np.isnan(moved), values[step], moved))
        values[step] = state
    return layout.gather(values), state


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A slowly followed level, (machines, m), and how many values it has settled on so far."""

    value: Matrix
    settled: Matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How a level is followed: by `rate` of what deviates, at most 1 at a time, once `settling` values were averaged."""

    rate: float
    settling: int


def recentre(rows: Matrix, layout: Layout, before: Level, how: Following) -> tuple[Matrix, Level]:
    """Return the deviations of rows (n, m) from their level before each row, and where the levels stand.

    While a level settles it is the mean of what it has seen, and there is no deviation (NaN). Afterwards it follows so
    slowly, and so little by outliers, that a fault is not taken for the new normal.
    """
    values = layout.spread_out(rows, np.nan)
    level, settled = before.value.copy(), before.settled.copy()
    for step in range(values.shape[0]):
        apart = values[step] - level
        young = settled < how.settling
        seen = np.where(np.isnan(apart), 0.0, apart)
        level += np.where(young, seen / (settled + 1.0), how.rate * np.clip(seen, -1.0, 1.0))
        settled += young & ~np.isnan(apart)
        values[step] = np.where(young, np.nan, apart)
    return layout.gather(values), Level(value=level, settled=settled)
