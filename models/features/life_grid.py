"""One life on an even grid of steps, whatever the pace at which its readings came."""

from dataclasses import dataclass

import numpy as np

from models.features.operating_regime import RegimeScale
from models.features.trajectories import Matrix, Rows, Trajectories, Vector

STEPS_PER_LIFE = 250
"""A usual life is about so many steps long: enough to see a trend, few enough to learn from many lives."""

USUAL_STEPS = 200.0
"""Lengths of windows are given for a life of so many steps, and stretch with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeClock:
    """How long a step is, and how long a usual life, both in the unit of age.

    Where `from_first_row`, the time of a row says nothing of age, because units begin anywhere: age counts from the
    first row of a unit.
    """

    step: float
    usual_life: float
    from_first_row: bool

    def steps(self, length: float) -> int:
        """Return how many steps a window is long that is `length` steps long in a life of `USUAL_STEPS`; at least 2."""
        return max(2, round(length * self.usual_life / self.step / USUAL_STEPS))


@dataclass(frozen=True, slots=True, kw_only=True)
class GridLife:
    """One life on its grid: `values` (steps, k), age at the end of what was seen of each step, and the row behind it.

    `last_row` (steps,) is the unit's last row in a step, -1 where there is none: then `age` is that of the step before.
    """

    values: Matrix
    age: Vector
    last_row: Rows


def life_clock(trajectories: Trajectories) -> LifeClock:
    """Return the clock of units that were seen from their beginning on."""
    bounds = trajectories.bounds()
    first, last = trajectories.age[bounds[:-1]], trajectories.age[bounds[1:] - 1]
    within = np.diff(trajectories.age)[np.diff(trajectories.unit) == 0]
    interval = float(np.median(within[within > 0])) if (within > 0).any() else 1.0
    span = float(np.median(last - first + interval))
    anywhere = bool(np.ptp(first) > span)
    usual = span if anywhere else max(span, float(np.median(last)))
    return LifeClock(
        step=interval * max(1, round(span / interval / STEPS_PER_LIFE)), usual_life=usual, from_first_row=anywhere
    )


def on_grid(trajectories: Trajectories, unit: int, scale: RegimeScale, clock: LifeClock, used: Rows) -> GridLife:
    """Return the mean of a unit's standardised readings of the sensors `used` in each step."""
    first, end = trajectories.bounds()[unit : unit + 2].tolist()
    rows = slice(first, end)
    standard = scale.standardise(trajectories.settings[rows], trajectories.sensors[rows])[:, used]
    age = trajectories.age[rows] - (trajectories.age[first] if clock.from_first_row else 0.0)
    step = np.floor((age - age[0]) / clock.step + 1e-6).astype(np.int64)
    starts = np.flatnonzero(np.diff(step, prepend=-1))
    there = np.isfinite(standard)
    total = np.add.reduceat(np.where(there, standard, 0.0), starts, axis=0)
    count = np.add.reduceat(there.astype(np.float64), starts, axis=0)
    values = np.full((int(step[-1]) + 1, used.size), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        values[step[starts]] = np.where(count > 0, total / count, np.nan)
    last_row = np.full(values.shape[0], -1, dtype=np.int64)
    last_row[step] = np.arange(step.size)
    known = np.maximum.accumulate(last_row)
    return GridLife(values=values, age=age[known], last_row=np.where(last_row >= 0, last_row + first, -1))
