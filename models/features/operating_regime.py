"""Readings in units of what is usual in the operating regime they were taken in."""

from dataclasses import dataclass

import numpy as np
from sklearn.cluster import DBSCAN
from sklearn.linear_model import Ridge

from models.features.trajectories import Matrix, Rows, Vector

MOST_REGIMES = 40
GAP = 0.05
"""Settings further apart than this, in their standard deviations, with none between them lie in different groups."""

CELL = 0.01
"""Settings nearer than this count as one place."""

MOST_PLACES = 2000
TIGHT = 0.001
"""Groups are regimes where they leave no more than this share of the settings' variance."""

LEAST_GROUPED = 0.98
"""... and hold this share of the rows: what lies between them is a passage from one to the other."""

MOST_ROWS = 8000
CLIP = 8.0
REACH = 2.0
LEAST_REACH = 0.25
"""A setting is known this far around a regime, in standard deviations of the settings, and twice as far as was seen."""

LEAST_ROWS = 10
CONSTANT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class RegimeScale:
    """What is usual in each of r regimes of s settings, for k sensors.

    Regimes lie at `centres` (r, s) of standardised settings and are known up to `reach` (r,). Within a regime a reading is
    usually `mean` (r, k) plus what the settings explain by `effect` (terms, k), give or take `sd` (r, k), which is 0 where
    a sensor never varies.
    """

    location: Vector
    scale: Vector
    centres: Matrix
    reach: Vector
    effect: Matrix
    mean: Matrix
    sd: Matrix

    def regime_of(self, settings: Matrix) -> tuple[Rows, Vector]:
        """Return each row's nearest regime (n,) and its distance in units of the regime's reach (n,); NaN if unknown."""
        standard = _standard(settings, self.location, self.scale)
        square = ((standard[:, None, :] - self.centres[None, :, :]) ** 2).sum(axis=2)
        nearest = np.argmin(np.nan_to_num(square, nan=np.inf), axis=1)
        distance = np.sqrt(square[np.arange(nearest.size), nearest]) / self.reach[nearest]
        return nearest.astype(np.int64), distance

    def standardise(self, settings: Matrix, sensors: Matrix) -> Matrix:
        """Return readings (n, k) in standard deviations of their regime; NaN where the regime was never seen."""
        regime, distance = self.regime_of(settings)
        usual = self.mean[regime] + _terms(_standard(settings, self.location, self.scale)) @ self.effect
        sd = self.sd[regime]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(sd > 0, (sensors - usual) / sd, 0.0)
        found[np.isnan(sensors) | ~(distance <= 1.0)[:, None]] = np.nan
        return np.clip(found, -CLIP, CLIP)


def fit_regimes(settings: Matrix, sensors: Matrix) -> RegimeScale:
    """Return the regimes of the settings, and what is usual in each.

    Settings that come in distinct groups make one regime each; settings that vary without gaps make one, in which what
    they explain of the readings is a quadratic of them.
    """
    location, scale = np.nanmean(settings, axis=0), np.nanstd(settings, axis=0)
    scale = np.where(scale > CONSTANT * np.maximum(np.abs(location), CONSTANT), scale, 0.0)
    standard = _standard(settings, location, scale)
    whole = np.flatnonzero(np.isfinite(standard).all(axis=1))
    centres = _centres(standard[whole])
    blank = RegimeScale(
        location=location,
        scale=scale,
        centres=centres,
        reach=np.ones(centres.shape[0]),
        effect=np.zeros((_terms(standard[:1]).shape[1], sensors.shape[1])),
        mean=np.zeros((centres.shape[0], sensors.shape[1])),
        sd=np.zeros((centres.shape[0], sensors.shape[1])),
    )
    return _with_usual(blank, settings[whole], sensors[whole])


def _standard(settings: Matrix, location: Vector, scale: Vector) -> Matrix:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(scale > 0, (settings - location) / scale, settings - location)


def _terms(standard: Matrix) -> Matrix:
    """Return the settings, their squares and products (n, terms)."""
    near = np.clip(standard, -3.0, 3.0)
    rows, columns = np.triu_indices(standard.shape[1])
    return np.column_stack([near, near[:, rows] * near[:, columns]])


def _centres(standard: Matrix) -> Matrix:
    """Return the centres of groups with gaps between them that leave next to nothing of the variance; one if there are none."""
    drawn = standard[:: max(1, -(-standard.shape[0] // MOST_ROWS))]
    mean = np.zeros((1, standard.shape[1]))
    if not drawn.size or drawn.var(axis=0).sum() <= CONSTANT:
        return mean
    places, place = np.unique(np.round(drawn / CELL), axis=0, return_inverse=True)
    if places.shape[0] > MOST_PLACES:
        return mean
    group = DBSCAN(eps=GAP / CELL, min_samples=1).fit(places).labels_[place.ravel()]
    kept = np.flatnonzero(np.bincount(group) >= LEAST_ROWS)
    grouped = np.isin(group, kept)
    if not 1 < kept.size <= MOST_REGIMES or grouped.mean() < LEAST_GROUPED:
        return mean
    centres = np.array([drawn[group == each].mean(axis=0) for each in kept.tolist()])
    apart = drawn[grouped] - centres[np.searchsorted(kept, group[grouped])]
    return centres if (apart**2).sum(axis=1).mean() <= TIGHT * drawn.var(axis=0).sum() else mean


def _with_usual(blank: RegimeScale, settings: Matrix, sensors: Matrix) -> RegimeScale:
    standard = _standard(settings, blank.location, blank.scale)
    regime, distance = blank.regime_of(settings)
    count, sensors_count = blank.mean.shape
    effect = _effect(standard, sensors) if count == 1 and standard.shape[1] else blank.effect
    left = sensors - _terms(standard) @ effect
    mean, sd, reach = np.zeros(blank.mean.shape), np.zeros(blank.mean.shape), np.ones(count)
    for i in range(count):
        own = left[regime == i]
        reach[i] = max(REACH * float(distance[regime == i].max(initial=0.0)), LEAST_REACH)
        for j in range(sensors_count):
            mean[i, j], sd[i, j] = _usual(own[:, j])
    return RegimeScale(
        location=blank.location,
        scale=blank.scale,
        centres=blank.centres,
        reach=reach,
        effect=effect,
        mean=mean,
        sd=sd,
    )


def _effect(standard: Matrix, sensors: Matrix) -> Matrix:
    terms = _terms(standard)
    effect = np.zeros((terms.shape[1], sensors.shape[1]))
    for j in range(sensors.shape[1]):
        there = np.isfinite(sensors[:, j])
        sd = float(sensors[there, j].std()) if there.sum() > terms.shape[1] else 0.0
        if sd > 0:
            effect[:, j] = sd * Ridge(alpha=1.0).fit(terms[there], sensors[there, j] / sd).coef_
    return effect


def _usual(values: Vector) -> tuple[float, float]:
    there = values[np.isfinite(values)]
    if there.size < LEAST_ROWS:
        return 0.0, 0.0
    mean, sd = float(there.mean()), float(there.std())
    return mean, sd if sd > CONSTANT * max(abs(mean), CONSTANT) else 0.0
