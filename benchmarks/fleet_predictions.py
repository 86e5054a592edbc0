"""The product's predictions at the landmarks of simulated plants, and of models that know one kind of evidence only."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.fleet_landmarks import Desk, Landmark, by_month, known_lives, meters_at
from benchmarks.fleet_world import World
from configs.plant import PartTypeId
from ingest.part_life import PartLife
from models.lesson import PartLesson
from models.prediction import Prediction
from models.prognosis.evidence import SlotEvidence
from models.prognosis.slots import NO_LESSONS, assess_slots
from models.prognosis.weibull import LifePosterior, fit_lives

Array = NDArray[np.float64]

Posteriors = dict[PartTypeId, LifePosterior]
View = Callable[[SlotEvidence], SlotEvidence]


def everything(evidence: SlotEvidence) -> SlotEvidence:
    """Return the evidence as it is."""
    return evidence


def age_only(evidence: SlotEvidence) -> SlotEvidence:
    """Return the evidence without what readings say."""
    return replace(evidence, indicator=None, limits_passed=(), contributions=())


def condition_only(evidence: SlotEvidence) -> SlotEvidence:
    """Return the evidence as if nobody knew how old the part is."""
    life = evidence.life
    return replace(evidence, limits_passed=(), life=None if life is None else replace(life, age_at_install=None))


def rules_only(evidence: SlotEvidence) -> SlotEvidence:
    """Return the evidence of limits alone."""
    life = evidence.life
    return replace(evidence, indicator=None, life=None if life is None else replace(life, age_at_install=None))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said at n landmarks and what is true (n,): remaining life in life units, probability within 7 days.

    `low`, `middle` and `high` are P10, P50 and P90; NaN where there was no number.
    """

    marks: tuple[Landmark, ...]
    left: Array
    low: Array
    middle: Array
    high: Array
    week: Array

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Where there was a number."""
        return ~np.isnan(self.middle)

    @property
    def shows(self) -> NDArray[np.bool_]:
        """Where wear truly showed: inside the P-F interval."""
        return np.array([mark.truth.shows for mark in self.marks])

    @property
    def fails_in_week(self) -> NDArray[np.bool_]:
        """Where the part truly had no more than seven days left."""
        return np.array([mark.truth.days <= 7.0 for mark in self.marks])

    @property
    def life(self) -> Array:
        """The catalogue's characteristic life, by which figures of different part types are put on one scale."""
        return np.array([mark.part_type.eta for mark in self.marks])

    @property
    def kinds(self) -> NDArray[np.object_]:
        """The part type of each landmark."""
        return np.array([mark.part_type.id for mark in self.marks], dtype=object)

    @property
    def groups(self) -> NDArray[np.object_]:
        """The machine of each landmark: what must not be split."""
        return np.array([f"{mark.world}/{mark.machine.id}" for mark in self.marks], dtype=object)

    @classmethod
    def joined(cls, many: Sequence["Said"]) -> "Said":
        """Return what was said in several plants."""
        columns = {
            name: np.concatenate([getattr(each, name) for each in many])
            for name in ("left", "low", "middle", "high", "week")
        }
        return cls(marks=tuple(mark for each in many for mark in each.marks), **columns)


def said(marks: Sequence[Landmark], predictions: Sequence[Prediction]) -> Said:
    """Return predictions as arrays."""
    lives = [each.remaining for each in predictions]
    quantiles = np.array([[r.p10, r.p50, r.p90] if r else [np.nan] * 3 for r in lives]).reshape(len(lives), 3)
    week = [e.failure_probability.within_7_days if e.failure_probability else np.nan for e in predictions]
    return Said(
        marks=tuple(marks),
        left=np.array([mark.truth.left for mark in marks]),
        low=quantiles[:, 0],
        middle=quantiles[:, 1],
        high=quantiles[:, 2],
        week=np.array(week),
    )


def predict(
    world: World,
    marks: Sequence[Landmark],
    views: Mapping[str, View],
    *,
    lessons: Mapping[PartTypeId, PartLesson] = NO_LESSONS,
    most_lives: int | None = None,
) -> dict[str, Said]:
    """Return what was said at the landmarks of one plant, by view of the evidence; in order of time.

    Lives are learnt from month by month, only those that had ended by the first of it; `most_lives` keeps that many of
    each part type, the newest.
    """
    desk = Desk(world)
    found: dict[str, list[tuple[list[Landmark], list[Prediction]]]] = {name: [] for name in views}
    for _, group in sorted(by_month(marks).items()):
        first_s = min(mark.at_s for mark in group)
        beliefs = beliefs_at(world, first_s, most_lives)
        for name, view in views.items():
            made = [_one(view(desk.evidence(mark)), beliefs, mark, lessons) for mark in group]
            found[name].append((group, made))
    return {
        name: said([m for group, _ in all_ for m in group], [p for _, made in all_ for p in made])
        for name, all_ in found.items()
    }


def beliefs_at(world: World, at_s: float, most_lives: int | None = None) -> Posteriors:
    """Return what was known of the life of each part type at a moment."""
    at = datetime.fromtimestamp(at_s, tz=UTC)
    lives = known_lives(world.lives, at)
    chosen = lives if most_lives is None else _newest(lives, most_lives)
    return dict(fit_lives(world.plant.part_types, chosen, meters_at(world, at_s), now=at))


def _newest(lives: Sequence[PartLife], most: int) -> list[PartLife]:
    closed: dict[PartTypeId, list[PartLife]] = {}
    for life in lives:
        if life.removed_at is not None:
            closed.setdefault(life.part_type, []).append(life)
    return [
        life
        for own in closed.values()
        for life in sorted(own, key=lambda each: each.removed_at or each.installed_at)[
            len(own) - most if most < len(own) else 0 :
        ]
        if most
    ]


def _one(
    evidence: SlotEvidence, beliefs: Posteriors, mark: Landmark, lessons: Mapping[PartTypeId, PartLesson]
) -> Prediction:
    at = datetime.fromtimestamp(mark.at_s, tz=UTC)
    return assess_slots([evidence], beliefs, now=at, lessons=lessons)[0]
