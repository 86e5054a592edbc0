"""Fits the hazard on moments of many parts, those that were taken off too soon counted by inverse probability."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from models.errors import NotEnoughDataError
from models.features.trajectories import Matrix, Vector
from models.prognosis.hazard import Classifier, HazardModel
from models.training.metrics import ipcw_weights

LEAST_FAILURES = 10
LEAF_ROWS = 80.0
"""A leaf stands on so many moments, more where a few heavy ones count for many, and is drawn to the mean by as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Moments of parts, n rows: features (n, f), how long each part was seen from there on (n,), and whether it then failed.

    `upto` (n,) is how long it could have been seen at most: a moment counts for a horizon only if that reaches it, so that
    none is used whose outcome the data end before.
    """

    names: tuple[str, ...]
    rows: Matrix
    time: Vector
    failed: NDArray[np.bool_]
    upto: Vector

    def reaching(self, horizon: float) -> "Landmarks":
        """Return the moments that could be seen for so long."""
        chosen = self.upto >= horizon
        return Landmarks(
            names=self.names,
            rows=self.rows[chosen],
            time=self.time[chosen],
            failed=self.failed[chosen],
            upto=self.upto[chosen],
        )


def fit_hazard(landmarks: Landmarks, horizons: Vector, *, seed: int) -> HazardModel:
    """Return one classifier for each horizon.

    Raises
    ------
    NotEnoughDataError
        If a feature carries no value at all, or too few parts failed within a horizon.
    """
    there = np.isfinite(landmarks.rows)
    silent = [name for name, seen in zip(landmarks.names, np.atleast_1d(there.any(axis=0)), strict=True) if not seen]
    if silent:
        raise NotEnoughDataError(f"feature {silent[0]} carries no value; leave it out or mend what it is made from")
    if (landmarks.time < 0).any():
        raise NotEnoughDataError("a part was seen for less than no time; correct the times of its record")
    classifiers = tuple(_classifier(landmarks.reaching(horizon), horizon, seed) for horizon in horizons.tolist())
    return HazardModel(
        names=landmarks.names,
        horizons=horizons,
        classifiers=classifiers,
        always_there=np.atleast_1d(there.all(axis=0)),
        low=np.nanmin(landmarks.rows, axis=0),
        high=np.nanmax(landmarks.rows, axis=0),
    )


def _classifier(landmarks: Landmarks, horizon: float, seed: int) -> Classifier:
    weight = ipcw_weights(landmarks.time, landmarks.failed, horizon)
    outcome = landmarks.failed & (landmarks.time <= horizon)
    known = weight > 0
    if outcome.sum() < LEAST_FAILURES or not (known & ~outcome).any():
        raise NotEnoughDataError(
            f"{int(outcome.sum())} moments with a failure within {horizon:g}, and {LEAST_FAILURES} are needed; wait for "
            "more lives, or take a longer horizon"
        )
    share = float(np.average(outcome[known], weights=weight[known]))
    alike = LEAF_ROWS * float(np.mean(weight[known] ** 2) / np.mean(weight[known]) ** 2)
    model: Classifier = HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.05,
        max_leaf_nodes=8,
        max_bins=63,
        min_samples_leaf=int(np.clip(alike, 5, max(known.sum() // 20, 5))),
        l2_regularization=alike * share * (1.0 - share),
        early_stopping=False,
        random_state=seed,
    ).fit(landmarks.rows[known], outcome[known], sample_weight=weight[known])
    return model
