"""What an anomaly rests on: the sensors that moved, and the slots whose signs fit."""

import numpy as np

from configs.plant import Machine, SensorId, Slot, SlotId
from models.artefact import TypeModel, Vector
from models.condition import Contribution
from models.features.recursion import Matrix
from models.state_detection.novelty import Novelty

LEAST_SHARE = 0.05
LEAST_FIT = 0.25
"""A slot is named when its signs carry at least this part of the likeliest slot's evidence."""


def contributions(
    model: TypeModel, judged: tuple[SensorId, ...], novelty: Novelty, row: int
) -> tuple[Contribution, ...]:
    """Return what each sensor has to do with the score of one window, largest first; small parts are left out.

    A sensor counts by its more deviating feature, level or spread; `deviation` is that feature's, with its sign.
    """
    smoothed = np.nan_to_num(novelty.smoothed[row])
    level, spread = smoothed[: model.judged], smoothed[model.judged :]
    signed = np.where(np.abs(spread) > np.abs(level), spread, level)
    total = float((signed**2).sum())
    if total == 0.0:
        return ()
    shown = novelty.deviation
    parts = [
        Contribution(
            sensor=sensor,
            share=float(signed[i] ** 2 / total),
            value=float(shown.observed[row, i]),
            expected=float(shown.expected[row, i]),
            deviation=float(signed[i]),
        )
        for i, sensor in enumerate(judged)
        if signed[i] ** 2 / total >= LEAST_SHARE and np.isfinite(shown.observed[row, i] + shown.expected[row, i])
    ]
    return tuple(sorted(parts, key=lambda part: part.share, reverse=True))


def fitting_slots(machine: Machine, judged: tuple[SensorId, ...], smoothed: Vector) -> tuple[SlotId, ...]:
    """Return the slots whose signs a window's deviations (f,) fit, likeliest first.

    A sign that moves its way speaks for a slot, one that moves the other way against it; earlier signs say more.
    """
    at = {sensor: i for i, sensor in enumerate(judged)}
    evidence = {slot.id: _evidence(slot, at, smoothed) for slot in machine.slots}
    best = max(evidence.values(), default=0.0)
    ranked = sorted(evidence, key=lambda slot: evidence[slot], reverse=True)
    return tuple(slot for slot in ranked if best > 0 and evidence[slot] >= LEAST_FIT * best)


def _evidence(slot: Slot, at: dict[SensorId, int], smoothed: Vector) -> float:
    weights = sign_weights(slot)
    moved = 0.0
    for sign, weight in zip(slot.signs, weights.tolist(), strict=True):
        value = smoothed[at[sign.sensor]] if sign.sensor in at else np.nan
        if not np.isnan(value):
            moved += weight * float(value if sign.rises else -value)
    return moved


def sign_weights(slot: Slot) -> Matrix:
    """Return how much each sign of a slot says, adding up to 1: the catalogue names the clearest first."""
    raw = 1.0 / np.arange(1, len(slot.signs) + 1)
    return np.asarray(raw / raw.sum() if raw.size else raw, dtype=np.float64)
