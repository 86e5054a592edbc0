"""A long series in as many points as a chart has pixel columns: what matters, the extremes, is kept."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.reading import Times, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A series to draw, arrays (n,): extremes, mean, share of good readings (0–1) and the union of quality flags.

    A gap is a point whose values are NaN.
    """

    times_ns: Times
    low: Values
    high: Values
    mean: Values
    good_share: Values
    flags: NDArray[np.int64]

    def holes(self, start_ns: int, end_ns: int) -> tuple[tuple[int, int], ...]:
        """Return the spans of [start, end) without a value: before the first, after the last, and around each gap."""
        known = self.times_ns[~np.isnan(self.low)]
        if not known.size:
            return ((start_ns, end_ns),)
        before = np.searchsorted(known, self.times_ns[np.isnan(self.low)])
        inside = np.unique(before[(before > 0) & (before < known.size)])
        edges = [(int(known[i - 1]), int(known[i])) for i in inside]
        return ((start_ns, int(known[0])), *edges, (int(known[-1]), end_ns))


def decimate(points: Points, *, columns: int, gap_ns: int) -> Points:
    """Return at most `columns` points that keep every column's minimum and maximum, with gaps marked.

    Points without a value are dropped first; then, wherever two neighbours are further apart than `gap_ns`, a point
    without values is put between them, so that a line through the points breaks there.
    """
    kept = _select(points, ~np.isnan(points.low))
    if kept.times_ns.size > columns:
        kept = _by_column(kept, columns)
    return _mark_gaps(kept, gap_ns)


def closed_off(points: Points, end_ns: int, gap_ns: int) -> Points:
    """Return the points with a gap marked at their end, where what follows at `end_ns` is too far away."""
    if not points.times_ns.size or end_ns - int(points.times_ns[-1]) <= gap_ns:
        return points
    after = int(points.times_ns[-1]) + (end_ns - int(points.times_ns[-1])) // 2
    nothing = np.array([np.nan])
    hole = Points(
        times_ns=np.array([after], dtype=np.int64),
        low=nothing,
        high=nothing,
        mean=nothing,
        good_share=np.zeros(1),
        flags=np.zeros(1, dtype=np.int64),
    )
    return join(points, hole)


def join(first: Points, second: Points) -> Points:
    """Return one series after the other."""
    return Points(
        times_ns=np.concatenate((first.times_ns, second.times_ns)),
        low=np.concatenate((first.low, second.low)),
        high=np.concatenate((first.high, second.high)),
        mean=np.concatenate((first.mean, second.mean)),
        good_share=np.concatenate((first.good_share, second.good_share)),
        flags=np.concatenate((first.flags, second.flags)),
    )


def _select(points: Points, which: NDArray[np.bool_]) -> Points:
    return Points(
        times_ns=points.times_ns[which],
        low=points.low[which],
        high=points.high[which],
        mean=points.mean[which],
        good_share=points.good_share[which],
        flags=points.flags[which],
    )


def _by_column(points: Points, columns: int) -> Points:
    start, end = int(points.times_ns[0]), int(points.times_ns[-1]) + 1
    column = ((points.times_ns - start) // -(-(end - start) // columns)).astype(np.int64)
    firsts = np.flatnonzero(np.concatenate(([True], np.diff(column) > 0)))
    counts = np.diff(np.concatenate((firsts, [column.size])))
    return Points(
        times_ns=points.times_ns[firsts],
        low=np.minimum.reduceat(points.low, firsts),
        high=np.maximum.reduceat(points.high, firsts),
        mean=np.add.reduceat(points.mean, firsts) / counts,
        good_share=np.add.reduceat(points.good_share, firsts) / counts,
        flags=np.bitwise_or.reduceat(points.flags, firsts),
    )


def _mark_gaps(points: Points, gap_ns: int) -> Points:
    if points.times_ns.size < 2:
        return points
    typical = int(np.median(np.diff(points.times_ns)))
    before = np.flatnonzero(np.diff(points.times_ns) > max(gap_ns, 3 * typical)) + 1
    middles = (points.times_ns[before - 1] + points.times_ns[before]) // 2
    return Points(
        times_ns=np.insert(points.times_ns, before, middles),
        low=np.insert(points.low, before, np.nan),
        high=np.insert(points.high, before, np.nan),
        mean=np.insert(points.mean, before, np.nan),
        good_share=np.insert(points.good_share, before, 0.0),
        flags=np.insert(points.flags, before, 0),
    )
