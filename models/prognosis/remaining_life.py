"""The life that is left of a unit, from what its sensors have shown so far: a blend of regressions learnt on whole lives."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.features.trajectories import Matrix, Rows, Trajectories, Trouble, Vector
from models.prognosis.conformal import Calibration, interval
from models.prognosis.life_features import FeatureRule, KnownSteps, join_steps, known_steps
from models.prognosis.life_troubles import Habit, troubles_of


class Regressor(Protocol):
    """What a member of the blend, and the size of its error, are predicted by."""

    def predict(self, rows: NDArray[np.float32] | Matrix) -> Vector:
        """Return a value for each row (n,)."""
        ...


class View(StrEnum):
    """Which of the two views of a life a member looks at."""

    SUMMARY = "summary"
    LAGS = "lags"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the blend: `models` that look at the same view, whose mean it tells."""

    name: str
    view: View
    models: tuple[Regressor, ...]

    def predict(self, steps: KnownSteps) -> Vector:
        """Return what is left at each step (n,), in knees."""
        rows = steps.summary if self.view is View.SUMMARY else steps.lags
        return np.asarray(np.mean([model.predict(rows) for model in self.models], axis=0), dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSpan:
    """The scale of remaining lives in the unit of age: what is left is told in `knee`s and never above `most`."""

    knee: float
    most: float

    @property
    def is_capped(self) -> bool:
        """Whether nothing beyond a knee is told."""
        return self.most <= self.knee


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What one part of the lives taught: how to look at a life, and the members of the blend."""

    rule: FeatureRule
    members: tuple[Member, ...]

    def predict(self, steps: KnownSteps) -> Matrix:
        """Return what each member says of each step (n, members), in knees."""
        return np.column_stack([member.predict(steps) for member in self.members])


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingLifeModel:
    """All that was learnt of one kind of unit.

    `folds` each learnt from all lives but some, and what they say is averaged: their errors on the lives each had not
    seen are what `error` and `calibration` rest on. `weight` (members,) is how much each member counts; `rule` and `habit`
    are of all lives and tell what is unusual.
    """

    rule: FeatureRule
    habit: Habit
    span: LifeSpan
    folds: tuple[Learnt, ...]
    weight: Vector
    error: Regressor
    calibration: Calibration


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingLives:
    """What is left of each unit at its last row (units,), in the unit of age; NaN where `troubles` says why not."""

    predicted: Vector
    error: Vector
    troubles: tuple[Trouble, ...]


LEAST_ERROR = 0.012
"""Of a knee: no residual is expected to be smaller."""


def remaining_lives(model: RemainingLifeModel, trajectories: Trajectories) -> RemainingLives:
    """Return what is left of each unit after its last row, from its own rows alone."""
    troubles = troubles_of(trajectories, model.rule, model.habit)
    found = np.full(len(trajectories.units), np.nan)
    error = found.copy()
    sound = np.setdiff1d(np.arange(found.size), [trouble.unit for trouble in troubles])
    if sound.size:
        told = [_told(model, learnt, last_steps(trajectories, sound, learnt.rule)) for learnt in model.folds]
        found[sound], error[sound] = np.mean(told, axis=0)
    return RemainingLives(
        predicted=np.clip(found * model.span.knee, 0.0, model.span.most),
        error=error * model.span.knee,
        troubles=troubles,
    )


def remaining_interval(model: RemainingLifeModel, found: RemainingLives, share: float) -> tuple[Vector, Vector]:
    """Return the bounds between which the rest of each life lies with probability `share` (units,)."""
    low, high = np.full(found.predicted.size, np.nan), np.full(found.predicted.size, np.nan)
    known = np.isfinite(found.predicted)
    low[known], high[known] = interval(model.calibration, found.predicted[known], found.error[known], share)
    return np.clip(low, 0.0, model.span.most), np.clip(high, 0.0, model.span.most)


def last_steps(trajectories: Trajectories, units: Rows, rule: FeatureRule) -> KnownSteps:
    """Return what is known of units after their last row."""
    many = [known_steps(trajectories, int(unit), rule) for unit in units]
    return join_steps([steps.at(np.array([-1])) for steps in many])


def blend(weight: Vector, each: Matrix) -> Vector:
    """Return the weighted mean of what the members say (n,)."""
    return np.asarray(np.maximum(each @ (weight / weight.sum()), 0.0), dtype=np.float64)


def _told(model: RemainingLifeModel, learnt: Learnt, steps: KnownSteps) -> tuple[Vector, Vector]:
    each = learnt.predict(steps)
    return blend(model.weight, each), expected_error(model.error, each, steps)


def expected_error(model: Regressor, each: Matrix, steps: KnownSteps) -> Vector:
    """Return how far off a prediction is expected to be (n,), in knees."""
    found = model.predict(error_terms(each, steps.age))
    return np.maximum(np.asarray(found, dtype=np.float64), LEAST_ERROR)


def error_terms(each: Matrix, age: Vector) -> Matrix:
    """Return what tells the size of an error (n, 3): what is said, how far the members differ, and age."""
    return np.column_stack([each.mean(axis=1), each.std(axis=1), age])
