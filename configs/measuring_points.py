"""Where waveforms are measured: `[machine.waveforms.<point>]`, and the sensors that come of one."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from pydantic import PositiveFloat, ValidationError

from configs.bearings import BearingByNumber
from configs.catalogue.forms import Form, Words, as_written
from configs.catalogue.mistakes import mistakes_of, suggestion
from configs.catalogue.overrides import Table
from configs.plant import (
    EquipmentType,
    Machine,
    MeasuringPoint,
    Sensor,
    SensorId,
    SensorRole,
    Slot,
    SlotId,
    Source,
    SourceKind,
    Text,
)

DEFAULT_PERIOD_S = 600.0


class Quantity(StrEnum):
    """What a waveform comes to; each is a sensor `<point>_<quantity>` of the machine."""

    VELOCITY_RMS = "velocity_rms"
    ACCELERATION_RMS = "acceleration_rms"
    PEAK_TO_PEAK = "peak_to_peak"
    KURTOSIS = "kurtosis"
    CREST_FACTOR = "crest_factor"
    ENVELOPE_1X = "envelope_1x"
    ENVELOPE_BPFO = "envelope_bpfo"
    ENVELOPE_BPFI = "envelope_bpfi"
    ENVELOPE_BSF = "envelope_bsf"
    ENVELOPE_FTF = "envelope_ftf"


DEFECTS = (Quantity.ENVELOPE_BPFO, Quantity.ENVELOPE_BPFI, Quantity.ENVELOPE_BSF, Quantity.ENVELOPE_FTF)
"""The quantities that need the geometry of a bearing."""

_NAMES = {
    Quantity.VELOCITY_RMS: ("진동 속도", "vibration velocity"),
    Quantity.ACCELERATION_RMS: ("진동 가속도", "vibration acceleration"),
    Quantity.PEAK_TO_PEAK: ("최대 진폭", "peak to peak"),
    Quantity.KURTOSIS: ("첨도", "kurtosis"),
    Quantity.CREST_FACTOR: ("파고율", "crest factor"),
    Quantity.ENVELOPE_1X: ("회전 성분", "once a turn"),
    Quantity.ENVELOPE_BPFO: ("외륜 결함 성분", "outer race"),
    Quantity.ENVELOPE_BPFI: ("내륜 결함 성분", "inner race"),
    Quantity.ENVELOPE_BSF: ("볼 결함 성분", "rolling element"),
    Quantity.ENVELOPE_FTF: ("케이지 결함 성분", "cage"),
}

_UNITS = {
    Quantity.VELOCITY_RMS: ("vibration_velocity", "mm/s", 1_000.0),
    Quantity.KURTOSIS: ("kurtosis", "", 10_000.0),
    Quantity.CREST_FACTOR: ("other", "", 10_000.0),
}
_ACCELERATION = ("acceleration", "m/s2", 50_000.0)

_SOURCE = Source(kind=SourceKind.SITE, note="파형에서 계산 / computed from the waveform")


class PointForm(Form):
    """`[machine.waveforms.<point>]`."""

    id: str
    name: Words
    slot: str | None = None
    bearing: BearingByNumber | None = None
    rpm: PositiveFloat | None = None
    period_s: PositiveFloat = DEFAULT_PERIOD_S

    def word(self) -> MeasuringPoint:
        """Return the measuring point."""
        return MeasuringPoint(
            id=self.id,
            name=self.name.word(),
            slot=None if self.slot is None else SlotId(self.slot),
            bearing=self.bearing.word() if self.bearing else None,
            rpm=self.rpm,
            period_s=self.period_s,
        )


def sensor_of(point: MeasuringPoint, quantity: Quantity) -> SensorId:
    """Return the sensor that a quantity of a point is stored as."""
    return SensorId(f"{point.id}_{quantity}")


def derived_sensors(point: MeasuringPoint) -> tuple[Sensor, ...]:
    """Return the sensors that a point's waveforms come to; those of defects only where the bearing is known."""
    return tuple(
        _sensor(point, quantity) for quantity in Quantity if quantity not in DEFECTS or point.bearing is not None
    )


def sent_sensors(machine: Machine) -> tuple[Sensor, ...]:
    """Return the sensors whose readings a machine sends, rather than those that its waveforms come to."""
    derived = {sensor.id for point in machine.points for sensor in derived_sensors(point)}
    return tuple(sensor for sensor in machine.sensors if sensor.id not in derived)


def with_points(equipment_type: EquipmentType, points: Iterable[MeasuringPoint]) -> EquipmentType:
    """Return the type with the sensors that waveforms come to, as a machine with these points has them."""
    derived = tuple(sensor for point in points for sensor in derived_sensors(point))
    return replace(equipment_type, sensors=equipment_type.sensors + derived) if derived else equipment_type


def read_points(
    tables: Mapping[str, Table], equipment_type: EquipmentType, place: str
) -> tuple[tuple[MeasuringPoint, ...], tuple[str, ...]]:
    """Return the measuring points of a machine, and the mistakes in them."""
    points: list[MeasuringPoint] = []
    mistakes: list[str] = []
    taken = {sensor.id for sensor in equipment_type.sensors}
    for name, table in tables.items():
        where = f"{place}, waveform {name}:"
        try:
            point = PointForm.model_validate({"name": name} | table | {"id": name}).word()
        except ValidationError as error:
            mistakes += mistakes_of(error, PointForm, where)
            continue
        derived = [sensor.id for sensor in derived_sensors(point)]
        mistakes += [
            f"{where} {sensor} is a sensor of the machine's type; rename the point"
            for sensor in derived
            if sensor in taken
        ]
        taken.update(derived)
        points.append(point)
    return tuple(points), tuple(mistakes)


def slots_missed(points: Iterable[MeasuringPoint], slots: Iterable[Slot], place: str) -> tuple[str, ...]:
    """Return a line for each point that listens to a slot which the machine lacks."""
    known = [slot.id for slot in slots]
    return tuple(
        f"{place}, waveform {point.id}: the machine has no slot {point.slot}{suggestion(point.slot, known)}"
        for point in points
        if point.slot is not None and point.slot not in known
    )


def written_points(points: Iterable[MeasuringPoint]) -> Table:
    """Return the tables that are read back as `points`."""
    return {point.id: {key: value for key, value in as_written(point).items() if key != "id"} for point in points}


def _sensor(point: MeasuringPoint, quantity: Quantity) -> Sensor:
    measurand, unit, high = _UNITS.get(quantity, _ACCELERATION)
    ko, en = _NAMES[quantity]
    return Sensor(
        id=sensor_of(point, quantity),
        name=Text(ko=f"{point.name.ko} {ko}", en=f"{point.name.en} {en}"),
        measurand=measurand,
        unit=unit,
        role=SensorRole.CONDITION,
        range_low=0.0,
        range_high=high,
        normal_low=0.0,
        normal_high=high,
        resolution=0.0,
        period_s=point.period_s,
        limits=(),
        source=_SOURCE,
    )
