"""A fact for training: what a person found, and when."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from configs.plant import MachineId, SlotId


class LabelKind(StrEnum):
    """What was found, as the verdicts of a closed case say it."""

    REAL_FAILURE = "real_failure"
    PREVENTED = "prevented"
    NOTHING_FOUND = "nothing_found"
    SENSOR_OR_NETWORK = "sensor_or_network"
    PROCESS_CHANGE = "process_change"
    PLANNED_WORK = "planned_work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One finding's outcome over a span of time, with who said it."""

    machine: MachineId
    slot: SlotId | None
    start: datetime
    end: datetime
    kind: LabelKind
    said_by: str
    said_at: datetime
