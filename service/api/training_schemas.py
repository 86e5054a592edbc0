"""What the API says of training."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from service.http.training_desk import Taught, Training, TrainingState, Work


class TaughtSchema(BaseModel):
    """What was learnt of one part type."""

    model_config = ConfigDict(extra="forbid")

    equipment_type: str
    part_type: str
    lives: int = Field(description="Ended lives that were learnt from.")
    fails_at: float = Field(description="Level at which such parts fail, per cent of the nominal limit.")
    inside: float = Field(description="Past predictions whose part ended between P10 and P90; each life counts once.")
    of: float = Field(description="Past predictions whose end is known; each life counts once.")

    @classmethod
    def of_taught(cls, taught: Taught) -> Self:
        """Return the schema of what was learnt."""
        return cls(
            equipment_type=taught.equipment_type,
            part_type=taught.part_type,
            lives=taught.lives,
            fails_at=round(taught.fails_at, 1),
            inside=round(taught.inside, 2),
            of=round(taught.of, 2),
        )


class TrainingSchema(BaseModel):
    """The latest training."""

    model_config = ConfigDict(extra="forbid")

    work: Work
    state: TrainingState
    progress: float = Field(ge=0, le=1)
    started_at: datetime | None
    finished_at: datetime | None
    trouble: str = Field(description="What went wrong, in one line.")
    taught: list[TaughtSchema]

    @classmethod
    def of(cls, training: Training) -> Self:
        """Return the schema of a training."""
        return cls(
            work=training.work,
            state=training.state,
            progress=training.progress,
            started_at=training.started_at,
            finished_at=training.finished_at,
            trouble=training.trouble,
            taught=[TaughtSchema.of_taught(each) for each in training.taught],
        )
