"""Shapes of machines, sensors and slots."""

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from configs.instant import utc_of_ns
from configs.plant import Limit, Plant, Sensor, Slot, Text
from ingest.ports import LastValue
from models.health import Health
from service.advisory.case import Case


class TextSchema(BaseModel):
    """A word in the languages of the pages."""

    ko: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Self:
        """Return the shape of a text."""
        return cls(ko=text.ko, en=text.en)


class LimitSchema(BaseModel):
    """A value that a sensor should not pass, and where the value comes from."""

    level: str
    bound: str
    value: float
    source: str
    source_note: str

    @classmethod
    def of(cls, limit: Limit) -> Self:
        """Return the shape of a limit."""
        return cls(
            level=limit.level,
            bound=limit.bound,
            value=limit.value,
            source=limit.source.kind,
            source_note=limit.source.note,
        )


class ValueSchema(BaseModel):
    """The newest value of a sensor; `quality` is 0 where it is good, else the sum of its flags."""

    value: float
    at: datetime
    quality: int


class SensorSchema(BaseModel):
    """A sensor of a machine, with its newest value."""

    id: str
    name: TextSchema
    measurand: str
    unit: str
    role: str
    normal_low: float
    normal_high: float
    limits: tuple[LimitSchema, ...]
    last: ValueSchema | None

    @classmethod
    def of(cls, sensor: Sensor, last: LastValue | None) -> Self:
        """Return the shape of a sensor."""
        value = last and ValueSchema(value=last.value, at=utc_of_ns(last.event_time_ns), quality=last.quality)
        return cls(
            id=sensor.id,
            name=TextSchema.of(sensor.name),
            measurand=sensor.measurand,
            unit=sensor.unit,
            role=sensor.role,
            normal_low=sensor.normal_low,
            normal_high=sensor.normal_high,
            limits=tuple(map(LimitSchema.of, sensor.limits)),
            last=value,
        )


class SlotSchema(BaseModel):
    """A place for one replaceable part."""

    id: str
    name: TextSchema
    part_type: str
    part_name: TextSchema
    life_unit: str

    @classmethod
    def of(cls, slot: Slot, plant: Plant) -> Self:
        """Return the shape of a slot."""
        part_type = plant.part_type(slot.part_type)
        return cls(
            id=slot.id,
            name=TextSchema.of(slot.name),
            part_type=part_type.id,
            part_name=TextSchema.of(part_type.name),
            life_unit=part_type.life_unit,
        )


class SlotHealthSchema(BaseModel):
    """Health of one slot, 0–100; `indicator` is its degradation in per cent of the failure limit."""

    slot: str
    health: float
    indicator: float


class HealthSchema(BaseModel):
    """Health of a machine, 0–100, or the reason why there is no number."""

    status: str
    health: float | None
    anomaly: float | None
    at: datetime
    learnt_s: float
    needed_s: float
    slots: tuple[SlotHealthSchema, ...]

    @classmethod
    def of(cls, health: Health) -> Self:
        """Return the shape of a health."""
        return cls(
            status=health.status,
            health=health.health,
            anomaly=health.anomaly,
            at=utc_of_ns(health.at_ns),
            learnt_s=health.learnt_s,
            needed_s=health.needed_s,
            slots=tuple(SlotHealthSchema(slot=s.slot, health=s.health, indicator=s.indicator) for s in health.slots),
        )


class OpenCaseSchema(BaseModel):
    """The case that is open about a machine."""

    id: str
    severity: str
    state: str

    @classmethod
    def of(cls, case: Case) -> Self:
        """Return the short shape of a case."""
        return cls(id=case.id, severity=case.severity.name.lower(), state=case.state)


class OutOfServiceSchema(BaseModel):
    """A machine that is not watched until a time, and why."""

    until: datetime
    reason: str


class MachineSchema(BaseModel):
    """A machine and how it is."""

    id: str
    name: TextSchema
    site: str
    line: str
    equipment_type: str
    serial: str | None
    installed_at: datetime | None
    operating_state: str
    newest_reading_at: datetime | None
    received_at: datetime | None
    health: HealthSchema | None
    open_case: OpenCaseSchema | None
    out_of_service: OutOfServiceSchema | None


class MachineDetailSchema(MachineSchema):
    """A machine with its sensors and slots."""

    sensors: tuple[SensorSchema, ...]
    slots: tuple[SlotSchema, ...]
