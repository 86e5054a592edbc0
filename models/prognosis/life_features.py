"""What is known of a life at each step of it: memory of its sensors, of its health index, and its age."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features.life_grid import GridLife, LifeClock, on_grid
from models.features.memory import drift, exponential_mean, running_mean, window_mean, window_rise, window_sd
from models.features.operating_regime import RegimeScale
from models.features.trajectories import Matrix, Rows, Trajectories, Vector
from models.health_assessment.life_index import LifeIndex

INDEX_WEIGHT = 0.15
FAST, SLOW = 0.1, 0.03
RISE, FIRST, LAST = 50, 10, 15
LAG_MEAN = 5
LAGS = (0, 5, 10, 15, 20, 25, 30, 40, 50)
INDEX_MEANS = (3, 10, 25)
INDEX_RISES = (15, 30, 60)
INDEX_LAGS = (10, 25, 50, 80)
INDEX_SD = 30
"""Lengths are in steps of a life of `USUAL_STEPS`; the clock stretches them."""

Single = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureRule:
    """How readings become features: learnt on whole lives, applied to any."""

    clock: LifeClock
    scale: RegimeScale
    used: Rows
    index: LifeIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSteps:
    """What is known at n steps: two views of the sensors, `summary` and `lags`, age in usual lives and the row behind.

    `row` (n,) is the row of the trajectories after which it was known.
    """

    summary: Single
    lags: Single
    age: Vector
    row: Rows

    def at(self, chosen: NDArray[np.bool_] | Rows) -> "KnownSteps":
        """Return the steps chosen."""
        return KnownSteps(
            summary=self.summary[chosen], lags=self.lags[chosen], age=self.age[chosen], row=self.row[chosen]
        )


def smoothed_life(life: GridLife, clock: LifeClock) -> Matrix:
    """Return the readings of a life as the health index sees them (steps, k)."""
    return exponential_mean(life.values, _weight(INDEX_WEIGHT, clock))


def known_steps(trajectories: Trajectories, unit: int, rule: FeatureRule) -> KnownSteps:
    """Return what is known of a unit at each step in which it was seen."""
    life = on_grid(trajectories, unit, rule.scale, rule.clock, rule.used)
    seen = life.last_row >= 0
    index = _index_views(rule.index.series(smoothed_life(life, rule.clock)), rule.clock)
    age = (life.age / rule.clock.usual_life)[:, None]
    summary = np.column_stack([*_summaries(life.values, rule.clock), index, age])
    lags = np.column_stack([*_lagged(life.values, rule.clock), index, age])
    return KnownSteps(
        summary=summary[seen].astype(np.float32),
        lags=lags[seen].astype(np.float32),
        age=age[seen, 0],
        row=life.last_row[seen],
    )


def join_steps(many: list[KnownSteps]) -> KnownSteps:
    """Return the steps of several units one after the other."""
    return KnownSteps(
        summary=np.concatenate([each.summary for each in many]),
        lags=np.concatenate([each.lags for each in many]),
        age=np.concatenate([each.age for each in many]),
        row=np.concatenate([each.row for each in many]),
    )


def _weight(usual: float, clock: LifeClock) -> float:
    """Return the weight of the newest step that remembers the same share of a life as `usual` in one of usual length."""
    return 1.0 / max(clock.steps(1000.0 / usual) / 1000.0, 1.0)


def _summaries(values: Matrix, clock: LifeClock) -> list[Matrix]:
    return [
        exponential_mean(values, _weight(FAST, clock)),
        exponential_mean(values, _weight(SLOW, clock)),
        window_rise(values, clock.steps(RISE)),
        drift(values, clock.steps(FIRST), clock.steps(LAST)),
        running_mean(values),
    ]


def _lagged(values: Matrix, clock: LifeClock) -> list[Matrix]:
    width = clock.steps(LAG_MEAN)
    shift = [clock.steps(lag) if lag else 0 for lag in LAGS]
    return [*(window_mean(values, width, lag) for lag in shift), running_mean(values)]


def _index_views(series: Matrix, clock: LifeClock) -> Matrix:
    views = [window_mean(series, clock.steps(width)) for width in INDEX_MEANS]
    views += [window_sd(series, clock.steps(INDEX_SD))]
    views += [window_rise(series, clock.steps(width)) for width in INDEX_RISES]
    views += [window_mean(series, clock.steps(LAG_MEAN), clock.steps(lag)) for lag in INDEX_LAGS]
    views += [
        exponential_mean(series, _weight(SLOW, clock)),
        drift(series, clock.steps(FIRST), clock.steps(FIRST)),
        running_mean(series),
    ]
    return np.column_stack(views)
