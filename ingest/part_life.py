"""The life of one part in one slot, from installation to removal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from configs.plant import LifeUnit, MachineId, PartTypeId, SlotId


class RemovalReason(StrEnum):
    """Why a part came off; only `FAILED` ends a life as a failure, all others censor it."""

    FAILED = "failed"
    PLANNED = "planned"
    OPPORTUNISTIC = "opportunistic"
    INSPECTION = "inspection"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartLife:
    """One part in one slot.

    Meter values are in `life_unit`. `age_at_install` is None where it is not known: the life is then
    left-truncated at the meter it was first seen at, never age 0. An open life has no `removed_at`
    and is right-censored at the machine's present meter.
    """

    id: str
    machine: MachineId
    slot: SlotId
    part_type: PartTypeId
    life_unit: LifeUnit
    installed_at: datetime
    meter_at_install: float
    age_at_install: float | None
    removed_at: datetime | None
    meter_at_removal: float | None
    removal_reason: RemovalReason | None
    failure_mode: str | None
    note: str | None
