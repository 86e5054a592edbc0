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

    def of(self, columns: NDArray[np.bool_]) -> "Smoothed":
        """Return some of the columns."""
        return Smoothed(total=self.total[:, columns], weight=self.weight[:, columns])

    def put(self, columns: NDArray[np.bool_], other: "Smoothed") -> "Smoothed":
        """Return the means with some of the columns replaced."""
        return Smoothed(total=_put(self.total, columns, other.total), weight=_put(self.weight, columns, other.weight))


def _put(array: Matrix, columns: NDArray[np.bool_], values: Matrix) -> Matrix:
    replaced = array.copy()
    replaced[:, columns] = values
    return replaced


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


SCAN_BLOCK = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Fading:
    """How a lag moves at each row, all (n, m).

    `keep` is the share of the old that is left, `new` the share of the row's value that comes in, and `counted` the
    weight that it adds.
    """

    keep: Matrix
    new: Matrix
    counted: Matrix


def decay(rows: Matrix, how: Fading, layout: Layout, before: Smoothed) -> tuple[Matrix, Smoothed]:
    """Return first-order lags of rows (n, m), and where they stand.

    A missing value leaves the lag where it is. Before the first value the lag is NaN, from then on the mean of what was
    seen.
    """
    missing = np.isnan(rows)
    kept = layout.spread_out(np.where(missing, 1.0, how.keep), 1.0)
    totals = _affine(kept, layout.spread_out(np.where(missing, 0.0, how.new * rows)), before.total)
    weights = _affine(kept, layout.spread_out(np.where(missing, 0.0, how.counted)), before.weight)
    total, weight = layout.gather(totals), layout.gather(weights)
    lags = np.divide(total, weight, out=np.full(total.shape, np.nan), where=weight > 0)
    after = Smoothed(total=layout.last(totals, before.total), weight=layout.last(weights, before.weight))
    return lags, after


def _affine(kept: Matrix, added: Matrix, before: Matrix) -> Matrix:
    """Return y[t] = kept[t] y[t-1] + added[t] from `before` on, for arrays (steps, machines, m).

    Blocks of steps are run side by side from zero, then joined: only products of numbers up to 1 are formed, so it is as
    stable as step by step.
    """
    steps = kept.shape[0]
    if steps <= SCAN_BLOCK:
        return _stepwise(kept, added, before)
    blocks = -(-steps // SCAN_BLOCK)
    padding = ((0, blocks * SCAN_BLOCK - steps), (0, 0), (0, 0))
    shape = (blocks, SCAN_BLOCK, *kept.shape[1:])
    share = np.pad(kept, padding, constant_values=1.0).reshape(shape)
    value = np.pad(added, padding).reshape(shape)
    for step in range(1, SCAN_BLOCK):
        value[:, step] += share[:, step] * value[:, step - 1]
        share[:, step] *= share[:, step - 1]
    state = before
    for block in range(blocks):
        value[block] += share[block] * state
        state = value[block, -1]
    joined: Matrix = value.reshape(-1, *kept.shape[1:])[:steps]
    return joined


def _stepwise(kept: Matrix, added: Matrix, before: Matrix) -> Matrix:
    value, state = added.copy(), before
    for step in range(kept.shape[0]):
        value[step] += kept[step] * state
        state = value[step]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """A slowly followed level, (machines, m), and how many values it has settled on so far.

    What is seen in a stretch of time counts from the next one on: `pending` and `seen` (machines, m) hold the deviations
    and their number in the stretch `stretch` (machines,), -1 before the first.
    """

    value: Matrix
    settled: Matrix
    pending: Matrix
    seen: Matrix
    stretch: Rows

    def of(self, columns: NDArray[np.bool_]) -> "Level":
        """Return some of the columns."""
        return Level(
            value=self.value[:, columns],
            settled=self.settled[:, columns],
            pending=self.pending[:, columns],
            seen=self.seen[:, columns],
            stretch=self.stretch,
        )

    def put(self, columns: NDArray[np.bool_], other: "Level") -> "Level":
        """Return the levels with some of the columns replaced, in the stretch of the others."""
        return Level(
            value=_put(self.value, columns, other.value),
            settled=_put(self.settled, columns, other.settled),
            pending=_put(self.pending, columns, other.pending),
            seen=_put(self.seen, columns, other.seen),
            stretch=other.stretch,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How a level is followed: by `rate` of what deviates, at most 1 at a time, once `settling` values were averaged."""

    rate: float
    settling: int
    stretch_ns: int


def settled_level(machines: int, columns: int, how: Following) -> Level:
    """Return levels at zero that are settled."""
    nothing = np.zeros((machines, columns))
    return Level(
        value=nothing,
        settled=np.full((machines, columns), float(how.settling)),
        pending=nothing,
        seen=nothing,
        stretch=np.full(machines, -1, dtype=np.int64),
    )


def recentre(
    rows: Matrix, ends_ns: NDArray[np.int64], layout: Layout, before: Level, how: Following
) -> tuple[Matrix, Level]:
    """Return the deviations of rows (n, m) from their level, and where the levels stand.

    While a level settles it is the mean of what it has seen, and there is no deviation (NaN). Afterwards it follows so
    slowly, and so little by outliers, that a fault is not taken for the new normal.
    """
    stretch = (ends_ns - 1) // how.stretch_ns
    order = np.lexsort((layout.machine, stretch))
    starts = np.append(segment_starts(stretch[order]), order.size)
    value, settled, pending, seen = (
        part.copy() for part in (before.value, before.settled, before.pending, before.seen)
    )
    current = before.stretch.copy()
    apart = np.empty(rows.shape)
    for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        chosen = order[first:end]
        owner = layout.machine[chosen]
        begun = np.unique(owner)
        moved = begun[current[begun] != stretch[chosen[0]]]
        _fold((value, settled, pending, seen), moved, how)
        current[moved] = stretch[chosen[0]]
        deviations = rows[chosen] - value[owner]
        young = settled[owner] < how.settling
        counted = np.where(np.isnan(deviations), 0.0, np.where(young, deviations, np.clip(deviations, -1.0, 1.0)))
        edges = segment_starts(owner)
        pending[begun] += np.add.reduceat(counted, edges, axis=0)
        seen[begun] += np.add.reduceat((~np.isnan(deviations)).astype(np.float64), edges, axis=0)
        apart[chosen] = np.where(young, np.nan, deviations)
    return apart, Level(value=value, settled=settled, pending=pending, seen=seen, stretch=current)


def _fold(parts: tuple[Matrix, Matrix, Matrix, Matrix], machines: Rows, how: Following) -> None:
    """Let what was seen in a stretch that is over move the levels of those machines."""
    value, settled, pending, seen = parts
    young = settled[machines] < how.settling
    together = settled[machines] + seen[machines]
    mean = np.divide(pending[machines], together, out=np.zeros(together.shape), where=together > 0)
    value[machines] += np.where(young, mean, how.rate * pending[machines])
    settled[machines] = np.where(young, together, settled[machines])
    pending[machines] = 0.0
    seen[machines] = 0.0
