"""Reading the CSV tables of a history bundle: part lives, maintenance events, labels and meters."""

import csv
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from configs.instant import ns_of
from configs.plant import LifeUnit, Machine, Plant, Slot
from ingest.label import Label, LabelKind
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason

Row = Mapping[str, str]
_Fact = TypeVar("_Fact", PartLife, MaintenanceEvent, Label, MeterState)
_Kind = TypeVar("_Kind", bound=StrEnum)


class _CellError(ValueError):
    """A cell cannot be used; the message says which and why."""


def read_lives(path: Path, plant: Plant, mistakes: list[str]) -> tuple[PartLife, ...]:
    """Return the part lives of a table, and add what is wrong with it to `mistakes`."""
    return _read(path, lambda row: _life(row, plant), mistakes)


def read_events(path: Path, plant: Plant, mistakes: list[str]) -> tuple[MaintenanceEvent, ...]:
    """Return the maintenance events of a table, and add what is wrong with it to `mistakes`."""
    return _read(path, lambda row: _event(row, plant), mistakes)


def read_labels(path: Path, plant: Plant, mistakes: list[str]) -> tuple[Label, ...]:
    """Return the labels of a table, and add what is wrong with it to `mistakes`."""
    return _read(path, lambda row: _label(row, plant), mistakes)


def read_meters(path: Path, plant: Plant, mistakes: list[str]) -> tuple[MeterState, ...]:
    """Return where the meters of a table stand, and add what is wrong with it to `mistakes`."""
    return _read(path, lambda row: _meter(row, plant), mistakes)


def _read(path: Path, convert: Callable[[Row], _Fact], mistakes: list[str]) -> tuple[_Fact, ...]:
    """Convert every row of a table; one that is not there has none."""
    if not path.is_file():
        return ()
    facts: list[_Fact] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file, strict=True), start=2):
                try:
                    facts.append(convert({name: value or "" for name, value in row.items() if name}))
                except _CellError as error:
                    mistakes.append(f"{path.name} line {number}: {error}")
    except (csv.Error, UnicodeDecodeError) as error:
        mistakes.append(f"{path.name} is not a CSV table in UTF-8: {error}")
    return tuple(facts)


def _life(row: Row, plant: Plant) -> PartLife:
    machine = _machine(row, plant)
    slot = _slot(row, machine)
    removed_at = _optional(row, "removed_at", _time)
    life = PartLife(
        id=_text(row, "id"),
        machine=machine.id,
        slot=slot.id,
        part_type=slot.part_type,
        life_unit=_kind(row, "life_unit", LifeUnit),
        installed_at=_time(row, "installed_at"),
        meter_at_install=_number(row, "meter_at_install"),
        age_at_install=_optional(row, "age_at_install", _number),
        removed_at=removed_at,
        meter_at_removal=_optional(row, "meter_at_removal", _number),
        removal_reason=_kind(row, "removal_reason", RemovalReason) if row.get("removal_reason") else None,
        failure_mode=row.get("failure_mode") or None,
        note=row.get("note") or None,
    )
    _check_life(life, row, plant)
    return life


def _check_life(life: PartLife, row: Row, plant: Plant) -> None:
    if row.get("part_type") != life.part_type:
        raise _CellError(
            f"part_type {row.get('part_type')!r} is not that of slot {life.slot}, which is {life.part_type}"
        )
    unit = plant.part_type(life.part_type).life_unit
    if life.life_unit is not unit:
        raise _CellError(f"life_unit {life.life_unit.value} is not that of {life.part_type}, which is {unit.value}")
    ended = (life.removed_at is not None, life.meter_at_removal is not None, life.removal_reason is not None)
    if len(set(ended)) != 1:
        raise _CellError("removed_at, meter_at_removal and removal_reason go together: all or none")
    if (life.removed_at or life.installed_at) < life.installed_at:
        raise _CellError("the part was removed before it was installed")
    if life.meter_at_removal is not None and life.meter_at_removal < life.meter_at_install:
        raise _CellError("the meter stood lower at removal than at installation")


def _event(row: Row, plant: Plant) -> MaintenanceEvent:
    machine = _machine(row, plant)
    return MaintenanceEvent(
        machine=machine.id,
        slot=_slot(row, machine).id if row.get("slot") else None,
        at=_time(row, "at"),
        kind=_kind(row, "kind", MaintenanceKind),
        note=row.get("note") or None,
    )


def _label(row: Row, plant: Plant) -> Label:
    machine = _machine(row, plant)
    label = Label(
        machine=machine.id,
        slot=_slot(row, machine).id if row.get("slot") else None,
        start=_time(row, "start"),
        end=_time(row, "end"),
        kind=_kind(row, "kind", LabelKind),
        said_by=_text(row, "said_by"),
        said_at=_time(row, "said_at"),
    )
    if label.end < label.start:
        raise _CellError("end lies before start")
    return label


def _meter(row: Row, plant: Plant) -> MeterState:
    value = _number(row, "value")
    if value < 0:
        raise _CellError("value is below 0")
    return MeterState(
        machine=_machine(row, plant).id, unit=_kind(row, "unit", LifeUnit), value=value, at_ns=ns_of(_time(row, "at"))
    )


def _machine(row: Row, plant: Plant) -> Machine:
    name = _text(row, "machine")
    machine = next((machine for machine in plant.machines if machine.id == name), None)
    if machine is None:
        raise _CellError(f"machine {name} is not in the plant; add it to plant.toml")
    return machine


def _slot(row: Row, machine: Machine) -> Slot:
    name = _text(row, "slot")
    slot = next((slot for slot in machine.slots if slot.id == name), None)
    if slot is None:
        raise _CellError(f"machine {machine.id} has no slot {name}; add it to plant.toml")
    return slot


def _text(row: Row, column: str) -> str:
    value = row.get(column, "")
    if not value:
        raise _CellError(f"{column} is missing")
    return value


def _number(row: Row, column: str) -> float:
    value = _text(row, column)
    try:
        number = float(value)
    except ValueError:
        number = float("nan")
    if not abs(number) < float("inf"):
        raise _CellError(f"{column} {value!r} is not a number")
    return number


def _time(row: Row, column: str) -> datetime:
    value = _text(row, column)
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise _CellError(f"{column} {value!r} is not RFC 3339, such as 2026-11-24T08:13:05Z") from None
    if at.tzinfo is None:
        raise _CellError(f"{column} {value!r} has no offset; write 2026-11-24T08:13:05Z")
    return at


def _kind(row: Row, column: str, kinds: type[_Kind]) -> _Kind:
    value = _text(row, column)
    try:
        return kinds(value)
    except ValueError:
        raise _CellError(f"{column} {value!r} is none of {', '.join(kinds)}") from None


_Cell = TypeVar("_Cell", datetime, float)


def _optional(row: Row, column: str, convert: Callable[[Row, str], _Cell]) -> _Cell | None:
    return convert(row, column) if row.get(column) else None
