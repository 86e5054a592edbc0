"""The regressions that are blended: trees, neural networks on two views of a life, support vectors."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from models.features.trajectories import Vector
from models.prognosis.life_features import KnownSteps
from models.prognosis.remaining_life import Member, Regressor, View

MOST_ROWS_SVR = 5_000
MOST_ROWS = 40_000
BINS = 63
"""Coarse bins cost a sixth of the time of fine ones and nothing in accuracy: readings are noisier than a bin is wide."""

SEEN_ROWS, PASSES = 600_000, (12, 200)
"""A network sees about so many rows, in a number of passes between two bounds; it never stops early by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Steps to learn from, what was left at each in knees (n,), and how much each counts (n,)."""

    steps: KnownSteps
    left: Vector
    weight: Vector

    def some(self, most: int, rng: np.random.Generator) -> "Lesson":
        """Return at most so many of the steps, drawn at random."""
        if self.left.size <= most:
            return self
        chosen = np.sort(rng.choice(self.left.size, most, replace=False))
        return Lesson(steps=self.steps.at(chosen), left=self.left[chosen], weight=self.weight[chosen])

    def rows(self, view: View) -> NDArray[np.float32]:
        """Return the features of the steps in one of the views."""
        return self.steps.summary if view is View.SUMMARY else self.steps.lags


def fit_members(lesson: Lesson, seed: int) -> tuple[Member, ...]:
    """Return the members of the blend."""
    rng = np.random.default_rng(seed)
    some, few = lesson.some(MOST_ROWS, rng), lesson.some(MOST_ROWS_SVR, rng)
    return (
        _member("trees on summary", View.SUMMARY, some, (_trees(seed), _trees(seed + 1))),
        _member("networks on summary", View.SUMMARY, some, (_network(seed), _network(seed + 1))),
        _member("network on lags", View.LAGS, some, (_network(seed + 2),)),
        _member("support vectors on summary", View.SUMMARY, few, (_support_vectors(few),)),
    )


_Fit = Callable[[NDArray[np.float32], Vector, Vector], Regressor]


def _member(name: str, view: View, lesson: Lesson, fits: tuple[_Fit, ...]) -> Member:
    rows = lesson.rows(view)
    return Member(name=name, view=view, models=tuple(fit(rows, lesson.left, lesson.weight) for fit in fits))


def _trees(seed: int) -> _Fit:
    def fit(rows: NDArray[np.float32], left: Vector, weight: Vector) -> Regressor:
        model: Regressor = HistGradientBoostingRegressor(
            max_iter=150,
            learning_rate=0.08,
            max_leaf_nodes=24,
            max_bins=BINS,
            min_samples_leaf=_leaf(left.size),
            l2_regularization=10.0,
            max_features=0.1,
            early_stopping=False,
            random_state=seed,
        ).fit(rows, left, sample_weight=weight / weight.mean())
        return model

    return fit


def _leaf(rows: int) -> int:
    """Return the least rows of a leaf: 30, fewer where there are hardly any."""
    return int(np.clip(rows // 40, 5, 30))


def _network(seed: int) -> _Fit:
    def fit(rows: NDArray[np.float32], left: Vector, weight: Vector) -> Regressor:
        passes = int(np.clip(SEEN_ROWS // left.size, *PASSES))
        network = MLPRegressor(
            hidden_layer_sizes=(96, 48),
            alpha=0.1,
            max_iter=2 * passes,
            tol=1e9,
            n_iter_no_change=passes,
            random_state=seed,
        )
        return _scaled(network, rows, left, weight)

    return fit


def _support_vectors(lesson: Lesson) -> _Fit:
    columns = lesson.steps.summary.shape[1]

    def fit(rows: NDArray[np.float32], left: Vector, weight: Vector) -> Regressor:
        return _scaled(SVR(C=1.0, epsilon=0.03, gamma=0.15 / columns, cache_size=500), rows, left, weight)

    return fit


def _scaled(model: MLPRegressor | SVR, rows: NDArray[np.float32], left: Vector, weight: Vector) -> Regressor:
    pipeline: Pipeline = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), model
    )
    name = pipeline.steps[-1][0]
    single, share = left.astype(np.float32), (weight / weight.mean()).astype(np.float32)
    fitted: Regressor = pipeline.fit(rows, single, **{f"{name}__sample_weight": share})
    return fitted
