"""Sensors whose cables are exchanged, or whose values come in another unit: found by what puts them right.

Half an hour's values that the machine's other sensors do not account for as they are, and do once two are exchanged or one
is converted back, are told as that.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from configs.units import Conversion
from ingest.quality.profile import other_units
from ingest.quality.suspicion import HALF_HOUR, SensorHistory, Suspicion, Together, grouped
from ingest.reading import QualityFlag, Values

APART, NEARER = 2.0, 3.0
"""How much further than 19 half-hours in 20 the values must stand, and how much nearer once they are put right."""

Mend = Callable[[Values, Values, Sequence[int]], Values]
"""Puts rows (n, m), in usual spans, right at some sensors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mistake:
    """What may be wrong with the sensors `at`, and how their values are put right."""

    at: tuple[int, ...]
    flag: QualityFlag
    mend: Mend


def exchanged_or_converted(history: SensorHistory, group: Together) -> Iterator[Suspicion]:
    """Yield the sensors of the one mistake that accounts for most."""
    before, now = grouped(group.base, HALF_HOUR), grouped(group.recent[-HALF_HOUR:], HALF_HOUR)
    best: tuple[Suspicion, ...] = ()
    left = np.inf
    for mistake in _mistakes(group):
        mended = mistake.mend(now, group.spans, mistake.at)
        found = _likeliness(group, mistake.at, before, (now, mended))
        whole = float(group.siblings.distance(mended, range(len(group.sensors)))[-1])
        if found > history.ease(group.sensors[mistake.at[0]], mistake.flag) and whole < left:
            left = whole
            best = tuple(history.suspicion(group.sensors[at], mistake.flag, HALF_HOUR, found) for at in mistake.at)
    yield from best


def _likeliness(group: Together, at: Sequence[int], before: Values, now: tuple[Values, Values]) -> float:
    """Return above 1 where values (as they are, as they are mended) stand out only as they are."""
    as_they_are, mended = (float(group.siblings.distance(rows, at)[-1]) for rows in now)
    usual = float(np.quantile(group.siblings.distance(before, at), 0.95))
    return min(as_they_are / (APART * usual), as_they_are / (NEARER * max(mended, 1e-9)))


def _mistakes(group: Together) -> Iterator[_Mistake]:
    for i, j in combinations(range(len(group.sensors)), 2):
        one, other = group.sensors[i], group.sensors[j]
        if one.measurand == other.measurand and one.role is other.role:
            yield _Mistake(at=(i, j), flag=QualityFlag.SUSPECT_SWAP, mend=_exchange)
    for i, sensor in enumerate(group.sensors):
        for way in other_units(sensor):
            yield _Mistake(at=(i,), flag=QualityFlag.SUSPECT_UNIT, mend=_converting(way))


def _exchange(rows: Values, spans: Values, at: Sequence[int]) -> Values:
    i, j = at
    mended = rows.copy()
    mended[:, i], mended[:, j] = rows[:, j] * spans[j] / spans[i], rows[:, i] * spans[i] / spans[j]
    return mended


def _converting(way: Conversion) -> Mend:
    def mend(rows: Values, spans: Values, at: Sequence[int]) -> Values:
        mended = rows.copy()
        mended[:, at[0]] = way(rows[:, at[0]] * spans[at[0]]) / spans[at[0]]
        return mended

    return mend
