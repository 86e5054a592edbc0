"""The files between the service and the process that trains: an extract of the history, and the lessons that come back.

Nothing in them is code: the history is JSON and Parquet, lessons are JSON; only the service signs artefacts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from configs.plant import EquipmentTypeId, Machine, MachineId, PartType, PartTypeId, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.ports import ConditionBlock
from models.lesson import Coverage, Experience, Gain, PartLesson, Recalibration, Trees, WearLaw
from models.training.plant_history import PlantHistory

FACTS_FILE, HOURS_FILE, LESSONS_FILE = "facts.json", "hours.parquet", "lessons.json"

LessonsByType = Mapping[EquipmentTypeId, Mapping[PartTypeId, PartLesson]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    machines: tuple[Machine, ...]
    part_types: tuple[PartType, ...]
    lives: tuple[PartLife, ...]
    meters: tuple[MeterState, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Map:
    happened: tuple[float, ...]
    shape: tuple[float, float, float]
    lives: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _OwnGain:
    machine: MachineId
    slot: SlotId
    gain: Gain


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lesson:
    showing_shares: tuple[float, ...]
    curvatures: tuple[float, ...]
    gain: Gain
    own_gains: tuple[_OwnGain, ...]
    silent: float
    lives: int
    calm: _Map
    showing: _Map
    inside: float
    of: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trees:
    start: float
    depth: int
    feature: tuple[tuple[int, ...], ...]
    threshold: tuple[tuple[float, ...], ...]
    left: tuple[tuple[int, ...], ...]
    right: tuple[tuple[int, ...], ...]
    missing_left: tuple[tuple[bool, ...], ...]
    value: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Experience:
    trees: _Trees
    weight: float
    lives: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lessons:
    by_type: dict[EquipmentTypeId, dict[PartTypeId, _Lesson]]
    experience: _Experience | None


_TREE_COLUMNS = ("feature", "threshold", "left", "right", "missing_left", "value")
_FACTS: TypeAdapter[_Facts] = TypeAdapter(_Facts)
_LESSONS: TypeAdapter[_Lessons] = TypeAdapter(_Lessons)


def write_history(folder: Path, history: PlantHistory) -> None:
    """Write an extract of a history into a folder."""
    facts = _Facts(
        machines=history.machines,
        part_types=tuple(history.part_types.values()),
        lives=history.lives,
        meters=history.meters,
        until=history.until,
    )
    (folder / FACTS_FILE).write_bytes(_FACTS.dump_json(facts))
    blocks = list(history.hours.values())
    columns = {
        "machine": pa.array(np.concatenate([b.machines for b in blocks]) if blocks else [], pa.string()),
        "key": pa.array(np.concatenate([b.keys for b in blocks]) if blocks else [], pa.string()),
        "hour_ns": np.concatenate([b.hours_ns for b in blocks]) if blocks else np.empty(0, np.int64),
        "value": np.concatenate([b.values for b in blocks]) if blocks else np.empty(0),
        "weight": np.concatenate([b.weights for b in blocks]) if blocks else np.empty(0),
    }
    pq.write_table(pa.table(columns), folder / HOURS_FILE, compression="zstd")


def read_history(folder: Path) -> PlantHistory:
    """Return the history of an extract."""
    facts = _FACTS.validate_json((folder / FACTS_FILE).read_bytes())
    return PlantHistory(
        machines=facts.machines,
        part_types={part.id: part for part in facts.part_types},
        lives=facts.lives,
        meters=facts.meters,
        hours=_hours(pq.read_table(folder / HOURS_FILE)),
        until=facts.until,
    )


def _hours(table: pa.Table) -> dict[MachineId, ConditionBlock]:
    columns = {name: table.column(name).to_numpy() for name in table.column_names}
    order = np.lexsort((columns["hour_ns"], columns["machine"].astype(str)))
    machines = columns["machine"][order].astype(object)
    starts = [i for i in range(machines.size) if i == 0 or machines[i] != machines[i - 1]]
    blocks = {}
    for first, last in pairwise([*starts, machines.size]):
        rows = order[first:last]
        blocks[MachineId(machines[first])] = ConditionBlock(
            machines=machines[first:last],
            keys=columns["key"][rows].astype(object),
            hours_ns=columns["hour_ns"][rows],
            values=columns["value"][rows],
            weights=columns["weight"][rows],
        )
    return blocks


def write_lessons(folder: Path, lessons: LessonsByType) -> None:
    """Write what was learnt."""
    common = next((lesson.experience for own in lessons.values() for lesson in own.values()), None)
    told = _Lessons(
        by_type={kind: {part: _told(lesson) for part, lesson in own.items()} for kind, own in lessons.items()},
        experience=None if common is None else _experience_told(common),
    )
    (folder / LESSONS_FILE).write_bytes(_LESSONS.dump_json(told))


def read_lessons(folder: Path) -> LessonsByType:
    """Return what was learnt."""
    told = _LESSONS.validate_json((folder / LESSONS_FILE).read_bytes())
    experience = None if told.experience is None else _experience(told.experience)
    return {
        kind: {part: replace(_lesson(each), experience=experience) for part, each in own.items()}
        for kind, own in told.by_type.items()
    }


def _told(lesson: PartLesson) -> _Lesson:
    wear, calm, showing = lesson.wear, lesson.calm, lesson.showing
    return _Lesson(
        showing_shares=tuple(wear.showing.tolist()),
        curvatures=tuple(wear.curvature.tolist()),
        gain=wear.gain,
        own_gains=tuple(
            _OwnGain(machine=machine, slot=slot, gain=gain) for (machine, slot), gain in sorted(wear.own.items())
        ),
        silent=wear.silent,
        lives=wear.lives,
        calm=_map_told(calm),
        showing=_map_told(showing),
        inside=lesson.coverage.inside,
        of=lesson.coverage.of,
    )


def _lesson(told: _Lesson) -> PartLesson:
    return PartLesson(
        wear=WearLaw(
            showing=np.array(told.showing_shares),
            curvature=np.array(told.curvatures),
            gain=told.gain,
            own={(each.machine, each.slot): each.gain for each in told.own_gains},
            silent=told.silent,
            lives=told.lives,
        ),
        calm=_map(told.calm),
        showing=_map(told.showing),
        coverage=Coverage(inside=told.inside, of=told.of),
    )


def _map_told(known: Recalibration) -> _Map:
    return _Map(happened=tuple(known.happened.tolist()), shape=known.shape, lives=known.lives)


def _map(told: _Map) -> Recalibration:
    return Recalibration(happened=np.array(told.happened), shape=told.shape, lives=told.lives)


def _experience_told(known: Experience) -> _Experience:
    trees = known.trees
    columns = {name: tuple(map(tuple, getattr(trees, name).tolist())) for name in _TREE_COLUMNS}
    return _Experience(
        trees=_Trees(start=trees.start, depth=trees.depth, **columns),
        weight=known.weight,
        lives=known.lives,
    )


def _experience(told: _Experience) -> Experience:
    columns = {name: np.array(getattr(told.trees, name)) for name in _TREE_COLUMNS}
    trees = Trees(start=told.trees.start, depth=told.trees.depth, **columns)
    return Experience(trees=trees, weight=told.weight, lives=told.lives)
