"""Fits the hazard of the plant's own past: in which step of what was predicted lives ended, by what had been known of them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from models.lesson import PLACES, Experience, Trees
from models.prognosis.experience import STEPS, ended_by

Array = NDArray[np.float64]

LEAST_LIVES = 30.0
"""Fewer ended lives teach nothing that the laws do not say better."""

TREES, RATE, LEAVES = 60, 0.08, 6
LEAF_SHARE, LEAST_LEAF = 1.0 / 130.0, 30
PENALTY = 5.0
BELIEF_LIVES = 10.0
_FARTHEST = 1e300
"""Where only missing values go right, the threshold is infinite, which JSON does not know."""

MOST_WEIGHT = 0.4
"""However much it earns, experience counts for less than the laws: what is learnt from so few lives is too sure of itself."""

FIRST_WEIGHT = 0.5
"""Experience and laws count alike until lives have told, which weighs as much as ten of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastPredictions:
    """Predictions of the past, n rows: `features` (n, f), `place` (n,) where in what was predicted a life ended or was last seen.

    `ended` (n,) is how likely it ended there, `counts` (n,) one over how often its life was predicted, `group` (n,) numbers
    what must not be split: the folds of machines.
    """

    features: Array
    place: Array
    ended: Array
    counts: Array
    group: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> "PastPredictions":
        """Return some of the rows."""
        return PastPredictions(
            features=self.features[chosen],
            place=self.place[chosen],
            ended=self.ended[chosen],
            counts=self.counts[chosen],
            group=self.group[chosen],
        )


def learn_experience(past: PastPredictions, *, seed: int = 0) -> Experience | None:
    """Return the hazard, with the weight that it earned on lives it had not seen; None where too few have ended."""
    lives = float(past.counts @ past.ended)
    if lives < LEAST_LIVES:
        return None
    reached = np.empty((past.place.size, STEPS + 1))
    for held in np.unique(past.group):
        out = past.group == held
        reached[out] = _reached(_fit(past.of(~out), seed), past.of(out))
    weight = earned_weight(_density(reached, past), past.counts * past.ended)
    return replace(_fit(past, seed), weight=MOST_WEIGHT * weight, lives=lives)


def _fit(past: PastPredictions, seed: int) -> Experience:
    rows, outcome, weight = _person_periods(past)
    columns = _varying(rows)
    model = HistGradientBoostingClassifier(
        max_iter=TREES,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(LEAST_LEAF, round(LEAF_SHARE * outcome.size)),
        l2_regularization=PENALTY,
        early_stopping=False,
        random_state=seed,
    ).fit(rows[:, columns], outcome, sample_weight=weight / weight.mean())
    return Experience(trees=trees_of(model, columns), weight=FIRST_WEIGHT, lives=0.0)


def _varying(rows: Array) -> NDArray[np.int64]:
    """Return the columns that tell anything: those with two different values at least, missing ones aside."""
    known = np.isfinite(rows)
    low, high = (edge(np.where(known, rows, fill), axis=0) for edge, fill in ((np.min, np.inf), (np.max, -np.inf)))
    return np.flatnonzero(high > low)


def _person_periods(past: PastPredictions) -> tuple[Array, NDArray[np.bool_], Array]:
    """Return a row for every step that a life reached, whether it ended there, and how much that counts."""
    last = step_of(past.place)
    steps = np.arange(STEPS)
    prediction, step = np.nonzero(steps <= last[:, None])
    ends = step == last[prediction]
    counts = past.counts[prediction] * np.where(ends, past.ended[prediction], 1.0)
    kept = counts > 0
    rows = np.column_stack([past.features[prediction], step])
    return rows[kept], ends[kept], counts[kept]


def step_of(place: Array) -> NDArray[np.int64]:
    """Return in which step of `PLACES` each place lies."""
    return np.clip(np.searchsorted(PLACES, place, side="right") - 1, 0, STEPS - 1)


def _reached(experience: Experience, past: PastPredictions) -> Array:
    """Return the probability to have ended by each of `PLACES` (n, STEPS + 1)."""
    return np.column_stack([np.zeros(past.place.size), ended_by(past.features, experience)])


def _density(reached: Array, past: PastPredictions) -> Array:
    """Return how much likelier than said lives are to end at their places (n,)."""
    step, row = step_of(past.place), np.arange(past.place.size)
    return np.asarray((reached[row, step + 1] - reached[row, step]) / np.diff(PLACES)[step])


def earned_weight(density: Array, counts: Array) -> float:
    """Return the weight of experience in a mixture with what was said, by expectation-maximisation over lives that ended."""
    weight, total = FIRST_WEIGHT, BELIEF_LIVES + float(counts.sum())
    for _ in range(50):
        told = float(counts @ (weight * density / (weight * density + 1.0 - weight)))
        weight = (BELIEF_LIVES * FIRST_WEIGHT + told) / total
    return weight


def trees_of(model: HistGradientBoostingClassifier, columns: NDArray[np.int64]) -> Trees:
    """Return the trees of a two-class model, fitted on some columns, as arrays: no code is needed to read them back."""
    grown = [predictors[0].nodes for predictors in model._predictors]  # noqa: SLF001
    widest = max(nodes.size for nodes in grown)
    shape = (len(grown), widest)
    itself = np.tile(np.arange(widest), (len(grown), 1))
    feature, left, right = np.zeros(shape, dtype=np.int64), itself.copy(), itself.copy()
    threshold, value, missing_left = np.zeros(shape), np.zeros(shape), np.zeros(shape, dtype=bool)
    for row, nodes in enumerate(grown):
        size, is_leaf = nodes.size, nodes["is_leaf"].astype(bool)
        feature[row, :size] = columns[np.where(is_leaf, 0, nodes["feature_idx"])]
        threshold[row, :size] = np.where(is_leaf, 0.0, np.clip(nodes["num_threshold"], -_FARTHEST, _FARTHEST))
        missing_left[row, :size] = nodes["missing_go_to_left"]
        left[row, :size] = np.where(is_leaf, itself[row, :size], nodes["left"])
        right[row, :size] = np.where(is_leaf, itself[row, :size], nodes["right"])
        value[row, :size] = np.where(is_leaf, nodes["value"], 0.0)
    return Trees(
        start=float(np.ravel(model._baseline_prediction)[0]),  # noqa: SLF001
        depth=int(max(nodes["depth"].max() for nodes in grown)),
        feature=feature,
        threshold=threshold,
        left=left,
        right=right,
        missing_left=missing_left,
        value=value,
    )
