"""The fact that something was done to a machine."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from configs.plant import MachineId, SlotId


class MaintenanceKind(StrEnum):
    """What kind of work it was."""

    PREVENTIVE = "preventive"
    CORRECTIVE = "corrective"
    CONDITION_BASED = "condition_based"
    INSPECTION = "inspection"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceEvent:
    """Work done on a machine or one of its slots."""

    machine: MachineId
    slot: SlotId | None
    at: datetime
    kind: MaintenanceKind
    note: str | None
