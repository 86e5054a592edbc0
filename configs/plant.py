"""What the factory is: sites, lines, machines, slots and sensors, and the types they are of."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeVar

from configs.calendar import WorkCalendar
from configs.inputs import SparkplugDevice, TopicMapping

SiteId = NewType("SiteId", str)
LineId = NewType("LineId", str)
MachineId = NewType("MachineId", str)
SlotId = NewType("SlotId", str)
SensorId = NewType("SensorId", str)
EquipmentTypeId = NewType("EquipmentTypeId", str)
PartTypeId = NewType("PartTypeId", str)

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What a site, line, machine, slot or sensor may be called on the wire; match it whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A word or sentence in the languages of the pages."""

    ko: str
    en: str


class SourceKind(StrEnum):
    """Where a figure of the catalogue comes from, most trusted first."""

    MEASURED = "measured"
    MAKER = "maker"
    STANDARD = "standard"
    DATABASE = "database"
    PUBLISHED_RULE = "published_rule"
    JUDGEMENT = "judgement"
    SITE = "site"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The provenance of a limit or a prior."""

    kind: SourceKind
    note: str


class Bound(StrEnum):
    """On which side of a limit a value is abnormal."""

    UPPER = "upper"
    LOWER = "lower"


class LimitLevel(StrEnum):
    """How serious it is to be past a limit (ISO 20816 zones: B/C is a warning, C/D critical)."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A value that a sensor should not pass, in the sensor's unit, with its provenance."""

    level: LimitLevel
    bound: Bound
    value: float
    on_delay_s: float
    off_delay_s: float
    deadband: float
    source: Source


class SensorRole(StrEnum):
    """What a sensor tells: the state of the machine, or the regime that it is working in."""

    CONDITION = "condition"
    CONTEXT = "context"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One measured quantity of a machine.

    `range_low` and `range_high` are what the sensor can report at all, `normal_low` and `normal_high`
    what is usual when the machine runs; `resolution` is the smallest step that it can show (0 = unknown)
    and `period_s` the usual time between two reports. All values are in `unit`.
    """

    id: SensorId
    name: Text
    measurand: str
    unit: str
    role: SensorRole
    range_low: float
    range_high: float
    normal_low: float
    normal_high: float
    resolution: float
    period_s: float
    limits: tuple[Limit, ...]
    source: Source


class LifeUnit(StrEnum):
    """What a part's life is counted in; a meter of the machine counts it."""

    OPERATING_HOURS = "operating_hours"
    CUTTING_MINUTES = "cutting_minutes"
    SHOTS = "shots"
    STROKES = "strokes"
    STARTS = "starts"
    KILOMETRES = "kilometres"
    CALENDAR_DAYS = "calendar_days"


@dataclass(frozen=True, slots=True, kw_only=True)
class StressLaw:
    """How life shortens under stress: life ∝ (reference / stress) ** exponent.

    `stress` names the sensor or context quantity; `exponent` has a standard deviation of `exponent_sd`.
    """

    stress: str
    reference: float
    exponent: float
    exponent_sd: float
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class PartType:
    """A replaceable part of the catalogue.

    The Weibull prior of its life has shape `beta` and scale `eta` (in `life_unit`), each log-normal with
    `ln_sd_beta` and `ln_sd_eta`. `cost_ratio` is the cost of an unplanned replacement over a planned one.
    `failure_modes` are ISO 14224 codes.
    """

    id: PartTypeId
    name: Text
    life_unit: LifeUnit
    beta: float
    eta: float
    ln_sd_beta: float
    ln_sd_eta: float
    life_source: Source
    failure_modes: tuple[str, ...]
    remedy: Text
    check: Text
    lead_time_days: float
    price_krw: float
    quantity: int
    cost_ratio: float
    stress_law: StressLaw | None
    trade_source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How wear of a slot shows: the sensor that moves, and which way (ISO 17359 descriptor)."""

    sensor: SensorId
    rises: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place on a machine where one replaceable part sits (ISO 14224 level 8)."""

    id: SlotId
    name: Text
    part_type: PartTypeId
    signs: tuple[Sign, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingRule:
    """Tells from a sensor that a machine runs, where no operating state is reported."""

    sensor: SensorId
    above: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EquipmentType:
    """A kind of machine: its sensors, its slots, and how long its windows and its learning are.

    `window_s` is the length of a feature window, `learning_span_s` how much operating time a machine's own
    baseline is learnt from. Without `operating_rule` and without a reported state a machine counts as running.
    """

    id: EquipmentTypeId
    name: Text
    sensors: tuple[Sensor, ...]
    slots: tuple[Slot, ...]
    window_s: float
    learning_span_s: float
    operating_rule: OperatingRule | None
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearing:
    """The geometry of a rolling bearing, which its defect frequencies follow from."""

    rolling_elements: int
    element_diameter_mm: float
    pitch_diameter_mm: float
    contact_angle_deg: float
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuringPoint:
    """A place on a machine where waveforms are measured, one every `period_s`.

    `slot` is the part that it listens to; `rpm` the speed where a waveform states none.
    """

    id: str
    name: Text
    slot: SlotId | None
    bearing: Bearing | None
    rpm: float | None
    period_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One serialised asset of an equipment type, with the sensors and slots it has (ISO 14224 level 6).

    What a stop costs is None where only the site says it, if anybody does; `Site` tells what each figure is.
    """

    id: MachineId
    name: Text
    site: SiteId
    line: LineId
    equipment_type: EquipmentTypeId
    serial: str | None
    installed_at: datetime | None
    sensors: tuple[Sensor, ...]
    slots: tuple[Slot, ...]
    cost_planned_krw: float | None
    cost_unplanned_krw: float | None
    downtime_krw_per_hour: float | None = None
    planned_stop_h: float | None = None
    unplanned_stop_h: float | None = None
    risk: float | None = None
    points: tuple[MeasuringPoint, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line or area of a site (ISA-95 work centre)."""

    id: LineId
    name: Text
    site: SiteId


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One factory, with the time zone in which its people read times (an IANA name), and when it works.

    `cost_planned_krw` and `cost_unplanned_krw` are what a replacement costs without the hours of the stop, which last
    `planned_stop_h` and `unplanned_stop_h` and cost `downtime_krw_per_hour`. `risk` is the share of parts (0-1) that may
    fail before they are replaced, where nobody knows costs. All are None where nobody typed them.
    """

    id: SiteId
    name: Text
    time_zone: str
    calendar: WorkCalendar | None = None
    cost_planned_krw: float | None = None
    cost_unplanned_krw: float | None = None
    downtime_krw_per_hour: float | None = None
    planned_stop_h: float | None = None
    unplanned_stop_h: float | None = None
    risk: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """Everything that is watched. Machine ids are unique in the plant; `revision` rises with every change.

    `devices` and `mappings` tell what the plant's machines and sensors are called in other formats than ours.
    """

    sites: tuple[Site, ...]
    lines: tuple[Line, ...]
    machines: tuple[Machine, ...]
    equipment_types: tuple[EquipmentType, ...]
    part_types: tuple[PartType, ...]
    revision: int
    devices: tuple[SparkplugDevice, ...] = ()
    mappings: tuple[TopicMapping, ...] = ()

    def machine(self, machine: MachineId) -> Machine | None:
        """Return the machine of that id, or None where the plant has none."""
        return next((m for m in self.machines if m.id == machine), None)

    def site(self, site: SiteId) -> Site:
        """Return the site of that id; KeyError where the plant has none."""
        return _by_id(self.sites, site)

    def equipment_type(self, equipment_type: EquipmentTypeId) -> EquipmentType:
        """Return the equipment type of that id; KeyError where the plant has none."""
        return _by_id(self.equipment_types, equipment_type)

    def part_type(self, part_type: PartTypeId) -> PartType:
        """Return the part type of that id; KeyError where the plant has none."""
        return _by_id(self.part_types, part_type)


_Typed = TypeVar("_Typed", EquipmentType, PartType, Site)


def _by_id(items: tuple[_Typed, ...], wanted: str) -> _Typed:
    for item in items:
        if item.id == wanted:
            return item
    raise KeyError(wanted)
