"""Part lives as people keep them: a CSV table with Korean or English headings, and all its mistakes at once."""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from configs.plant import Machine, MachineId, PartType, PartTypeId
from ingest.part_life import PartLife, RemovalReason
from service.advisory.findings import draw_id
from service.errors import InvalidRequestError

MOST_ROWS = 50_000
HEADINGS = {
    "machine": ("machine", "설비"),
    "slot": ("slot", "부품 자리", "부품자리", "부품"),
    "installed_at": ("installed_at", "장착일", "설치일", "교체일"),
    "meter_at_install": ("meter_at_install", "장착 계기값", "장착계기값"),
    "age_at_install": ("age_at_install", "장착 때 사용량", "사용량"),
    "removed_at": ("removed_at", "탈거일", "제거일"),
    "meter_at_removal": ("meter_at_removal", "탈거 계기값", "탈거계기값"),
    "reason": ("reason", "사유", "탈거 사유"),
    "failure_mode": ("failure_mode", "고장 모드"),
    "note": ("note", "비고", "메모"),
}
REQUIRED = ("machine", "slot", "installed_at")
UNKNOWN = ("unknown", "모름", "?")
REASONS = {
    "고장": RemovalReason.FAILED,
    "계획": RemovalReason.PLANNED,
    "기회": RemovalReason.OPPORTUNISTIC,
    "점검": RemovalReason.INSPECTION,
    "모름": RemovalReason.UNKNOWN,
}

_FIELD_OF = {heading: field for field, headings in HEADINGS.items() for heading in headings}


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeTable:
    """What a table says: part lives, and what could not be read, each with its line."""

    lives: tuple[PartLife, ...]
    mistakes: tuple[str, ...]


def read_life_table(
    text: str,
    machines: Mapping[MachineId, Machine],
    zones: Mapping[MachineId, ZoneInfo],
    part_types: Mapping[PartTypeId, PartType],
) -> LifeTable:
    """Return the part lives of a CSV text; times without an offset are the site's own.

    An empty age means a new part; `unknown` says that nobody knows it. InvalidRequestError where the text is no such table.
    """
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    fields = [_FIELD_OF.get(heading.strip().lower(), "") for heading in rows[0]] if rows else []
    if missing := [field for field in REQUIRED if field not in fields]:
        raise InvalidRequestError(f"the table lacks the column {', '.join(HEADINGS[missing[0]][:2])}")
    if len(rows) > MOST_ROWS:
        raise InvalidRequestError(f"the table has more than {MOST_ROWS} lines; import it in parts")
    lives, mistakes = [], []
    for line, row in enumerate(rows[1:], start=2):
        cells = {field: cell.strip() for field, cell in zip(fields, row, strict=False) if field}
        if not any(cells.values()):
            continue
        try:
            machine = _machine(cells, machines)
            lives.append(_life(cells, machine, zones[machine.id], part_types))
        except InvalidRequestError as error:
            mistakes.append(f"line {line}: {error}")
    return LifeTable(lives=tuple(lives), mistakes=tuple(mistakes))


def _machine(cells: Mapping[str, str], machines: Mapping[MachineId, Machine]) -> Machine:
    machine = machines.get(MachineId(cells.get("machine", "")))
    if machine is None:
        raise InvalidRequestError(f"machine: the plant has no machine {cells.get('machine', '')!r}")
    return machine


def _life(
    cells: Mapping[str, str], machine: Machine, zone: ZoneInfo, part_types: Mapping[PartTypeId, PartType]
) -> PartLife:
    slot = next((each for each in machine.slots if each.id == cells.get("slot")), None)
    if slot is None:
        raise InvalidRequestError(f"slot: {machine.id} has {', '.join(each.id for each in machine.slots)}")
    installed_at = _time("installed_at", cells.get("installed_at", ""), zone)
    if installed_at is None:
        raise InvalidRequestError("installed_at: is empty; write the day on which the part went in")
    removed_at = _time("removed_at", cells.get("removed_at", ""), zone)
    age = cells.get("age_at_install", "")
    return PartLife(
        id=draw_id(machine.id, f"life:{slot.id}", installed_at),
        machine=machine.id,
        slot=slot.id,
        part_type=slot.part_type,
        life_unit=part_types[slot.part_type].life_unit,
        installed_at=installed_at,
        meter_at_install=_number("meter_at_install", cells.get("meter_at_install", "")) or 0.0,
        age_at_install=None if age.lower() in UNKNOWN else _number("age_at_install", age) or 0.0,
        removed_at=removed_at,
        meter_at_removal=_number("meter_at_removal", cells.get("meter_at_removal", "")),
        removal_reason=None if removed_at is None else _reason(cells.get("reason", "")),
        failure_mode=cells.get("failure_mode") or None,
        note=cells.get("note") or None,
    )


def _time(field: str, cell: str, zone: ZoneInfo) -> datetime | None:
    if not cell:
        return None
    try:
        written = datetime.fromisoformat(cell.replace("/", "-").replace(".", "-") if len(cell) <= 10 else cell)
    except ValueError:
        raise InvalidRequestError(
            f"{field}: {cell!r} is no day; write it like 2026-11-24 or 2026-11-24 17:05"
        ) from None
    return (written if written.tzinfo else written.replace(tzinfo=zone)).astimezone(UTC)


def _number(field: str, cell: str) -> float | None:
    if not cell:
        return None
    try:
        return float(cell.replace(",", ""))
    except ValueError:
        raise InvalidRequestError(f"{field}: {cell!r} is no number") from None


def _reason(cell: str) -> RemovalReason:
    if not cell:
        return RemovalReason.UNKNOWN
    if cell in REASONS:
        return REASONS[cell]
    try:
        return RemovalReason(cell.lower())
    except ValueError:
        known = ", ".join(RemovalReason)
        raise InvalidRequestError(f"reason: {cell!r} is none of {known}") from None
