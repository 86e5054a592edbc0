"""Shapes of how the data is."""

from datetime import datetime
from typing import Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from ingest.reading import QualityFlag
from service.advisory.data_health import (
    DataHealth,
    MachineHealth,
    MissingRange,
    RefusedKind,
    SensorCondition,
    SensorHealth,
)
from service.api.record_schemas import PartStatusSchema
from service.observability.health import PartReadiness


class SensorHealthSchema(BaseModel):
    """One sensor: its condition and since when, its last reading, and every flag of that reading."""

    sensor: str
    condition: SensorCondition
    since: datetime | None
    last_at: datetime | None
    value: float | None
    flags: tuple[str, ...]

    @classmethod
    def of(cls, health: SensorHealth) -> Self:
        """Return the shape of a sensor."""
        last = health.last
        flags = () if last is None else tuple(str(flag.name).lower() for flag in QualityFlag(last.quality))
        return cls(
            sensor=health.sensor.id,
            condition=health.condition,
            since=health.since,
            last_at=health.last_at,
            value=None if last is None else last.value,
            flags=flags,
        )


class MachineDataSchema(BaseModel):
    """One machine's data; silent means that nothing at all comes although it is not known to be off."""

    machine: str
    silent: bool
    newest_received_at: datetime | None
    sensors: tuple[SensorHealthSchema, ...]

    @classmethod
    def of(cls, health: MachineHealth) -> Self:
        """Return the shape of a machine."""
        return cls(
            machine=health.machine.id,
            silent=health.is_silent,
            newest_received_at=health.newest_at,
            sensors=tuple(map(SensorHealthSchema.of, health.sensors)),
        )


class MissingRangeSchema(BaseModel):
    """Messages that never arrived: of a machine and boot, from number to number."""

    machine: str
    boot: str
    first: int
    last: int
    count: int
    since: datetime

    @classmethod
    def of(cls, missing: MissingRange) -> Self:
        """Return the shape of a range."""
        return cls(
            machine=missing.machine,
            boot=missing.boot,
            first=missing.first,
            last=missing.last,
            count=missing.count,
            since=missing.since,
        )


class RefusedKindSchema(BaseModel):
    """Open dead letters of one reason; `detail` is what to do about the newest."""

    reason: str
    letters: int
    count: int
    last_seen: datetime
    detail: str

    @classmethod
    def of(cls, kind: RefusedKind) -> Self:
        """Return the shape of a reason."""
        return cls(
            reason=kind.reason,
            letters=kind.letters,
            count=kind.count,
            last_seen=kind.last_seen,
            detail=kind.detail,
        )


class DataHealthSchema(BaseModel):
    """The data of the plant at one moment; `intake` says whether messages are being taken in."""

    at: datetime
    intake: PartStatusSchema | None
    troubled_sensors: int
    missing_messages: int
    machines: tuple[MachineDataSchema, ...]
    missing: tuple[MissingRangeSchema, ...]
    dead_letters: tuple[RefusedKindSchema, ...]

    @classmethod
    def of(cls, health: DataHealth, at: datetime, intake: PartReadiness | None) -> Self:
        """Return the shape of a plant's data."""
        part = None if intake is None else PartStatusSchema(name=intake.name, ready=intake.ready, detail=intake.detail)
        return cls(
            at=at,
            intake=part,
            troubled_sensors=health.troubled_count,
            missing_messages=health.missing_count,
            machines=tuple(map(MachineDataSchema.of, health.machines)),
            missing=tuple(map(MissingRangeSchema.of, health.missing)),
            dead_letters=tuple(map(RefusedKindSchema.of, health.refused)),
        )


class JudgeAgain(BaseModel):
    """Which readings are judged again: of a machine, from start to before end, a day at most."""

    model_config = ConfigDict(extra="forbid")

    machine: str = Field(max_length=64)
    start: AwareDatetime
    end: AwareDatetime


class JudgedAgainSchema(BaseModel):
    """How many flags have changed."""

    changed: int
