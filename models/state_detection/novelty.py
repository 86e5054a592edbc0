"""The anomaly score: how unusual all sensors of a machine are together, 1 at the threshold of its own learning."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.artefact import Matrix, TypeModel, Vector
from models.feature_window import FeatureBlock
from models.features.recursion import Following, Layout, Level, Rows, Smoothed, recentre, settled_level, smooth
from models.state_detection.baseline import Deviation, deviation

ALPHA = 0.3
"""Weight of the newest window in the smoothed deviation."""

PART_COUNTED = 0.25
"""The score rests on the most deviating quarter of the features: a fault moves a few, chance moves one."""

LEAST_WEIGHT = 0.65
"""A smoothed deviation counts once this much of its weight has been seen: after three windows in a row."""

LEAST_PRESENT = 0.5
"""Share of the learnt features that must be there for a score."""

STRETCHES = 500.0
"""In so many steps a level follows over one learning span: window by window where learning is short."""

SETTLING_SHARE = 0.02
LEAST_SETTLING = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class NoveltyMemory:
    """What the score of a machine's next window depends on, one row per machine, (machines, 2 f).

    The first f columns belong to the deviations given the regime, the others to those given all other features too.
    `level` is what the machine has slowly moved to since it was learnt, `smoothed` the deviation from there.
    """

    level: Level
    smoothed: Smoothed


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """Scores of n windows (n,), NaN where there is no ground for one, with the deviations behind them.

    `smoothed` (n, f) is the signed deviation that counts: the larger of the two kinds. `levels` (machines, 2 f) is where
    the levels stand at the end.
    """

    score: Vector
    smoothed: Matrix
    deviation: Deviation


def following(model: TypeModel) -> Following:
    """Return how levels are followed: over one learning span, after a fiftieth of one to settle."""
    windows = model.learning_span_s / model.window_s
    return Following(
        rate=1.0 / max(windows, 1.0),
        settling=max(LEAST_SETTLING, round(SETTLING_SHARE * windows)),
        stretch_ns=max(1, round(windows / STRETCHES)) * round(model.window_s * 1e9),
    )


def blank_memory(model: TypeModel, machines: int) -> NoveltyMemory:
    """Return the memory of machines that have just been learnt."""
    shape = (machines, 4 * model.judged)
    return NoveltyMemory(
        level=settled_level(*shape, following(model)),
        smoothed=Smoothed(total=np.zeros(shape), weight=np.zeros(shape)),
    )


def score_novelty(
    model: TypeModel, block: FeatureBlock, own: Rows, layout: Layout, memory: NoveltyMemory
) -> tuple[Novelty, NoveltyMemory]:
    """Return the scores of running, usable windows and what the next block carries on from.

    `own` (n,) is each window's row in the baselines of the model.
    """
    found = deviation(model, block, own)
    smoothed, after = smooth_deviation(found, block.ends_ns, layout, memory, following(model))
    learnt = (~np.isnan(model.baselines.gain)).sum(axis=1)
    enough = (~np.isnan(smoothed)).sum(axis=1) >= np.maximum(LEAST_PRESENT * learnt, 1.0)[own]
    score = np.where(enough, combine(smoothed) / model.baselines.threshold[own], np.nan)
    return Novelty(score=score, smoothed=smoothed, deviation=found), after


def smooth_deviation(
    found: Deviation, ends_ns: NDArray[np.int64], layout: Layout, memory: NoveltyMemory, how: Following
) -> tuple[Matrix, NoveltyMemory]:
    """Return the signed smoothed deviation that counts (n, f), NaN before enough was seen, and the new memory."""
    rows = np.column_stack([found.marginal, found.conditional])
    used: NDArray[np.bool_] = np.logical_or((~np.isnan(rows)).any(axis=0), (memory.smoothed.weight > 0).any(axis=0))
    kept = NoveltyMemory(level=memory.level.of(used), smoothed=memory.smoothed.of(used))
    apart, level = recentre(rows[:, used], ends_ns, layout, kept.level, how)
    mean, weight = (np.full(rows.shape, fill) for fill in (np.nan, 0.0))
    mean[:, used], weight[:, used], smoothed = smooth(apart, layout, kept.smoothed, ALPHA)
    mean = np.where(weight >= LEAST_WEIGHT, mean, np.nan)
    marginal, conditional = np.hsplit(mean, 2)
    larger = np.where(np.abs(conditional) > np.abs(marginal), conditional, marginal)
    return larger, NoveltyMemory(level=memory.level.put(used, level), smoothed=memory.smoothed.put(used, smoothed))


def combine(smoothed: Matrix) -> Vector:
    """Return the root mean square of the most deviating quarter of the features that are there (n,)."""
    size = np.abs(smoothed)
    there = ~np.isnan(size)
    present = there.sum(axis=1)
    largest = np.sort(np.where(there, size, 0.0), axis=1)[:, ::-1] ** 2
    counted = np.maximum(np.ceil(PART_COUNTED * present), 1.0)
    within = np.arange(size.shape[1])[None, :] < counted[:, None]
    return np.where(present > 0, np.sqrt((largest * within).sum(axis=1) / counted), np.nan)
