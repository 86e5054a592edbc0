"""The records of a sheet: work that was done, lives of parts, and machines; and why the rest is not taken in."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from configs.instant import utc_of_ns
from configs.plant import IDENTIFIER, EquipmentType, LifeUnit, Machine, MachineId, PartTypeId, Slot
from ingest.decode.table_cells import Cell, CellError, CellProblem, Row, amount_of, is_blank, key_of, text_of
from ingest.decode.table_head import Numbered
from ingest.decode.table_names import Role, machine_names, slot_names, type_names
from ingest.decode.table_rows import SheetReading
from ingest.decode.table_times import local_time, utc_of
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.part_life import PartLife, RemovalReason

_Kind = TypeVar("_Kind", MaintenanceKind, RemovalReason)

DEFAULT_HOURS_PER_DAY = 8.0
"""How long a machine is taken to run a day where a ledger gives days alone: one shift; it is asked about."""

_KINDS = (
    (MaintenanceKind.CONDITION_BASED, ("예지", "상태기반", "condition", "predictive")),
    (
        MaintenanceKind.CORRECTIVE,
        ("고장", "사후", "돌발", "수리", "파손", "파열", "corrective", "breakdown", "repair", "failure"),
    ),
    (MaintenanceKind.CALIBRATION, ("교정", "calibration")),
    (MaintenanceKind.INSPECTION, ("점검", "검사", "inspection", "check")),
    (MaintenanceKind.PREVENTIVE, ("예방", "정기", "교체", "급유", "preventive", "planned", "replace")),
)
_REASONS = (
    (RemovalReason.FAILED, ("고장", "파손", "파열", "소손", "마모한계", "fail", "broken")),
    (RemovalReason.PLANNED, ("예방", "정기", "계획", "주기", "plan", "preventive", "scheduled")),
    (RemovalReason.OPPORTUNISTIC, ("기회", "동시", "opportun")),
    (RemovalReason.INSPECTION, ("점검", "검사", "inspect")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRow:
    """A machine as a list names it; texts are as written, "" where there is none."""

    row: int
    id: str
    name: str
    equipment_type: str
    line: str
    serial: str
    installed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartUse:
    """How the lives of parts are counted where a ledger gives days alone: from where the meters stand now."""

    present: Mapping[tuple[MachineId, LifeUnit], float]
    units: Mapping[PartTypeId, LifeUnit]
    hours_per_day: float


def read_events(sheet: SheetReading, rows: Iterable[Numbered]) -> tuple[tuple[int, MaintenanceEvent], ...]:
    """Return what was done, each with its row."""
    found = []
    for number, row in _rows(sheet, rows):
        try:
            found.append((number, _event(sheet, row)))
        except CellError as error:
            sheet.complaints.reject(number, _where(sheet, error), error)
    return tuple(found)


def read_lives(sheet: SheetReading, rows: Iterable[Numbered], use: PartUse) -> tuple[tuple[int, PartLife], ...]:
    """Return the lives of parts, each with its row."""
    found = []
    open_slots: set[tuple[str, ...]] = set()
    for number, row in _rows(sheet, rows):
        try:
            life = _life(sheet, row, use)
            if life.removed_at is None:
                _take_place(open_slots, life.machine, life.slot)
            found.append((number, life))
        except CellError as error:
            sheet.complaints.reject(number, _where(sheet, error), error)
    return tuple(found)


def read_machines(
    sheet: SheetReading, rows: Iterable[Numbered], types: Iterable[EquipmentType]
) -> tuple[MachineRow, ...]:
    """Return the machines of a list whose type the catalogue has, each once."""
    known = type_names(types)
    found: list[MachineRow] = []
    taken: set[tuple[str, ...]] = set()
    for number, row in _rows(sheet, rows):
        try:
            type_text = _text(sheet, row, Role.TYPE)
            kind = known.get(sheet.answers.names.get(type_text, type_text))
            machine = _machine_row(sheet, (number, row), kind)
            _take_place(taken, machine.id)
            found.append(machine)
        except CellError as error:
            sheet.complaints.reject(number, _where(sheet, error), error)
    return tuple(found)


def _event(sheet: SheetReading, row: Row) -> MaintenanceEvent:
    at = _time(sheet, row, Role.TIME)
    machine = _machine(sheet, row)
    part, work = _text(sheet, row, Role.PART), _text(sheet, row, Role.WORK)
    slot = slot_names(machine).find(sheet.answers.names.get(part, part)) if part else None
    told = (work, part if part and part not in work else "", _text(sheet, row, Role.NOTE))
    note = " · ".join(filter(None, told))
    kind = _first(_KINDS, _text(sheet, row, Role.KIND)) or _first(_KINDS, work) or MaintenanceKind.PREVENTIVE
    return MaintenanceEvent(
        machine=machine.id, slot=slot.item.id if slot else None, at=at, kind=kind, note=note[:1000] or None
    )


def _life(sheet: SheetReading, row: Row, use: PartUse) -> PartLife:
    machine = _machine(sheet, row)
    part = _text(sheet, row, Role.PART)
    slot = slot_names(machine).get(sheet.answers.names.get(part, part))
    installed = _time(sheet, row, Role.INSTALLED)
    removed = None if is_blank(_value(sheet, row, Role.REMOVED)) else _time(sheet, row, Role.REMOVED)
    if removed is not None and removed < installed:
        raise CellError(
            CellProblem.BAD_LIFE, f"{_text(sheet, row, Role.REMOVED)} < {_text(sheet, row, Role.INSTALLED)}"
        )
    unit = use.units[slot.part_type]
    meter_in, meter_out = _number(sheet, row, Role.METER_INSTALLED), _number(sheet, row, Role.METER_REMOVED)
    age = 0.0
    if meter_in is None or (removed is not None and meter_out is None):
        meter_in, meter_out, age = _by_calendar(sheet, (machine, unit), use, installed=installed, removed=removed)
    if meter_out is not None and meter_out < meter_in:
        raise CellError(CellProblem.BAD_LIFE, f"{meter_out:g} < {meter_in:g}")
    reason = _first(_REASONS, _text(sheet, row, Role.REASON)) or RemovalReason.UNKNOWN
    return PartLife(
        id=_life_id(machine, slot, installed),
        machine=machine.id,
        slot=slot.id,
        part_type=slot.part_type,
        life_unit=unit,
        installed_at=installed,
        meter_at_install=meter_in,
        age_at_install=age,
        removed_at=removed,
        meter_at_removal=meter_out if removed is not None else None,
        removal_reason=reason if removed is not None else None,
        failure_mode=None,
        note=" · ".join(filter(None, (_text(sheet, row, Role.REASON), _text(sheet, row, Role.NOTE))))[:1000] or None,
    )


def _by_calendar(
    sheet: SheetReading,
    counted: tuple[Machine, LifeUnit],
    use: PartUse,
    *,
    installed: datetime,
    removed: datetime | None,
) -> tuple[float, float | None, float]:
    """Return meter at installation and removal and the age at installation, by days between and how long a day is worked.

    Counted back from where the machine's meter stands now; what lies before the meter began is age.
    """
    machine, unit = counted
    if unit not in _PER_DAY:
        raise CellError(CellProblem.MISSING, unit.value)
    per_day = _PER_DAY[unit] or use.hours_per_day * (60 if unit is LifeUnit.CUTTING_MINUTES else 1)
    now = utc_of_ns(sheet.now_ns)
    present = use.present.get((machine.id, unit), 0.0)
    begun = present - per_day * ((now - installed) / timedelta(days=1))
    if removed is None:
        return max(0.0, begun), None, max(0.0, -begun)
    used = per_day * ((removed - installed) / timedelta(days=1))
    return max(0.0, begun), max(0.0, begun) + used, 0.0


_PER_DAY = {LifeUnit.CALENDAR_DAYS: 1.0, LifeUnit.OPERATING_HOURS: None, LifeUnit.CUTTING_MINUTES: None}


def _machine_row(sheet: SheetReading, numbered: Numbered, kind: EquipmentType) -> MachineRow:
    number, row = numbered
    written = _text(sheet, row, Role.MACHINE)
    name = _text(sheet, row, Role.MACHINE_NAME) or written
    machine_id = sheet.answers.names.get(written, written)
    if not IDENTIFIER.fullmatch(machine_id):
        machine_id = f"{kind.id.split('_')[0]}-{hashlib.sha256(key_of(name).encode()).hexdigest()[:6]}"
    if not name:
        raise CellError(CellProblem.MISSING, Role.MACHINE)
    installed = None if is_blank(_value(sheet, row, Role.INSTALLED)) else _time(sheet, row, Role.INSTALLED)
    return MachineRow(
        row=number,
        id=machine_id,
        name=name,
        equipment_type=kind.id,
        line=_text(sheet, row, Role.LINE),
        serial=_text(sheet, row, Role.SERIAL),
        installed_at=installed,
    )


def _take_place(taken: set[tuple[str, ...]], *place: str) -> None:
    if place in taken:
        raise CellError(CellProblem.NAMED_TWICE, " ".join(place))
    taken.add(place)


def _rows(sheet: SheetReading, rows: Iterable[Numbered]) -> Iterable[Numbered]:
    first = sheet.layout.head.first_row
    return ((number, row) for number, row in rows if number >= first and not all(map(is_blank, row)))


def _machine(sheet: SheetReading, row: Row) -> Machine:
    text = _text(sheet, row, Role.MACHINE) or _text(sheet, row, Role.MACHINE_NAME)
    if not text and sheet.layout.machine is not None:
        return sheet.layout.machine
    return machine_names(sheet.plant).get(sheet.answers.names.get(text, text))


def _time(sheet: SheetReading, row: Row, role: Role) -> datetime:
    clock = _value(sheet, row, Role.CLOCK) if role is Role.TIME else None
    at = utc_of(local_time(_value(sheet, row, role), clock, sheet.calendar), sheet.calendar.zone)
    if at > utc_of_ns(sheet.now_ns):
        raise CellError(CellProblem.FUTURE_TIME, text_of(_value(sheet, row, role)))
    return at


def _number(sheet: SheetReading, row: Row, role: Role) -> float | None:
    amount = amount_of(_value(sheet, row, role))
    return None if amount is None else amount.value


def _value(sheet: SheetReading, row: Row, role: Role) -> Cell:
    column = sheet.layout.of(role)
    return row[column.heading.position] if column is not None and column.heading.position < len(row) else None


def _text(sheet: SheetReading, row: Row, role: Role) -> str:
    value = _value(sheet, row, role)
    return "" if is_blank(value) else text_of(value)


def _where(sheet: SheetReading, error: CellError) -> str:
    """Return the heading of the column that a problem is about."""
    roles = _ABOUT.get(error.problem, (Role.TIME, Role.INSTALLED))
    column = next((found for role in roles if (found := sheet.layout.of(role)) is not None), None)
    return column.heading.name if column is not None else ""


_ABOUT = {
    CellProblem.UNKNOWN_MACHINE: (Role.MACHINE, Role.MACHINE_NAME),
    CellProblem.AMBIGUOUS_MACHINE: (Role.MACHINE, Role.MACHINE_NAME),
    CellProblem.MISSING: (Role.MACHINE, Role.MACHINE_NAME),
    CellProblem.NAMED_TWICE: (Role.MACHINE, Role.MACHINE_NAME),
    CellProblem.UNKNOWN_PART: (Role.PART,),
    CellProblem.UNKNOWN_TYPE: (Role.TYPE,),
    CellProblem.BAD_LIFE: (Role.REMOVED,),
    CellProblem.NOT_A_NUMBER: (Role.METER_INSTALLED, Role.METER_REMOVED),
}


def _first(table: Iterable[tuple[_Kind, tuple[str, ...]]], text: str) -> _Kind | None:
    key = key_of(text)
    return next((kind for kind, words in table if any(word in key for word in words)), None)


def _life_id(machine: Machine, slot: Slot, installed: datetime) -> str:
    content = f"{machine.id} {slot.id} {installed.isoformat()}"
    return "ledger." + hashlib.sha256(content.encode()).hexdigest()[:24]
