"""Fitting the model of an equipment type on the learning windows of its machines."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.covariance import LedoitWolf
from sklearn.linear_model import Ridge

from configs.plant import MachineId
from models.artefact import Baselines, Matrix, TypeModel
from models.errors import NotEnoughDataError
from models.feature_window import FeatureBlock
from models.features.recursion import layout_of
from models.features.rows import number_machines, take
from models.features.windowing import FeaturePlan
from models.state_detection.baseline import (
    CLIP,
    Deviation,
    context_count,
    deviation,
    judged_features,
    regime_terms,
    split_features,
)
from models.state_detection.novelty import blank_memory, combine, following, smooth_deviation
from models.training.spread import centre, independent_inflation, independent_values, quantile, robust_scale

RIDGE_ALPHA = 10.0
LEARN_CLIP = 15.0
COVARIANCE_CLIP = 5.0
LEAST_INDEPENDENT_REGIMES = 4.0
"""A regime feature that moved so slowly that fewer independent values were seen explains nothing."""

LEAST_WINDOWS = 20
MOST_ROWS = 40_000
SPREAD_FLOOR = 0.1
"""Of the usual spread, added to every spread: a sensor that shows steps may not vary at all in a window."""

THRESHOLD_QUANTILE = 0.98
THRESHOLD_MARGIN = 3.0
"""The threshold is this many times the 98 % quantile of what the machine showed while it was learnt."""

LEAST_THRESHOLD = 0.5
"""In units of a feature's own surprise; keeps a machine that hardly moved while it was learnt from crying at nothing."""


def fit_type(block: FeatureBlock, plan: FeaturePlan, known: TypeModel | None = None) -> TypeModel:
    """Return the model of an equipment type, fitted on the learning windows of all machines in the block at once.

    With a `known` model of the type its machines are kept as they are, and what is common to the type is taken from it:
    a machine that joins does not change what the others are judged by.

    Raises
    ------
    NotEnoughDataError
        If no machine has enough running, usable windows.
    """
    learnable = take(block, block.running & block.usable)
    names, code = number_machines(learnable.machines)
    counts = np.bincount(code, minlength=len(names))
    if not (counts >= LEAST_WINDOWS).any():
        message = (
            f"{plan.equipment_type.id}: no machine has {LEAST_WINDOWS} running windows with good values to learn "
            f"from (the most is {int(counts.max(initial=0))}); let it run longer, or check its sensors"
        )
        raise NotEnoughDataError(message)
    kept = take(learnable, (counts >= LEAST_WINDOWS)[code])
    own = _calibrated(_common(kept, plan, known), kept)
    if known is None:
        return own
    return replace(own, baselines=_joined(known.baselines, own.baselines), lessons=known.lessons)


def _common(block: FeatureBlock, plan: FeaturePlan, known: TypeModel | None) -> TypeModel:
    """Return a model whose locations, regime and precision are fitted; thresholds are still neutral."""
    names, code = number_machines(block.machines)
    base = _locations(block, names, code)
    drawn = np.arange(0, code.size, max(1, -(-code.size // MOST_ROWS)))
    standard, terms = _ground(block, base, code, drawn)
    regime = Ridge(alpha=RIDGE_ALPHA) if known is None else known.regime
    if known is None:
        regime.fit(terms, np.nan_to_num(standard))
    base = _with_residuals(base, block, code, regime)
    return TypeModel(
        equipment_type=block.equipment_type,
        window_s=plan.equipment_type.window_s,
        learning_span_s=plan.equipment_type.learning_span_s,
        names=plan.names,
        judged=len(plan.judged),
        regime=regime,
        baselines=base,
    )


def _ground(
    block: FeatureBlock, base: Baselines, code: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[Matrix, Matrix]:
    """Return standardised judged features and regime terms of some rows."""
    judged, own = base.floor.shape[1], code[rows]
    features = block.features[rows]
    mean, spread, regime = features[:, :judged], features[:, judged : 2 * judged], features[:, 2 * judged :]
    with np.errstate(invalid="ignore"):
        standard = (judged_features(mean, spread, base.floor[own]) - base.location[own]) / base.scale[own]
    terms = regime_terms(regime, base.regime_location[own], base.regime_scale[own], context_count(judged, block.names))
    return np.clip(standard, -LEARN_CLIP, LEARN_CLIP), terms


def _locations(block: FeatureBlock, names: tuple[MachineId, ...], code: NDArray[np.int64]) -> Baselines:
    judged = sum(1 for name in block.names if name.endswith(".spread"))
    mean, spread, regime = split_features(block, judged)
    shape = (len(names), 2 * judged)
    floor, location, scale = np.empty((len(names), judged)), np.empty(shape), np.empty(shape)
    regime_location, regime_scale = (np.empty((len(names), regime.shape[1])) for _ in range(2))
    for i in range(len(names)):
        mine = code == i
        floor[i] = SPREAD_FLOOR * np.nan_to_num(centre(spread[mine]))
        shown = judged_features(mean[mine], spread[mine], floor[i])
        location[i], scale[i] = centre(shown), robust_scale(shown)
        regime_location[i] = regime[mine].mean(axis=0)
        learnable = independent_values(regime[mine]) >= LEAST_INDEPENDENT_REGIMES
        regime_scale[i] = np.where(learnable, regime[mine].std(axis=0), 0.0)
    return Baselines(
        machines=names,
        learnt_from_ns=np.array([block.ends_ns[code == i].min() for i in range(len(names))], dtype=np.int64),
        learnt_to_ns=np.array([block.ends_ns[code == i].max() for i in range(len(names))], dtype=np.int64),
        floor=floor,
        location=location,
        scale=scale,
        regime_location=regime_location,
        regime_scale=np.where(regime_scale > 1e-9 * np.maximum(np.abs(regime_location), 1e-9), regime_scale, 0.0),
        bias=np.zeros(shape),
        gain=np.ones(shape),
        precision=np.tile(np.eye(shape[1]), (shape[0], 1, 1)),
        conditional_bias=np.zeros(shape),
        conditional_gain=np.ones(shape),
        threshold=np.ones(len(names)),
    )


def _with_residuals(base: Baselines, block: FeatureBlock, code: NDArray[np.int64], regime: Ridge) -> Baselines:
    shape = base.location.shape
    bias, gain, precision = np.empty(shape), np.empty(shape), np.empty((*shape, shape[1]))
    for i in range(len(base.machines)):
        standard, terms = _ground(block, base, code, np.flatnonzero(code == i))
        left = standard - regime.predict(terms)
        bias[i], gain[i] = centre(left), _gain(left)
        precision[i] = _precision(np.where(np.isnan(gain[i]), 0.0, left - bias[i]))
    return replace(base, bias=bias, gain=gain, precision=precision)


def _gain(part: Matrix) -> Matrix:
    return 1.0 / (robust_scale(part) * independent_inflation(part))


def _precision(centred: Matrix) -> Matrix:
    """Return the shrunk inverse covariance (f, f) of what the regime leaves of one machine (Ledoit and Wolf, 2004)."""
    clipped = np.clip(np.nan_to_num(centred), -COVARIANCE_CLIP, COVARIANCE_CLIP)
    precision: Matrix = LedoitWolf(assume_centered=True).fit(clipped).precision_
    return precision


def _calibrated(model: TypeModel, block: FeatureBlock) -> TypeModel:
    """Return the model with the scale of its conditional deviations and each machine's threshold."""
    _, code = number_machines(block.machines)
    base = model.baselines
    bias, gain = np.empty(base.location.shape), np.empty(base.location.shape)
    threshold = np.empty(len(base.machines))
    for i in range(len(base.machines)):
        own = take(block, code == i)
        found = deviation(model, own, code[code == i])
        bias[i], gain[i] = centre(found.conditional), _gain(found.conditional)
        conditional = np.clip((found.conditional - bias[i]) * gain[i], -CLIP, CLIP)
        threshold[i] = _threshold(model, own, replace(found, conditional=conditional))
    return replace(model, baselines=replace(base, conditional_bias=bias, conditional_gain=gain, threshold=threshold))


def _threshold(model: TypeModel, own: FeatureBlock, found: Deviation) -> float:
    """Return the threshold of one machine, from how far it deviated while it was learnt."""
    layout = layout_of(np.zeros(own.ends_ns.size, dtype=np.int64), 1)
    smoothed, _ = smooth_deviation(found, own.ends_ns, layout, blank_memory(model, 1), following(model))
    return max(THRESHOLD_MARGIN * quantile(combine(smoothed), THRESHOLD_QUANTILE), LEAST_THRESHOLD)


def _joined(known: Baselines, new: Baselines) -> Baselines:
    """Return the baselines of both; a machine that is in both is taken from `new`."""
    kept = np.array([machine not in new.machines for machine in known.machines], dtype=np.bool_)
    columns = {
        name: np.concatenate([getattr(known, name)[kept], getattr(new, name)])
        for name in Baselines.__dataclass_fields__
        if name != "machines"
    }
    machines = tuple(machine for machine, stays in zip(known.machines, kept, strict=True) if stays) + new.machines
    return Baselines(machines=machines, **columns)
