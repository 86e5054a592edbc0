"""A level that a sensor has hardly ever been below before: for one sensor alone, from the first days on."""

from bisect import bisect_left, insort
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.artefact import Vector
from models.errors import NotEnoughDataError


def below_own_past(ends: Vector, values: Vector, *, lag: float, rare: float, deadband: float) -> NDArray[np.bool_]:
    """Return at which of the rising times `ends` (n,) a value is below all but the rarest of what came before.

    Below by more than `deadband` than the quantile `rare` of the values up to `lag` ago: what begins now does not count as
    usual at once. A missing value says nothing and teaches nothing.
    """
    if (np.diff(ends) < 0).any():
        raise NotEnoughDataError("a clock went back; sort the readings by time or mend their times")
    return np.array(list(_judged(ends.tolist(), values.tolist(), (lag, rare, deadband))), dtype=np.bool_)


def _judged(ends: list[float], values: list[float], how: tuple[float, float, float]) -> Iterator[bool]:
    lag, rare, deadband = how
    past: list[float] = []
    learnt = 0
    for end, value in zip(ends, values, strict=True):
        while ends[learnt] <= end - lag:
            if np.isfinite(values[learnt]):
                insort(past, values[learnt])
            learnt += 1
        yield bool(past) and bisect_left(past, value + deadband) / len(past) <= rare and np.isfinite(value)


def trailing_mean(ends: Vector, values: Vector, span: float) -> Vector:
    """Return the mean of the values there in the `span` up to and with each time (n,), NaN where there is none."""
    there = np.isfinite(values)
    total = np.concatenate([[0.0], np.cumsum(np.where(there, values, 0.0))])
    count = np.concatenate([[0.0], np.cumsum(there)])
    first = np.searchsorted(ends, ends - span, side="right")
    last = np.arange(1, ends.size + 1)
    with np.errstate(invalid="ignore"):
        return np.asarray(
            (total[last] - total[first]) / np.where(count[last] > count[first], count[last] - count[first], np.nan)
        )
