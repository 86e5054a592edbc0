"""Shapes of part lives and meters."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from configs.instant import utc_of_ns
from configs.plant import LifeUnit
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from service.state.audit import AuditEntry

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
MeterValue = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
ShortText = Annotated[str, Field(max_length=1000)]


class PartLifeSchema(BaseModel):
    """The life of one part in one slot; open while `removed_at` is null. Meter values are in `life_unit`."""

    id: str
    machine: str
    slot: str
    part_type: str
    life_unit: str
    installed_at: datetime
    meter_at_install: float
    age_at_install: float | None
    removed_at: datetime | None
    meter_at_removal: float | None
    removal_reason: str | None
    failure_mode: str | None
    note: str | None

    @classmethod
    def of(cls, life: PartLife) -> Self:
        """Return the shape of a part life."""
        return cls(
            id=life.id,
            machine=life.machine,
            slot=life.slot,
            part_type=life.part_type,
            life_unit=life.life_unit,
            installed_at=life.installed_at,
            meter_at_install=life.meter_at_install,
            age_at_install=life.age_at_install,
            removed_at=life.removed_at,
            meter_at_removal=life.meter_at_removal,
            removal_reason=life.removal_reason,
            failure_mode=life.failure_mode,
            note=life.note,
        )


class InstallationRequest(BaseModel):
    """The first part of an empty slot; `age_at_install` is 0 for a new part and null where the age is not known."""

    model_config = ConfigDict(extra="forbid")

    machine: Identifier
    slot: Identifier
    installed_at: AwareDatetime | None = None
    meter: MeterValue | None = None
    age_at_install: MeterValue | None = 0.0
    note: ShortText | None = None


class RemovalRequest(BaseModel):
    """A part that came off and was replaced; without a time it is now, without a meter the one on record."""

    model_config = ConfigDict(extra="forbid")

    removed_at: AwareDatetime | None = None
    meter: MeterValue | None = None
    reason: RemovalReason
    failure_mode: Annotated[str, Field(max_length=100)] | None = None
    note: ShortText | None = None


class RemovalSchema(BaseModel):
    """The life that ended and the one that began with it."""

    closed: PartLifeSchema
    opened: PartLifeSchema


class CorrectionRequest(BaseModel):
    """A part life as it really was, whole; `age_at_install` is null where nobody knows it."""

    model_config = ConfigDict(extra="forbid")

    installed_at: AwareDatetime
    meter_at_install: MeterValue
    age_at_install: MeterValue | None
    removed_at: AwareDatetime | None = None
    meter_at_removal: MeterValue | None = None
    removal_reason: RemovalReason | None = None
    failure_mode: Annotated[str, Field(max_length=100)] | None = None
    note: ShortText | None = None


class CorrectionSchema(BaseModel):
    """A corrected life, and the one after it where it moved along."""

    life: PartLifeSchema
    next_life: PartLifeSchema | None


class LifeChangeSchema(BaseModel):
    """What was done to a part life, by whom and when."""

    at: datetime
    by: str
    action: str
    before: str | None
    after: str | None

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Return the shape of an entry of the trail."""
        return cls(
            at=entry.at, by=entry.actor_name, action=entry.act.action, before=entry.act.before, after=entry.act.after
        )


class MeterSchema(BaseModel):
    """Where a meter of a machine stands."""

    machine: str
    unit: str
    value: float
    at: datetime

    @classmethod
    def of(cls, meter: MeterState) -> Self:
        """Return the shape of a meter."""
        return cls(machine=meter.machine, unit=meter.unit, value=meter.value, at=utc_of_ns(meter.at_ns))


class MeterRequest(BaseModel):
    """What a person read off a meter, or a device reports; without a time it is now."""

    model_config = ConfigDict(extra="forbid")

    machine: Identifier
    unit: LifeUnit
    value: MeterValue
    at: AwareDatetime | None = None
