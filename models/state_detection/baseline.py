"""How far windows are from a machine's own normal, in units of what is usual for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.columns import segment_starts
from models.artefact import Baselines, Matrix, TypeModel
from models.feature_window import FeatureBlock

CLIP = 30.0
"""Standardised values count up to here: past it nothing is learnt from more."""

DRIVEN_CLIP = 30.0
"""A cold start is rare and far from the usual, and explained by just that; a regime further away teaches nothing."""

SQUARE_CLIP = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Deviations of n windows from their machines' normal, each (n, f).

    `expected` and `observed` are in the features' own units (spreads as logarithms); `marginal` is what the regime does
    not explain, `conditional` what the machine's other features do not explain either, both with their sign.
    """

    observed: Matrix
    expected: Matrix
    marginal: Matrix
    conditional: Matrix


def split_features(block: FeatureBlock, judged: int) -> tuple[Matrix, Matrix, Matrix]:
    """Return means (n, j), spreads (n, j) and regime features (n, r) of a block."""
    return (
        block.features[:, :judged],
        block.features[:, judged : 2 * judged],
        block.features[:, 2 * judged :],
    )


def judged_features(mean: Matrix, spread: Matrix, floor: Matrix) -> Matrix:
    """Return the features that are judged (n, 2 j): means, and logarithms of spreads over their floor."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.column_stack([mean, np.log(spread + floor)])


def regime_terms(regime: Matrix, location: Matrix, scale: Matrix, direct: int) -> Matrix:
    """Return the terms (n, t) by which the regime may act on a judged feature: linear, and products of the direct ones.

    The first `direct` columns are what context sensors show now, the others lags. A regime that was never seen to vary
    has no part.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = np.where(scale > 0, (regime - location) / scale, 0.0)
    standard = np.clip(standard, -DRIVEN_CLIP, DRIVEN_CLIP)
    near = np.clip(standard[:, :direct], -SQUARE_CLIP, SQUARE_CLIP)
    rows, columns = np.triu_indices(direct)
    return np.column_stack([standard, near[:, rows] * near[:, columns]])


def deviation(model: TypeModel, block: FeatureBlock, own: NDArray[np.int64]) -> Deviation:
    """Return how far each window is from the normal of its machine, which is row `own` (n,) of the baselines."""
    base = model.baselines
    mean, spread, regime = split_features(block, model.judged)
    observed = judged_features(mean, spread, base.floor[own])
    location, scale = base.location[own], base.scale[own]
    explained = _explained(model, regime, own)
    left = np.clip((observed - location) / scale, -CLIP, CLIP) - explained
    return Deviation(
        observed=observed,
        expected=location + scale * (explained + base.bias[own]),
        marginal=np.clip((left - base.bias[own]) * base.gain[own], -CLIP, CLIP),
        conditional=_conditional(model, left, own),
    )


def _explained(model: TypeModel, regime: Matrix, own: NDArray[np.int64]) -> Matrix:
    base = model.baselines
    direct = context_count(model.judged, model.names)
    terms = regime_terms(regime, base.regime_location[own], base.regime_scale[own], direct)
    complete = ~np.isnan(terms).any(axis=1)
    explained = np.full((terms.shape[0], 2 * model.judged), np.nan)
    if complete.any():
        explained[complete] = model.regime.predict(terms[complete])
    return explained


def context_count(judged: int, names: tuple[str, ...]) -> int:
    """Return how many context sensors stand behind feature names: their means follow those of the judged sensors."""
    return sum(1 for name in names[2 * judged :] if name.endswith(".mean"))


def unit_residual(left: Matrix, base: Baselines, own: NDArray[np.int64]) -> Matrix:
    """Return what the regime leaves (n, f), centred; 0 where a feature was not learnt, so that it has no part."""
    centred = np.clip(left - base.bias[own], -CLIP, CLIP)
    return np.where(np.isnan(base.gain[own]), 0.0, centred)


def conditional_residual(centred: Matrix, precision: Matrix, own: NDArray[np.int64]) -> Matrix:
    """Return what each feature keeps once all others are known (n, f), for a Gaussian of its machine's precision.

    `own` (n,) is each row's machine in `precision` (machines, f, f); the rows of a machine lie together.
    """
    residual = np.empty(centred.shape)
    starts = segment_starts(own)
    for first, end in zip(starts.tolist(), np.append(starts, own.size)[1:].tolist(), strict=True):
        inverse = precision[own[first]]
        residual[first:end] = centred[first:end] @ (inverse / np.diag(inverse))
    return residual


def _conditional(model: TypeModel, left: Matrix, own: NDArray[np.int64]) -> Matrix:
    base = model.baselines
    residual = conditional_residual(unit_residual(left, base, own), base.precision, own)
    return np.clip((residual - base.conditional_bias[own]) * base.conditional_gain[own], -CLIP, CLIP)
