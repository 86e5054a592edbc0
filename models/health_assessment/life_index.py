"""A health index learnt from whole lives: what all sensors together say of the life that is left."""

from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import RidgeCV

from models.features.trajectories import Matrix, Vector

PENALTIES = (1.0, 10.0, 100.0, 1000.0, 10000.0)
COMPONENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeIndex:
    """Turns smoothed standardised readings e (n, k) into series: the index, linear in e and e², then main directions.

    `weights` (2 k,) and `offset` give the index, about 0 at failure and 1 far from it; `directions` (d, k) are the
    directions of most variance around `centre` (k,).
    """

    weights: Vector
    offset: float
    centre: Vector
    directions: Matrix

    def series(self, smoothed: Matrix) -> Matrix:
        """Return the series (n, 1 + d); a reading that is missing counts as usual, one step without any stays NaN."""
        seen = np.isfinite(smoothed)
        full = np.where(seen, smoothed, self.centre)
        index = np.column_stack([full, full**2]) @ self.weights + self.offset
        found = np.column_stack([index, (full - self.centre) @ self.directions.T])
        found[~seen.any(axis=1)] = np.nan
        return np.asarray(found, dtype=np.float64)


def fit_life_index(smoothed: Matrix, left: Vector) -> LifeIndex:
    """Return the index that tells best what share (n,) of a knee's length is left, from readings (n, k)."""
    centre = np.nanmean(smoothed, axis=0)
    full = np.where(np.isfinite(smoothed), smoothed, centre)
    fitted = RidgeCV(alphas=PENALTIES).fit(np.column_stack([full, full**2]), left)
    directions = PCA(n_components=min(COMPONENTS, full.shape[1]), random_state=0).fit(full).components_
    return LifeIndex(
        weights=np.asarray(fitted.coef_, dtype=np.float64),
        offset=float(fitted.intercept_),
        centre=centre,
        directions=np.asarray(directions, dtype=np.float64),
    )
