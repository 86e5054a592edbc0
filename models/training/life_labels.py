"""What whole lives teach: how much was left at each row, as far as that is known, and how much each row counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.features.trajectories import Rows, Trajectories, Vector
from models.prognosis.remaining_life import LifeSpan
from models.training.metrics import censoring_survival

KNEE_OF_LIFE = 0.625
"""Without a cap, health is told in this share of a usual life: before that, little shows."""

MOST_OF_LONGEST = 1.5
KEPT_OF_EARLY = 5
EARLY = 1.2
"""Of the rows with more than so many times the most that is told left, one in `KEPT_OF_EARLY` is kept: all say the same."""

PROBE_FROM, PROBE_TO = 0.05, 1.2
PROBE_START, PROBE_START_UNCAPPED = 0.2, 0.05
"""Lives are tried out from so many knees left to so many times the most that is told, not within their first knees."""

LEAST_WATCHED = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeLabels:
    """What is known of n rows: `left` (n,) in knees, NaN where the life was cut short too soon to tell; `weight` (n,).

    `at_least` (n,) is what was left until the life was last seen, in the most that is told and uncapped. A row counts by one over the chance that its life was watched long enough to know what was left (IPCW).
    """

    left: Vector
    at_least: Vector
    weight: Vector


def life_span(ends: Vector, failed: NDArray[np.bool_], usual_life: float, cap: float | None) -> LifeSpan:
    """Return the scale of remaining lives: that of the cap where one is given, else that of a usual life."""
    if cap is not None:
        return LifeSpan(knee=cap, most=cap)
    longest = float(ends[failed].max())
    return LifeSpan(knee=KNEE_OF_LIFE * usual_life, most=MOST_OF_LONGEST * longest)


def life_labels(trajectories: Trajectories, failed: NDArray[np.bool_], span: LifeSpan) -> LifeLabels:
    """Return the labels of all rows; of lives cut short only those with at least `most` left are known."""
    ends = trajectories.ends()
    left = ends[trajectories.unit] - trajectories.age
    capped = np.minimum(left, span.most)
    known = failed[trajectories.unit] | (left >= span.most)
    watched = censoring_survival(ends, failed).before(trajectories.age + capped)
    weight = 1.0 / np.maximum(watched, LEAST_WATCHED)
    return LifeLabels(left=np.where(known, capped / span.knee, np.nan), at_least=left / span.most, weight=weight)


def training_rows(labels: LifeLabels, rows: Rows, rank: Rows) -> NDArray[np.bool_]:
    """Return which of the `rows` (n,) to learn from: known ones, early ones thinned by their rank in their life."""
    early = (labels.at_least[rows] > EARLY) & (rank % KEPT_OF_EARLY != 0)
    return np.asarray(np.isfinite(labels.left[rows]) & ~early)


def draw_probes(
    trajectories: Trajectories, failed: NDArray[np.bool_], span: LifeSpan, each: int, rng: np.random.Generator
) -> Rows:
    """Return rows at which lives that ended in failure are tried out, what is left there drawn evenly, `each` a life."""
    bounds = trajectories.bounds()
    start = (PROBE_START if span.is_capped else PROBE_START_UNCAPPED) * span.knee
    found = []
    for unit in np.flatnonzero(failed).tolist():
        first, end = bounds[unit : unit + 2].tolist()
        left = trajectories.age[end - 1] - trajectories.age[first:end]
        upto = min(PROBE_TO * span.most, float(left[0]) - start)
        from_ = min(PROBE_FROM * span.knee, 0.25 * float(left[0]))
        drawn = rng.uniform(from_, max(upto, 0.75 * float(left[0]) if upto <= from_ else upto), each)
        found.append(first + np.abs(left[None, :] - drawn[:, None]).argmin(axis=1))
    return np.concatenate(found).astype(np.int64) if found else np.empty(0, np.int64)
