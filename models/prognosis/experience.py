"""The hazard learnt from all parts of a plant: what became of those in the like situation, beside what the laws say.

Time is measured in what was predicted: from one place of the predicted distribution to the next there is a risk to end, which
depends on what was known (discrete-time survival: Tutz & Schmid, *Modeling Discrete Time-to-Event Data*, 2016; gradient boosting
learns it). So parts of all types teach each other, and where nothing is learnt the prediction stays as it is.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import special

from models.lesson import PLACES, Experience
from models.prognosis.degradation import TrendBlocks
from models.prognosis.outlook import AgeEvidence, AgeOutlook, Outlook, quantiles
from models.prognosis.weibull import LifePosterior

Array = NDArray[np.float64]

STEPS = PLACES.size - 1
_LEVELS = (0.1, 0.5, 0.9)
_SPANS_DAYS = ((0.0, 3.0), (3.0, 10.0), (10.0, 25.0), (25.0, 66.0), (66.0, 400.0))


def features_of(
    age: AgeOutlook,
    said: Outlook,
    blocks: TrendBlocks,
    *,
    stands: AgeEvidence,
    posterior: LifePosterior,
    ln_gain: Array,
) -> Array:
    """Return what is known of n slots in figures that parts of all types have in common (n, f); NaN where it is not known.

    How surely wear shows, the level and how it rose, the share of the life that is used up, how wide the distribution is and
    how far the readings moved it, and how much is known of the part type.
    """
    by_age, by_all = (quantiles(age.edges, survival, _LEVELS) for survival in (age.survival, said.survival))
    low, middle, high = np.log(np.maximum(by_all, 1e-6)).T
    ln_age_days = np.log(np.maximum(age.age_days, 0.1))
    levels = _levels(blocks)
    one = np.ones(middle.size)
    return np.column_stack(
        [
            said.showing,
            said.condition_weight,
            said.rules_weight,
            blocks.level,
            levels[:, :1] - levels[:, 1:],
            stands.used / float(posterior.weight @ posterior.scale),
            stands.known_start,
            high - low,
            middle - low,
            middle - np.log(np.maximum(by_age[:, 1], 1e-6)),
            low - np.log(np.maximum(by_age[:, 0], 1e-6)),
            middle - ln_age_days,
            ln_age_days,
            posterior.removals * one,
            float(posterior.weight @ posterior.shape) * one,
            _ln_sd(posterior) * one,
            ln_gain,
        ]
    )


def experienced(said: Outlook, rows: Array, experience: Experience) -> Outlook:
    """Return an outlook mixed with what became of parts in the like situation; `rows` (n, f) are their features."""
    reached = np.column_stack([np.zeros(rows.shape[0]), ended_by(rows, experience)])
    survival, healthy = (_mixed(each, reached, experience.weight) for each in (said.survival, said.healthy_survival))
    moved = 0.5 * np.abs(np.diff(survival - said.survival, axis=1)).sum(axis=1)
    kept = 1.0 - np.clip(moved, 0.0, 1.0)
    return replace(
        said,
        survival=survival,
        healthy_survival=healthy,
        age_weight=kept * said.age_weight,
        condition_weight=kept * said.condition_weight,
        rules_weight=kept * said.rules_weight,
        experience_weight=1.0 - kept,
    )


def ended_by(rows: Array, experience: Experience) -> Array:
    """Return the probability to have ended by the end of each step (n, STEPS), never falling, 1 at the last."""
    asked = np.column_stack([np.repeat(rows, STEPS, axis=0), np.tile(np.arange(STEPS), rows.shape[0])])
    hazard = special.expit(experience.trees.answers(asked)).reshape(-1, STEPS)
    hazard[:, -1] = 1.0
    return np.asarray(1.0 - np.cumprod(1.0 - hazard, axis=1))


def _mixed(survival: Array, reached: Array, weight: float) -> Array:
    by_experience = [1.0 - np.interp(1.0 - own, PLACES, by) for own, by in zip(survival, reached, strict=True)]
    return np.asarray(weight * np.array(by_experience).reshape(survival.shape) + (1.0 - weight) * survival)


def _levels(blocks: TrendBlocks) -> Array:
    """Return the mean level in spans of days back (n, n_spans), NaN where there was none."""
    found = np.full((blocks.level.size, len(_SPANS_DAYS)), np.nan)
    for column, (newest, oldest) in enumerate(_SPANS_DAYS):
        there = (blocks.precision > 0) & (blocks.days_back >= newest) & (blocks.days_back < oldest)
        count = there.sum(axis=1)
        total = np.where(there, blocks.value, 0.0).sum(axis=1)
        found[count > 0, column] = total[count > 0] / count[count > 0]
    return found


def _ln_sd(posterior: LifePosterior) -> float:
    ln_scale = np.log(posterior.scale)
    mean = float(posterior.weight @ ln_scale)
    return float(np.sqrt(posterior.weight @ (ln_scale - mean) ** 2))
