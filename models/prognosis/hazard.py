"""Failure within some horizons, from what is known of a part now: a discrete-time hazard learnt from many moments."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.features.trajectories import Matrix, Vector


class Classifier(Protocol):
    """What the probability within one horizon is predicted by."""

    def predict_proba(self, rows: Matrix) -> Matrix:
        """Return the probabilities of staying whole and of failing (n, 2)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardModel:
    """One classifier for each horizon (h,), shortest first, on features `names`.

    `always_there` (f,) marks the features that were never missing while it was learnt, `low` and `high` (f,) what was
    seen of each.
    """

    names: tuple[str, ...]
    horizons: Vector
    classifiers: tuple[Classifier, ...]
    always_there: NDArray[np.bool_]
    low: Vector
    high: Vector


def failure_probability(model: HazardModel, rows: Matrix) -> Matrix:
    """Return the probability of failure within each horizon (n, h), never falling with it; NaN where nothing can be said.

    Nothing is said of a row that lacks a feature which was always there while the model was learnt.
    """
    found = np.full((rows.shape[0], model.horizons.size), np.nan)
    known = answerable(model, rows)
    if known.any():
        each = [classifier.predict_proba(rows[known])[:, 1] for classifier in model.classifiers]
        found[known] = np.maximum.accumulate(np.column_stack(each), axis=1)
    return found


def answerable(model: HazardModel, rows: Matrix) -> NDArray[np.bool_]:
    """Return of which rows (n,) something can be said."""
    missing = np.isnan(rows) & model.always_there
    return np.asarray(~missing.any(axis=1))


def missing_features(model: HazardModel, row: Vector) -> tuple[str, ...]:
    """Return the features for whose lack nothing can be said of a row (f,)."""
    return tuple(name for name, lacks in zip(model.names, np.isnan(row) & model.always_there, strict=True) if lacks)
