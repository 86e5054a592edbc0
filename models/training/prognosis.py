"""Learning from a plant's history how its parts show their wear, and what predictions of them would have been worth.

1. Every part whose end is known, and that failed or came off worn, teaches how wear showed before the end.
2. The past is gone through again: at even intervals every slot is predicted from what was known then. How the lives ended
   tells what the predictions were worth. Lessons of wear for that come from the machines of other folds, and from the lives
   that had ended in the slot by then, so that no life is judged by what it taught itself.
3. Where enough lives have ended, a hazard is learnt from all parts of the plant: what became of those in the like situation.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from configs.instant import utc_of_ns
from configs.plant import EquipmentTypeId, PartTypeId
from ingest.part_life import RemovalReason
from models.lesson import AS_SAID, USUAL_WEAR, Coverage, Experience, PartLesson, Place, Recalibration, WearLaw
from models.prognosis.degradation import condense, log_factors_by_gain
from models.prognosis.lives import WORN_REMOVALS
from models.prognosis.recalibration import learn_recalibration
from models.prognosis.slots import Foreseen, foresee_slots
from models.prognosis.wear import learn_places, learn_wear
from models.prognosis.weibull import fit_lives
from models.training.experience import PastPredictions, learn_experience
from models.training.plant_history import Archive, Occupied, PlantHistory, as_known

Array = NDArray[np.float64]

FOLDS = 3
LOOK_BACK_EVERY = timedelta(days=10)
LEAST_HISTORY = timedelta(days=45)
BEFORE_END = timedelta(hours=6)
WORN_LEFT = 0.12
"""A part that was taken off worn had about so much of its age left (judgement: the middle of what wear leaves)."""

INSIDE = (0.1, 0.9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A life whose end teaches: how it counts (1 failed, less where it was only taken off worn), and its factors."""

    place: Place
    part_type: PartTypeId
    at: datetime
    counts: float
    factors: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """One prediction of the past: where in it the life ended (`place`), how surely it did, and its share of its life's say.

    `features` (f,) are what was known then, `fold` that of its machine.
    """

    part_type: PartTypeId
    equipment_type: EquipmentTypeId
    showing: bool
    place: float
    ended: float
    counts: float
    features: Array
    fold: int


Lessons = Mapping[PartTypeId, PartLesson]


def learn_lessons(
    history: PlantHistory, progress: Callable[[float], None] = lambda _: None
) -> Mapping[EquipmentTypeId, Lessons]:
    """Return the lessons of each equipment type, by part type; `progress` is told the share that is done."""
    archive = Archive(history)
    ended = list(_ended(archive))
    looked = _looked_back(archive, ended, progress)
    wear = _by_place(_laws(ended), ended)
    kinds = sorted({machine.equipment_type for machine in history.machines})
    lessons = {kind: _lessons_of(kind, history, wear, looked) for kind in kinds}
    experience = _experience(looked, {part: lesson for own in lessons.values() for part, lesson in own.items()})
    return {
        kind: {part: replace(lesson, experience=experience) for part, lesson in own.items()}
        for kind, own in lessons.items()
    }


def _experience(looked: Sequence[Looked], lessons: Lessons) -> Experience | None:
    """Return what became of all parts, in places of predictions as the lessons correct them."""
    if not looked:
        return None
    place = [1.0 - float(_map_for(x, lessons[x.part_type]).corrected(np.array([1.0 - x.place]))[0]) for x in looked]
    return learn_experience(
        PastPredictions(
            features=np.stack([x.features for x in looked]),
            place=np.array(place),
            ended=np.array([x.ended for x in looked]),
            counts=np.array([x.counts for x in looked]),
            group=np.array([x.fold for x in looked]),
        )
    )


def _map_for(looked: Looked, lesson: PartLesson) -> Recalibration:
    return lesson.showing if looked.showing else lesson.calm


def _lessons_of(
    kind: EquipmentTypeId, history: PlantHistory, wear: Mapping[PartTypeId, WearLaw], looked: Sequence[Looked]
) -> dict[PartTypeId, PartLesson]:
    parts = sorted({s.part_type for m in history.machines if m.equipment_type == kind for s in m.slots})
    everywhere = {shows: _map_of([x for x in looked if x.showing is shows], AS_SAID) for shows in (False, True)}
    lessons = {}
    for part in parts:
        own = [x for x in looked if x.part_type == part]
        calm, showing = (_map_of([x for x in own if x.showing is shows], everywhere[shows]) for shows in (False, True))
        lesson = PartLesson(wear=wear.get(part, USUAL_WEAR), calm=calm, showing=showing)
        lessons[part] = replace(lesson, coverage=_coverage(own, lesson))
    return lessons


def _map_of(looked: Sequence[Looked], belief: Recalibration) -> Recalibration:
    columns = np.array([(x.place, x.ended, x.counts) for x in looked]).reshape(-1, 3).T
    return learn_recalibration(columns[0], columns[1], columns[2], belief)


def _coverage(looked: Sequence[Looked], lesson: PartLesson) -> Coverage:
    """Return how often lives that ended did so between P10 and P90 of what would be said now."""
    inside = total = 0.0
    for each in looked:
        worth = _map_for(each, lesson).corrected(np.array([1.0 - each.place]))
        total += each.counts * each.ended
        inside += each.counts * each.ended * (INSIDE[0] <= 1.0 - float(worth[0]) <= INSIDE[1])
    return Coverage(inside=inside, of=total)


def _laws(ended: Sequence[Ended]) -> dict[PartTypeId, WearLaw]:
    """Return the law of wear of each part type, drawn towards that of all parts of the plant."""
    common = _law(ended, USUAL_WEAR)
    kinds = {each.part_type for each in ended}
    return {kind: _law([each for each in ended if each.part_type == kind], common) for kind in kinds}


def _law(ended: Sequence[Ended], belief: WearLaw) -> WearLaw:
    return learn_wear(*_told(ended), belief) if ended else belief


def _by_place(laws: Mapping[PartTypeId, WearLaw], ended: Sequence[Ended]) -> dict[PartTypeId, WearLaw]:
    """Return laws that tell slots apart by the lives that ended in them."""
    found = dict(laws)
    for kind, law in laws.items():
        own = [each for each in ended if each.part_type == kind]
        if own:
            found[kind] = learn_places(*_told(own), [each.place for each in own], law)
    return found


def _told(ended: Sequence[Ended]) -> tuple[Array, Array]:
    return np.stack([x.factors for x in ended]), np.array([x.counts for x in ended])


def _ended(archive: Archive) -> Iterator[Ended]:
    """Give the lives that failed or came off worn after their readings had begun."""
    for which, counts in _instructive(archive):
        life, removed_at = which.life, which.life.removed_at
        if removed_at is None:
            continue
        at = max(removed_at - BEFORE_END, life.installed_at)
        blocks = condense([archive.evidence(which, at).indicator], [life.installed_at], at)
        if not blocks.usable[0]:
            continue
        age_days = (removed_at - life.installed_at) / timedelta(days=1)
        left = BEFORE_END / timedelta(days=1) + (0.0 if counts == 1.0 else WORN_LEFT * age_days)
        factors = log_factors_by_gain(blocks, np.array([left]), np.array([age_days + left]))
        yield Ended(
            place=(life.machine, life.slot),
            part_type=life.part_type,
            at=removed_at,
            counts=counts,
            factors=factors[0],
        )


def _instructive(archive: Archive) -> Iterator[tuple[Occupied, float]]:
    machines = {machine.id: machine for machine in archive.history.machines}
    for life in archive.history.lives:
        machine = machines.get(life.machine)
        slot = next((s for s in machine.slots if s.id == life.slot), None) if machine else None
        counts = _says_of_end(life.removal_reason)
        if machine is not None and slot is not None and counts >= WORN_REMOVALS[RemovalReason.INSPECTION]:
            yield Occupied(machine=machine, slot=slot, life=life), counts


def _says_of_end(reason: RemovalReason | None) -> float:
    if reason is RemovalReason.FAILED:
        return 1.0
    return WORN_REMOVALS.get(reason, 0.0) if reason is not None else 0.0


def _looked_back(archive: Archive, ended: Sequence[Ended], progress: Callable[[float], None]) -> list[Looked]:
    """Return the predictions that would have been made in the past, and what became of them."""
    fold = {machine.id: i % FOLDS for i, machine in enumerate(archive.history.machines)}
    laws = [_laws([x for x in ended if fold[x.place[0]] != held]) for held in range(FOLDS)]
    found: list[tuple[Occupied, Looked]] = []
    dates = list(_dates(archive))
    for number, at in enumerate(dates):
        progress(number / len(dates))
        beliefs = fit_lives(
            archive.history.part_types.values(), as_known(archive.history.lives, at), archive.meters(at), now=at
        )
        occupied = archive.occupied(at)
        for held in range(FOLDS):
            chosen = [which for which in occupied if fold[which.machine.id] == held]
            by_place = _by_place(laws[held], [each for each in ended if each.at <= at])
            lessons = {kind: PartLesson(wear=law) for kind, law in by_place.items()}
            evidence = [archive.evidence(which, at) for which in chosen]
            foreseen = foresee_slots(evidence, beliefs, now=at, lessons=lessons)
            found += [
                (which, _look(which, said, (at, archive.history.until), held))
                for which, said in zip(chosen, foreseen, strict=True)
                if said is not None
            ]
    often: dict[str, int] = {}
    for which, _ in found:
        often[which.life.id] = often.get(which.life.id, 0) + 1
    return [replace(looked, counts=1.0 / often[which.life.id]) for which, looked in found]


def _dates(archive: Archive) -> Iterator[datetime]:
    first = archive.first_hour_ns()
    if first is None:
        return
    at = utc_of_ns(first) + LEAST_HISTORY
    while at < archive.history.until - timedelta(days=1):
        yield at
        at += LOOK_BACK_EVERY


def _look(which: Occupied, said: Foreseen, span: tuple[datetime, datetime], fold: int) -> Looked:
    life, (at, until) = which.life, span
    worn = _says_of_end(life.removal_reason)
    last = life.removed_at or until
    days = (last - at) / timedelta(days=1)
    if 0.0 < worn < 1.0:
        days += WORN_LEFT * ((last - life.installed_at) / timedelta(days=1))
    return Looked(
        part_type=life.part_type,
        equipment_type=which.machine.equipment_type,
        showing=said.showing,
        place=1.0 - float(np.interp(days, said.edges, said.survival)),
        ended=worn,
        counts=1.0,
        features=said.features,
        fold=fold,
    )
