"""What is proposed for a sensor or a machine that reports and is not in the plant: the catalogue's figures where it has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from configs.catalogue.forms import as_written
from configs.catalogue.load import Catalogue
from configs.plant import IDENTIFIER, EquipmentType, EquipmentTypeId, LineId, MachineId, Sensor, SensorId
from configs.plant_change import ChangedKind, PlantChange
from configs.units import Measurand, unit_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSensor:
    """A sensor as it was heard: its name on the wire, and unit and newest value where they were told."""

    id: SensorId
    unit: str | None
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMachine:
    """A machine as it was heard."""

    id: MachineId
    line: LineId
    equipment_type: EquipmentType
    sensors: tuple[NewSensor, ...]


def can_be_registered(name: str) -> bool:
    """Whether a name on the wire can be the id of a sensor or machine."""
    return IDENTIFIER.fullmatch(name) is not None


def sensor_change(machine: MachineId, new: NewSensor, catalogue: Catalogue) -> PlantChange:
    """Return the change that registers a sensor with a machine."""
    known = _like(new, catalogue.equipment_types)
    table = as_written(known) if known is not None else _from_what_it_said(new)
    table.pop("id", None)
    return PlantChange(kind=ChangedKind.SENSOR, id=f"{machine}/{new.id}", table=table)


def machine_changes(new: NewMachine, catalogue: Catalogue) -> tuple[PlantChange, ...]:
    """Return the changes that register a machine, and the sensors that its type has not."""
    table = {"name": new.id, "line": new.line, "type": new.equipment_type.id}
    usual = {sensor.id for sensor in new.equipment_type.sensors}
    others = [sensor_change(new.id, sensor, catalogue) for sensor in new.sensors if sensor.id not in usual]
    return (PlantChange(kind=ChangedKind.MACHINE, id=new.id, table=table), *others)


def likely_types(names: Iterable[str], types: Sequence[EquipmentType]) -> tuple[EquipmentTypeId, ...]:
    """Return the equipment types, those that have most of the names first.

    Examples
    --------
    >>> likely_types([], ())
    ()
    """
    wanted = set(names)
    ranked = sorted(types, key=lambda kind: -len(wanted & {sensor.id for sensor in kind.sensors}))
    return tuple(kind.id for kind in ranked)


def _like(new: NewSensor, types: Iterable[EquipmentType]) -> Sensor | None:
    """Return the catalogue's sensor of that name, where its unit is the one that was told."""
    for kind in types:
        for sensor in kind.sensors:
            if sensor.id == new.id and new.unit in {None, "", sensor.unit}:
                return sensor
    return None


def _from_what_it_said(new: NewSensor) -> dict[str, object]:
    """Return a sensor whose range is wide and whose usual span is unknown: only what it said so far is to go by."""
    unit = unit_of(new.unit or "")
    measurand = next(
        (each.value for each in Measurand if unit and unit.symbol and each.dimension is unit.dimension), "other"
    )
    value = new.value if new.value is not None and isfinite(new.value) else 0.0
    reach = max(1_000.0, 1_000 * abs(value))
    return {
        "name": new.id,
        "unit": new.unit or "1",
        "measurand": measurand,
        "range_low": -reach,
        "range_high": reach,
        "normal_low": -reach,
        "normal_high": reach,
        "period_s": 60.0,
        "source": {"kind": "judgement", "note": "registered from what it reported; type in its range when it is known"},
    }
