"""Fits what tells the remaining life of a kind of unit, from whole lives and lives cut short."""

from dataclasses import dataclass, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.optimize import nnls
from sklearn.ensemble import HistGradientBoostingRegressor

from models.errors import NotEnoughDataError
from models.features.life_grid import LifeClock, life_clock, on_grid
from models.features.operating_regime import fit_regimes
from models.features.trajectories import Matrix, Rows, Trajectories, Vector, clock_troubles
from models.health_assessment.life_index import fit_life_index
from models.prognosis.conformal import Calibration, calibrate, life_folds
from models.prognosis.life_features import FeatureRule, KnownSteps, join_steps, known_steps, smoothed_life
from models.prognosis.life_troubles import habit_of
from models.prognosis.remaining_life import (
    LEAST_ERROR,
    Learnt,
    LifeSpan,
    Regressor,
    RemainingLifeModel,
    blend,
    error_terms,
)
from models.training.life_labels import LifeLabels, draw_probes, life_labels, life_span, training_rows
from models.training.life_members import Lesson, fit_members

LEAST_FAILED = 3
FOLDS = 5
PROBES = 10
MOST_ROWS = 60_000
LEAST_CORRELATION = 0.1
LEAST_SENSORS = 3
LIVES_FOR_WEIGHTS = 20
"""Weights fitted to the lives held out count as much as equal ones where there are so many lives."""

LIKE_KNEES = 0.064
"""Residuals count for intervals by how near they were predicted: a Gaussian of this many knees (8 of 125 cycles)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeHistories:
    """Lives to learn from: `failed` (units,) says which were seen to their end; `cap` is the most that is ever told."""

    trajectories: Trajectories
    failed: NDArray[np.bool_]
    cap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What was said of lives by members that had not seen them: m probes, lives cut at a row, all (m,) but `each`.

    `left` and `predicted` are in the unit of age, `each` (m, members) in knees; `row` is the probe's last row.
    """

    row: Rows
    unit: Rows
    left: Vector
    predicted: Vector
    each: Matrix
    age: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedLife:
    """The model, what was held out of it, and what was left out of the fit and why."""

    model: RemainingLifeModel
    held_out: HeldOut
    left_out: tuple[str, ...]


def fit_remaining_life(histories: LifeHistories, *, seed: int, jobs: int = 1) -> FittedLife:
    """Return the model of the lives, its blend and its intervals settled on lives that each fold had not seen.

    Raises
    ------
    NotEnoughDataError
        If too few lives ended in failure, or no sensor varies with what is left of them.
    """
    sound, left_out = _sound(histories)
    trajectories, failed = sound.trajectories, sound.failed
    clock = life_clock(trajectories)
    span = life_span(_lived(trajectories, clock), failed, clock.usual_life, sound.cap)
    labels = life_labels(trajectories, failed, span)
    rng = np.random.default_rng(seed)
    probes = np.unique(draw_probes(trajectories, failed, span, PROBES, rng))
    fold = _folds(failed, rng)
    task = _Task(trajectories=trajectories, labels=labels, clock=clock, span=span)
    with_all = np.full(len(trajectories.units), True)
    parts = Parallel(n_jobs=jobs)(
        delayed(_fold)(task, fold != i, probes, seed + 100 * i) for i in np.unique(fold).tolist()
    )
    rule = _rule(task, with_all)
    held_out, weight = _settle(task, [part for _, part in parts if part is not None])
    error, calibration = _intervals(task, held_out, seed)
    model = RemainingLifeModel(
        rule=rule,
        habit=habit_of(trajectories, rule.used, float(_lived(trajectories, clock).max())),
        span=span,
        folds=tuple(learnt for learnt, _ in parts),
        weight=weight,
        error=error,
        calibration=calibration,
    )
    return FittedLife(model=model, held_out=held_out, left_out=left_out + _unused(trajectories, rule))


def _folds(failed: NDArray[np.bool_], rng: np.random.Generator) -> Rows:
    """Return the fold in which each life is held out, lives that failed and lives cut short spread evenly each."""
    fold = np.empty(failed.size, dtype=np.int64)
    for group in (failed, ~failed):
        fold[group] = life_folds(int(group.sum()), FOLDS, rng)
    return fold


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    trajectories: Trajectories
    labels: LifeLabels
    clock: LifeClock
    span: LifeSpan


def _sound(histories: LifeHistories) -> tuple[LifeHistories, tuple[str, ...]]:
    """Return the lives without those whose clock makes no sense, and a line on each of these."""
    trajectories = histories.trajectories
    troubles = clock_troubles(trajectories)
    chosen = ~np.isin(np.arange(len(trajectories.units)), [trouble.unit for trouble in troubles])
    kept = replace(histories, trajectories=trajectories.only(chosen), failed=histories.failed[chosen])
    if kept.failed.sum() < LEAST_FAILED:
        raise NotEnoughDataError(
            f"{int(kept.failed.sum())} sound lives ended in failure and {LEAST_FAILED} are needed; wait for more lives"
            + (f", or mend the times of {len(troubles)} units" if troubles else "")
        )
    return kept, tuple(
        f"unit {trajectories.units[trouble.unit]}: {trouble.fault.value} {trouble.subject}".rstrip()
        for trouble in troubles
    )


def _lived(trajectories: Trajectories, clock: LifeClock) -> Vector:
    first = trajectories.age[trajectories.bounds()[:-1]] if clock.from_first_row else 0.0
    return np.asarray(trajectories.ends() - first)


def _learn(task: _Task, chosen: NDArray[np.bool_], seed: int) -> Learnt:
    """Return the rule and the members learnt from the units chosen."""
    rule = _rule(task, chosen)
    many = [known_steps(task.trajectories, unit, rule) for unit in np.flatnonzero(chosen).tolist()]
    rank = np.concatenate([np.arange(steps.row.size) for steps in many])
    steps = join_steps(many)
    left = task.labels.left[steps.row]
    kept = training_rows(task.labels, steps.row, rank)
    lesson = Lesson(steps=steps.at(kept), left=left[kept], weight=task.labels.weight[steps.row][kept])
    return Learnt(rule=rule, members=fit_members(lesson, seed))


def _rule(task: _Task, chosen: NDArray[np.bool_]) -> FeatureRule:
    trajectories = task.trajectories
    rows = np.flatnonzero(chosen[trajectories.unit])
    rows = rows[:: max(1, rows.size // (4 * MOST_ROWS))]
    scale = fit_regimes(trajectories.settings[rows], trajectories.sensors[rows])
    health = np.minimum(task.labels.left, 1.0)
    standard = scale.standardise(trajectories.settings[rows], trajectories.sensors[rows])
    used = _telling(standard, health[rows])
    lives = [on_grid(trajectories, unit, scale, task.clock, used) for unit in np.flatnonzero(chosen).tolist()]
    smoothed = np.concatenate([smoothed_life(life, task.clock)[life.last_row >= 0] for life in lives])
    behind = np.concatenate([life.last_row[life.last_row >= 0] for life in lives])
    known = np.isfinite(health[behind]) & np.isfinite(smoothed).any(axis=1)
    index = fit_life_index(smoothed[known], health[behind][known])
    return FeatureRule(clock=task.clock, scale=scale, used=used, index=index)


def _telling(standard: Matrix, health: Vector) -> Rows:
    """Return the sensors that vary with health; a few at least.

    A sensor that rises in one failure mode and falls in another varies with health by its square alone. It counts where it
    tells more than any that moves one way; beside those its two directions mislead.
    """
    one_way, either_way = np.array([_correlations(column, health) for column in standard.T]).T
    kept = (one_way > LEAST_CORRELATION) | (either_way > max(LEAST_CORRELATION, float(one_way.max())))
    larger = np.maximum(one_way, either_way)
    strongest = np.argsort(-larger, kind="stable")[:LEAST_SENSORS]
    used = np.flatnonzero(kept) if kept.sum() >= LEAST_SENSORS else np.sort(strongest[larger[strongest] > 0])
    if used.size == 0:
        raise NotEnoughDataError(
            "no sensor varies with what is left of the lives; check that the sensor columns carry readings"
        )
    return used.astype(np.int64)


def _correlations(values: Vector, health: Vector) -> tuple[float, float]:
    """Return the size of the correlations of health with a sensor and with its square."""
    there = np.isfinite(values) & np.isfinite(health)
    if there.sum() < 3 or values[there].std() == 0 or health[there].std() == 0:
        return 0.0, 0.0
    with np.errstate(invalid="ignore"):
        found = np.asarray(np.corrcoef(np.vstack([values[there], values[there] ** 2, health[there]])))
    one_way, either_way = np.abs(np.nan_to_num(found[2, :2])).tolist()
    return one_way, either_way


def _unused(trajectories: Trajectories, rule: FeatureRule) -> tuple[str, ...]:
    unused = np.setdiff1d(np.arange(len(trajectories.sensor_names)), rule.used)
    reasons = []
    for sensor in unused.tolist():
        values = trajectories.sensors[:, sensor]
        there = values[np.isfinite(values)]
        if there.size == 0:
            reasons.append(f"sensor {trajectories.sensor_names[sensor]}: carries no reading")
        elif np.ptp(there) == 0:
            reasons.append(f"sensor {trajectories.sensor_names[sensor]}: never varies")
        else:
            reasons.append(f"sensor {trajectories.sensor_names[sensor]}: does not vary with what is left")
    return tuple(reasons)


_Part = tuple[Rows, Vector, Matrix]


def _fold(task: _Task, chosen: NDArray[np.bool_], probes: Rows, seed: int) -> tuple[Learnt, _Part | None]:
    """Return what some units teach, and the probes of the others, their ages and what is said of them."""
    learnt = _learn(task, chosen, seed)
    held = probes[~chosen[task.trajectories.unit[probes]]]
    if held.size == 0:
        return learnt, None
    many = [_steps_at(task, unit, learnt.rule, held) for unit in np.unique(task.trajectories.unit[held]).tolist()]
    rows = np.concatenate([rows for rows, _ in many])
    steps = join_steps([steps for _, steps in many])
    return learnt, (rows, steps.age, learnt.predict(steps))


def _steps_at(task: _Task, unit: int, rule: FeatureRule, probes: Rows) -> tuple[Rows, KnownSteps]:
    """Return what was known at the probes of a unit: at the newest step that had ended by then."""
    own = probes[task.trajectories.unit[probes] == unit]
    steps = known_steps(task.trajectories, unit, rule)
    place = np.maximum(np.searchsorted(steps.row, own, side="right") - 1, 0)
    return steps.row[place], steps.at(place)


def _settle(task: _Task, parts: list[_Part]) -> tuple[HeldOut, Vector]:
    """Return what was held out, and the weights of the members."""
    rows = np.concatenate([rows for rows, _, _ in parts])
    each = np.concatenate([each for _, _, each in parts])
    left, unit = task.labels.left[rows], task.trajectories.unit[rows]
    weight = _weights(each, left, np.unique(unit).size)
    knee, most = task.span.knee, task.span.most
    held_out = HeldOut(
        row=rows,
        unit=unit,
        left=left * knee,
        predicted=np.clip(blend(weight, each) * knee, 0.0, most),
        each=each,
        age=np.concatenate([age for _, age, _ in parts]),
    )
    return held_out, weight


def _weights(each: Matrix, left: Vector, lives: int) -> Vector:
    """Return weights between equal ones and those that would have been best for the lives held out."""
    best, _ = nnls(each, left)
    equal = np.full(best.size, 1.0 / best.size)
    trust = lives / (lives + LIVES_FOR_WEIGHTS)
    return equal if best.sum() == 0 else trust * best / best.sum() + (1.0 - trust) * equal


def _intervals(task: _Task, held_out: HeldOut, seed: int) -> tuple[Regressor, Calibration]:
    """Return what tells the size of an error, and the residuals in units of it; each life's size by the others'."""
    knee = task.span.knee
    terms = error_terms(held_out.each, held_out.age)
    off = np.abs(held_out.left - held_out.predicted) / knee
    units, code = np.unique(held_out.unit, return_inverse=True)
    fold = life_folds(units.size, FOLDS, np.random.default_rng(seed + 1))[code]
    size = np.full(off.size, LEAST_ERROR)
    for i in np.unique(fold).tolist():
        fitted = _error_size(terms[fold != i], off[fold != i], seed)
        size[fold == i] = np.maximum(fitted.predict(terms[fold == i]), LEAST_ERROR)
    calibration = calibrate(held_out.predicted, size * knee, held_out.left, held_out.unit, width=LIKE_KNEES * knee)
    return _error_size(terms, off, seed), calibration


def _error_size(terms: Matrix, off: Vector, seed: int) -> Regressor:
    model: Regressor = HistGradientBoostingRegressor(
        loss="absolute_error",
        max_iter=80,
        learning_rate=0.05,
        max_leaf_nodes=6,
        min_samples_leaf=int(np.clip(off.size // 20, 3, 40)),
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    ).fit(terms, off)
    return model
