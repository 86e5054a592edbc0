"""How good predictions of a plant's parts are, judged on its own history: learnt on the earlier part, asked about the later.

Nothing is judged by what came after it: lessons and lives are those known at the split and at each moment asked about. Lives that were cut short count by IPCW and Kaplan–Meier.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from configs.instant import ns_of, utc_of_ns
from configs.plant import PartTypeId
from ingest.part_life import RemovalReason
from models.errors import NotEnoughDataError
from models.lesson import PartLesson
from models.prognosis.outlook import failure_within, quantiles
from models.prognosis.slots import Foreseen, foresee_slots
from models.prognosis.weibull import fit_lives
from models.training import metrics
from models.training.metrics import Reliability
from models.training.plant_history import Archive, Occupied, PlantHistory, as_known
from models.training.prognosis import learn_lessons

Array = NDArray[np.float64]

LEARNT_SHARE = 0.6
ASKED_EVERY = timedelta(days=7)
HORIZONS = np.array([7.0, 30.0, 90.0])
LEVELS = (0.1, 0.5, 0.9)
ALPHA = 0.2
LEAST_DAYS = 60.0
WARNED = 0.3
"""A prediction warns where failure within 30 days is said to be at least so likely."""

FALSE_AFTER_DAYS = 90.0
"""A warning is false where the part was still at work so long after it."""

_DAYS_A_MONTH = 30.44

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was said of n slot moments and what became of them, in days: quantiles (n, 3), probabilities (n, 3).

    `left` (n,) is how long the part lasted on or was watched, `failed` (n,) whether it failed then; `life` (n,) numbers lives,
    `counts` (n,) is one over how often a life was asked about, `place` (n,) where in what was said its end lies;
    `machine_months` is how long how many machines were asked about.
    """

    part_types: NDArray[np.object_]
    life: NDArray[np.int64]
    age: Array
    left: Array
    failed: NDArray[np.bool_]
    quantiles: Array
    probabilities: Array
    place: Array
    counts: Array
    machine_months: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The figures of one evaluation, of all evidence and of age alone; NaN where there was too little to tell."""

    split: datetime
    until: datetime
    answers: Answers
    by_age: Answers
    calibration: Reliability
    figures: Mapping[str, tuple[float, float]]
    coverage_by_type: Mapping[str, tuple[float, int]]
    horizons_days: Array
    lead_days: Array


def evaluate(history: PlantHistory, progress: Callable[[float], None] = lambda _: None) -> Evaluation:
    """Return how good predictions are.

    Raises
    ------
    NotEnoughDataError
        The history of conditions is shorter than 60 days, or no part was in a slot after the split.
    """
    split = _split(history)
    learnt = learn_lessons(_cut(history, split), lambda share: progress(0.5 * share))
    lessons = {part: lesson for own in learnt.values() for part, lesson in own.items()}
    answers, by_age = _asked(history, split, lessons, progress)
    if answers.left.size == 0:
        raise NotEnoughDataError("nothing to judge: no part was in a slot after the first 60 % of the history")
    return Evaluation(
        split=split,
        until=history.until,
        answers=answers,
        by_age=by_age,
        calibration=_calibration(answers),
        figures={name: (figure(answers), figure(by_age)) for name, figure in FIGURES.items()},
        coverage_by_type=_by_type(answers),
        horizons_days=_per_life(answers, _horizon),
        lead_days=_per_life(answers, _lead),
    )


def _split(history: PlantHistory) -> datetime:
    starts = [int(block.hours_ns.min()) for block in history.hours.values() if block.hours_ns.size]
    first = utc_of_ns(min(starts)) if starts else history.until
    span = history.until - first
    if span < LEAST_DAYS * _DAY:
        raise NotEnoughDataError(
            f"only {span / _DAY:.0f} days of conditions are stored; an evaluation needs {LEAST_DAYS:.0f}"
        )
    return first + LEARNT_SHARE * span


def _cut(history: PlantHistory, at: datetime) -> PlantHistory:
    """Return the history as it stood at a moment."""
    archive = Archive(history)
    return replace(
        history,
        lives=as_known(history.lives, at),
        meters=archive.meters(at),
        hours={machine: block.until(ns_of(at)) for machine, block in history.hours.items()},
        until=at,
    )


def _asked(
    history: PlantHistory, split: datetime, lessons: Mapping[PartTypeId, PartLesson], progress: Callable[[float], None]
) -> tuple[Answers, Answers]:
    archive = Archive(history)
    numbers = {life.id: number for number, life in enumerate(history.lives)}
    rows: tuple[list[_Row], list[_Row]] = ([], [])
    at = split
    while at < history.until - _DAY:
        progress(0.5 + 0.5 * ((at - split) / (history.until - split)))
        beliefs = fit_lives(history.part_types.values(), as_known(history.lives, at), archive.meters(at), now=at)
        occupied = archive.occupied(at)
        evidence = [archive.evidence(which, at) for which in occupied]
        by_age = [replace(each, indicator=None) for each in evidence]
        for found, asked in zip(rows, (evidence, by_age), strict=True):
            said = foresee_slots(asked, beliefs, now=at, lessons=lessons)
            found += [
                _row(which, each, at, (history.until, numbers[which.life.id]))
                for which, each in zip(occupied, said, strict=True)
                if each is not None
            ]
        at += ASKED_EVERY
    months = (history.until - split) / (_DAYS_A_MONTH * _DAY)
    return _answers(rows[0], months), _answers(rows[1], months)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    machine: str
    part_type: str
    life: int
    age: float
    left: float
    failed: bool
    quantiles: Array
    probabilities: Array
    place: float


def _row(which: Occupied, said: Foreseen, at: datetime, told: tuple[datetime, int]) -> _Row:
    until, number = told
    life = which.life
    left = ((life.removed_at or until) - at) / _DAY
    edges, survival = said.edges[None, :], said.survival[None, :]
    return _Row(
        machine=life.machine,
        part_type=life.part_type,
        life=number,
        age=(at - life.installed_at) / _DAY,
        left=left,
        failed=life.removal_reason is RemovalReason.FAILED,
        quantiles=quantiles(edges, survival, LEVELS)[0],
        probabilities=failure_within(edges, survival, HORIZONS.tolist())[0],
        place=1.0 - float(np.interp(left, said.edges, said.survival)),
    )


def _answers(rows: Sequence[_Row], months: float) -> Answers:
    life = np.array([row.life for row in rows], dtype=np.int64)
    _, code, often = np.unique(life, return_inverse=True, return_counts=True)
    return Answers(
        part_types=np.array([row.part_type for row in rows], dtype=object),
        life=life,
        age=np.array([row.age for row in rows]),
        left=np.array([row.left for row in rows]),
        failed=np.array([row.failed for row in rows], dtype=bool),
        quantiles=np.array([row.quantiles for row in rows]).reshape(-1, 3),
        probabilities=np.array([row.probabilities for row in rows]).reshape(-1, 3),
        place=np.array([row.place for row in rows]),
        counts=1.0 / often[code] if rows else np.empty(0),
        machine_months=months * len({row.machine for row in rows}),
    )


def covered(answers: Answers) -> float:
    """Return the share of lives that end between P10 and P90, those cut short counted by Kaplan–Meier."""
    steps = metrics.kaplan_meier(answers.place, answers.failed, answers.counts)
    before, after = steps.at(np.array([0.1, 0.9])).tolist()
    return float(before - after) if answers.failed.any() else float("nan")


def _winkler(answers: Answers) -> float:
    """Return the interval score in days, of lives that failed."""
    ended = answers.failed
    low, high = answers.quantiles[ended, 0], answers.quantiles[ended, 2]
    return metrics.winkler(answers.left[ended], low, high, share=0.8)


def _width(answers: Answers) -> float:
    return float(np.average(answers.quantiles[:, 2] - answers.quantiles[:, 0], weights=answers.counts))


def _alpha_lambda(answers: Answers) -> float:
    """Return how much of the intervals lies within 20 % of the truth in the second half of lives that failed."""
    late = answers.failed & (answers.left <= answers.age)
    if not late.any():
        return float("nan")
    low, high = answers.quantiles[late, 0], answers.quantiles[late, 2]
    return float(metrics.alpha_lambda(answers.left[late], low, high, alpha=ALPHA).mean())


def _brier_at(column: int) -> Callable[[Answers], float]:
    def figure(answers: Answers) -> float:
        horizon = float(HORIZONS[column])
        return metrics.brier(answers.probabilities[:, column], answers.left, answers.failed, horizon=horizon)

    return figure


def false_warnings(answers: Answers) -> float:
    """Return how many warnings a machine-month were given of parts that were still at work 90 days later.

    A warning that stands from one week to the next is one; of a part that was taken off sooner nobody can say.
    """
    order = np.lexsort((-answers.left, answers.life))
    warned, life = answers.probabilities[order, 1] >= WARNED, answers.life[order]
    stood = np.concatenate(([False], warned[:-1] & (life[1:] == life[:-1])))
    false = warned & ~stood & (answers.left[order] > FALSE_AFTER_DAYS)
    return float(false.sum()) / answers.machine_months if answers.machine_months > 0 else float("nan")


FIGURES: Mapping[str, Callable[[Answers], float]] = {
    "coverage": covered,
    "winkler_days": _winkler,
    "width_days": _width,
    "alpha_lambda": _alpha_lambda,
    "false_warnings": false_warnings,
    "c_index": lambda a: metrics.uno_c(a.probabilities[:, 1], a.left, a.failed, tau=float(HORIZONS[-1])),
    "brier_7": _brier_at(0),
    "brier_30": _brier_at(1),
    "brier_90": _brier_at(2),
    "integrated_brier": lambda a: metrics.integrated_brier(a.probabilities, a.left, a.failed, horizons=HORIZONS),
}


def _calibration(answers: Answers) -> Reliability:
    """Return what was said of the next 30 days and what happened, weighted for lives that were cut short."""
    weight = metrics.ipcw_weights(answers.left, answers.failed, float(HORIZONS[1]))
    happened = answers.failed & (answers.left <= HORIZONS[1])
    return metrics.reliability(answers.probabilities[:, 1], happened, weight=weight, bins=8)


def _by_type(answers: Answers) -> dict[str, tuple[float, int]]:
    found = {}
    for kind in sorted(set(answers.part_types.tolist())):
        own = answers.part_types == kind
        ended = len(set(answers.life[own & answers.failed].tolist()))
        steps = metrics.kaplan_meier(answers.place[own], answers.failed[own], answers.counts[own])
        before, after = steps.at(np.array([0.1, 0.9])).tolist()
        if ended:
            found[str(kind)] = (float(before - after), ended)
    return found


def _per_life(answers: Answers, measure: Callable[[Answers, NDArray[np.int64]], float]) -> Array:
    """Return a figure of every life that failed (n_lives,)."""
    lives = np.unique(answers.life[answers.failed])
    return np.array([measure(answers, np.flatnonzero(answers.life == life)) for life in lives])


def _horizon(answers: Answers, rows: NDArray[np.int64]) -> float:
    life = float(answers.age[rows[0]] + answers.left[rows[0]])
    return metrics.prognostic_horizon(answers.left[rows], answers.quantiles[rows, 1], alpha=ALPHA, life=life)


def _lead(answers: Answers, rows: NDArray[np.int64]) -> float:
    """Return how many days before its end a life was warned of, and from then on without a break; 0 where it was not."""
    order = rows[np.argsort(answers.left[rows])]
    quiet = np.flatnonzero(answers.probabilities[order, 1] < WARNED)
    upto = int(quiet[0]) if quiet.size else order.size
    return float(answers.left[order[upto - 1]]) if upto else 0.0
