"""What API and commands may ask of whoever trains models."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from configs.plant import EquipmentTypeId, PartTypeId
from service.actor import Actor


class Work(StrEnum):
    """What is done with the plant's history."""

    TRAIN = "training"
    EVALUATE = "evaluation"


class TrainingState(StrEnum):
    """Where the latest training stands."""

    NEVER = "never"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What was learnt of one part type: from `lives` that ended, that it `fails_at` so many per cent of the nominal limit.

    Of `of` past predictions whose end is known, each life counted once, `inside` held between P10 and P90.
    """

    equipment_type: EquipmentTypeId
    part_type: PartTypeId
    lives: int
    fails_at: float
    inside: float
    of: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """The latest work: `progress` in 0-1, what went wrong in `trouble` (one line), and what it taught."""

    work: Work
    state: TrainingState
    progress: float
    started_at: datetime | None
    finished_at: datetime | None
    trouble: str
    taught: tuple[Taught, ...]


class TrainingDesk(Protocol):
    """Trains and evaluates in the background, one work at a time."""

    def start(self, actor: Actor, work: Work = Work.TRAIN) -> Training:
        """Begin; ConflictError where a training or an evaluation runs already."""

    def report(self) -> str:
        """Return the report of the latest evaluation as HTML; NotFoundError where there is none."""

    def latest(self) -> Training:
        """Return how the latest training stands."""
