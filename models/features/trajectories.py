"""Readings of units from the beginning of their lives on: what a remaining life is learnt from and told by."""

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Vector = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trajectories:
    """Readings of units, n rows; the rows of a unit lie together in the order in which they came.

    `unit` (n,) is a row's place in `units`; `age` (n,) counts in the life unit, strictly rising within a unit when all is
    well. `settings` (n, s) are the operating conditions, `sensors` (n, k) the readings, NaN where one is missing.
    """

    units: tuple[str, ...]
    setting_names: tuple[str, ...]
    sensor_names: tuple[str, ...]
    unit: Rows
    age: Vector
    settings: Matrix
    sensors: Matrix

    def bounds(self) -> Rows:
        """Return where each unit's rows begin, and the end of the last one's (units + 1,)."""
        return np.searchsorted(self.unit, np.arange(len(self.units) + 1)).astype(np.int64)

    def ends(self) -> Vector:
        """Return the last age of each unit (units,), NaN where it has no row."""
        bounds = self.bounds()
        filled = bounds[1:] > bounds[:-1]
        last = np.full(len(self.units), np.nan)
        last[filled] = self.age[bounds[1:][filled] - 1]
        return last

    def only(self, chosen: NDArray[np.bool_]) -> "Trajectories":
        """Return the units that `chosen` (units,) names, with all their rows."""
        rows = chosen[self.unit]
        place = np.cumsum(chosen) - 1
        return replace(
            self._at(np.flatnonzero(rows)),
            units=tuple(name for name, stays in zip(self.units, chosen, strict=True) if stays),
            unit=place[self.unit[rows]].astype(np.int64),
        )

    def until(self, rows: Rows) -> "Trajectories":
        """Return, for each row named, a unit of its own that ends with that row: what was known at that moment."""
        first = self.bounds()[self.unit[rows]]
        lengths = rows - first + 1
        taken = np.concatenate([np.arange(a, b + 1) for a, b in zip(first.tolist(), rows.tolist(), strict=True)])
        return replace(
            self._at(taken.astype(np.int64)),
            units=tuple(f"{self.units[self.unit[row]]}@{row}" for row in rows.tolist()),
            unit=np.repeat(np.arange(rows.size), lengths).astype(np.int64),
        )

    def _at(self, rows: Rows) -> "Trajectories":
        return replace(
            self,
            unit=self.unit[rows],
            age=self.age[rows],
            settings=self.settings[rows],
            sensors=self.sensors[rows],
        )


class Fault(StrEnum):
    """Why nothing can be said of a unit."""

    NO_ROWS = "no_rows"
    AGE_MISSING = "age_missing"
    AGE_NEGATIVE = "age_negative"
    AGE_UNSEEN = "age_unseen"
    CLOCK_BACK = "clock_back"
    SENSOR_SILENT = "sensor_silent"
    SENSOR_STUCK = "sensor_stuck"
    REGIME_UNSEEN = "regime_unseen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One unit of which nothing can be said, and what of it is at fault: a sensor's name or an age."""

    unit: int
    fault: Fault
    subject: str = ""


def clock_troubles(trajectories: Trajectories) -> tuple[Trouble, ...]:
    """Return the units whose ages are missing, negative or run backwards, or that have no row at all."""
    bounds = trajectories.bounds().tolist()
    found = (_clock_trouble(i, trajectories.age[a:b]) for i, (a, b) in enumerate(pairwise(bounds)))
    return tuple(trouble for trouble in found if trouble is not None)


def _clock_trouble(unit: int, age: Vector) -> Trouble | None:
    if age.size == 0:
        return Trouble(unit=unit, fault=Fault.NO_ROWS)
    if not np.isfinite(age).all():
        return Trouble(unit=unit, fault=Fault.AGE_MISSING)
    if age.min() < 0:
        return Trouble(unit=unit, fault=Fault.AGE_NEGATIVE, subject=f"{age.min():g}")
    back = np.flatnonzero(np.diff(age) < 0)
    return Trouble(unit=unit, fault=Fault.CLOCK_BACK, subject=f"{age[back[0] + 1]:g}") if back.size else None
