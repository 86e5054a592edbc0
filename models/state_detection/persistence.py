"""When a score becomes a condition: N of M windows before it is raised, a calm stretch before it clears."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.artefact import Vector

NEEDED = 5
OF = 6
"""So many of the last so many windows must be past the threshold."""

CALM_BELOW = 0.8
CALM_WINDOWS = 10
"""A condition clears after so many windows in a row below the deadband."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMemory:
    """What the next decision depends on.

    `recent` tells which of the last windows were past the threshold, newest last, and `calm` for how many in a row the
    score has been below the deadband; `since_ns` is when the condition was raised, None where none holds.
    """

    recent: tuple[bool, ...] = ()
    calm: int = 0
    since_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a condition: rows `first` to `last` of the block, `until_ns` None while it holds."""

    since_ns: int
    until_ns: int | None
    first: int
    last: int


def track(score: Vector, ends_ns: NDArray[np.int64], memory: AlarmMemory) -> tuple[tuple[Span, ...], AlarmMemory]:
    """Return the stretches in which a machine's scores (n,) make a condition, and what the next block goes on from.

    Windows without a score are passed over: they neither raise nor clear.

    Examples
    --------
    >>> ends = np.arange(8, dtype=np.int64)
    >>> spans, _ = track(np.full(8, 2.0), ends, AlarmMemory())
    >>> spans[0].since_ns
    4
    """
    scored = np.flatnonzero(~np.isnan(score))
    high, calm = score[scored] > 1.0, score[scored] < CALM_BELOW
    raising = _rolling(high, memory.recent) >= NEEDED
    clearing = _runs(calm, memory.calm) >= CALM_WINDOWS
    spans, since = _spans((raising, clearing), scored, ends_ns, memory.since_ns)
    recent = (*memory.recent, *high[-OF:].tolist())[-(OF - 1) :]
    run = _runs(calm, memory.calm)
    after = AlarmMemory(
        recent=recent, calm=int(min(run[-1], CALM_WINDOWS)) if run.size else memory.calm, since_ns=since
    )
    return spans, after


def _rolling(flags: NDArray[np.bool_], before: tuple[bool, ...]) -> NDArray[np.int64]:
    """Return how many of each window's last OF are set."""
    padded = np.concatenate((np.zeros(OF - len(before), np.int64), np.array(before, np.int64), flags.astype(np.int64)))
    total = np.cumsum(padded)
    return total[OF:] - total[:-OF]


def _runs(flags: NDArray[np.bool_], before: int) -> NDArray[np.int64]:
    """Return how many windows in a row are set up to each, `before` having been set in a row already."""
    rows = np.arange(1, flags.size + 1)
    broken = np.maximum.accumulate(np.where(flags, 0, rows)) if flags.size else rows
    return np.where(flags, rows - broken + np.where(broken == 0, before, 0), 0)


def _spans(
    turns: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    rows: NDArray[np.int64],
    ends_ns: NDArray[np.int64],
    since_ns: int | None,
) -> tuple[tuple[Span, ...], int | None]:
    raising, clearing = turns
    spans: list[Span] = []
    at = 0
    while at < rows.size:
        if since_ns is None:
            start = at + int(np.argmax(raising[at:]))
            if not raising[start]:
                break
            since_ns = int(ends_ns[rows[start]])
        else:
            start = at
        end = start + int(np.argmax(clearing[start:]))
        if not clearing[end]:
            spans.append(Span(since_ns=since_ns, until_ns=None, first=int(rows[start]), last=int(rows[-1])))
            break
        spans.append(
            Span(since_ns=since_ns, until_ns=int(ends_ns[rows[end]]), first=int(rows[start]), last=int(rows[end]))
        )
        since_ns, at = None, end + 1
    return tuple(spans), since_ns
