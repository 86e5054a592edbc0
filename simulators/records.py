"""What people wrote down of what truly happened: mostly right, sometimes late, vague, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from configs.plant import PartType, Plant
from simulators.removal import Reason, TrueLife

DAY_S = 86_400.0
UNKNOWN = "unknown"

_LATE_SHARE, _VAGUE_SHARE, _FORGOTTEN_SHARE = 0.07, 0.12, 0.03
_BOOKS_DAYS, _TOOL_LOG_DAYS = 3 * 365.0, 45.0
_FAILED_NOTES = ("가동 중 정지, 교체함", "이상음 발생 후 정지", "고장으로 교체", "야간에 멈춤, 예비품으로 교체")
_PLANNED_NOTES = ("정기 교체", "주기 도래 교체", "예방정비 시 교체")
_SEEN_NOTES = ("점검 중 마모 확인, 교체", "진동 높아 미리 교체", "상태 나빠 보여 교체")
_VAGUE_NOTES = ("교체했음", "부품 바꿈", "수리 완료", "-")
_PEOPLE = ("김정비", "이기사", "박반장", "최대리")


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRecord:
    """One line of the parts book; times in epoch seconds, `reason` as written."""

    id: str
    machine: str
    slot: str
    part_type: str
    life_unit: str
    installed_s: float
    meter_at_install: float
    age_at_install: float | None
    removed_s: float | None
    meter_at_removal: float | None
    removal_reason: str | None
    failure_mode: str | None
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRecord:
    """One line of the maintenance book."""

    machine: str
    slot: str
    at_s: float
    kind: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRecord:
    """One fact for training, as someone stated it."""

    machine: str
    slot: str
    start_s: float
    end_s: float
    kind: str
    said_by: str
    said_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the factory's people can hand over: parts book, maintenance book and labels."""

    lives: tuple[LifeRecord, ...]
    works: tuple[WorkRecord, ...]
    labels: tuple[LabelRecord, ...]


def keep_books(plant: Plant, lives: Iterable[TrueLife], start_s: float, end_s: float) -> Books:
    """Write the books that cover a history: three years of part changes before it, tool changes of the last weeks."""
    parts: dict[tuple[str, str], PartType] = {
        (m.id, slot.id): plant.part_type(slot.part_type) for m in plant.machines for slot in m.slots
    }
    by_slot: dict[tuple[str, str], list[TrueLife]] = {}
    for life in lives:
        by_slot.setdefault((life.machine, life.slot), []).append(life)
    written: list[LifeRecord] = []
    for key in sorted(by_slot):
        written.extend(_parts_book(parts[key], sorted(by_slot[key], key=lambda life: life.install_no), start_s, end_s))
    work = [life for life in lives_since(by_slot, start_s) if not _is_tool(parts, life)]
    return Books(
        lives=tuple(written),
        works=tuple(_work(life) for life in work),
        labels=tuple(_label(life) for life in work if life.reason is Reason.FAILED and not _vague(life)),
    )


def lives_since(by_slot: Mapping[tuple[str, str], list[TrueLife]], start_s: float) -> list[TrueLife]:
    """List the removals after a time, oldest first."""
    removed = [life for lives in by_slot.values() for life in lives if (life.removed_s or 0.0) >= start_s]
    return sorted(removed, key=lambda life: (life.removed_s or 0.0, life.machine, life.slot))


def life_id(life: TrueLife) -> str:
    """Give the number under which the parts book keeps a life."""
    return f"{life.machine}.{life.slot}.{life.install_no}"


def moment(at_s: float) -> datetime:
    """Give an aware UTC time of epoch seconds, to the second."""
    return datetime.fromtimestamp(round(at_s), tz=UTC)


def _parts_book(part: PartType, lives: list[TrueLife], start_s: float, end_s: float) -> list[LifeRecord]:
    days = _TOOL_LOG_DAYS if _short(part) else _BOOKS_DAYS
    opened_s = end_s - days * DAY_S if _short(part) else start_s - days * DAY_S
    records: list[LifeRecord] = []
    carried: TrueLife | None = None
    for life in lives:
        if life.removed_s is not None and life.removed_s < opened_s:
            continue
        first = carried or life
        carried = first if _forgotten(part, life) else None
        if carried is None:
            records.append(_life_record(part, life, first, opened_s))
    return records


def _life_record(part: PartType, life: TrueLife, first: TrueLife, opened_s: float) -> LifeRecord:
    known = first.installed_s >= opened_s or first.install_no == 0
    share = 0.0 if known or life.removed_s is None else _share_before(first, life, opened_s)
    removed_s = None if life.removed_s is None else life.removed_s + _delay_s(life)
    vague = life.reason is not None and _vague(life) and not _short(part)
    failed = life.reason is Reason.FAILED and not vague
    return LifeRecord(
        id=life_id(life), machine=life.machine, slot=life.slot, part_type=part.id, life_unit=part.life_unit.value,
        installed_s=first.installed_s if known else opened_s,
        meter_at_install=_meter_at(first, life, share), age_at_install=0.0 if known else None,
        removed_s=removed_s, meter_at_removal=life.meter_at_removal,
        removal_reason=None if life.reason is None else UNKNOWN if vague else life.reason.value,
        failure_mode=_mode(part, life) if failed else None,
        note=None if life.reason is None or _short(part) else note_of(life, vague=vague),
    )  # fmt: skip


def _share_before(first: TrueLife, life: TrueLife, opened_s: float) -> float:
    whole = (life.removed_s or opened_s) - first.installed_s
    return min(max((opened_s - first.installed_s) / whole, 0.0), 1.0) if whole > 0 else 0.0


def _meter_at(first: TrueLife, life: TrueLife, share: float) -> float:
    end = life.meter_at_removal if life.meter_at_removal is not None else first.meter_at_install
    return first.meter_at_install + share * (end - first.meter_at_install)


def note_of(life: TrueLife, *, vague: bool) -> str:
    """Give what a technician writes about a removal."""
    notes = _VAGUE_NOTES if vague else _NOTES[life.reason or Reason.PLANNED]
    return notes[int(life.chance[9] * len(notes))]


def mode_of(part: PartType, life: TrueLife) -> str | None:
    """Give the failure mode that a technician ticks for a failed part."""
    return _mode(part, life) if life.reason is Reason.FAILED else None


_NOTES = {
    Reason.FAILED: _FAILED_NOTES,
    Reason.PLANNED: _PLANNED_NOTES,
    Reason.OPPORTUNISTIC: ("다른 수리 때 함께 교체", "정지한 김에 교체"),
    Reason.INSPECTION: _SEEN_NOTES,
}


def _mode(part: PartType, life: TrueLife) -> str | None:
    return part.failure_modes[int(life.chance[8] * len(part.failure_modes))] if part.failure_modes else None


def _work(life: TrueLife) -> WorkRecord:
    kinds = {
        Reason.FAILED: "corrective", Reason.PLANNED: "preventive", Reason.OPPORTUNISTIC: "preventive",
        Reason.INSPECTION: "condition_based",
    }  # fmt: skip
    return WorkRecord(
        machine=life.machine, slot=life.slot, at_s=(life.removed_s or 0.0) + _delay_s(life),
        kind=kinds[life.reason or Reason.PLANNED], note=note_of(life, vague=_vague(life)),
    )  # fmt: skip


def _label(life: TrueLife) -> LabelRecord:
    removed_s = life.removed_s or 0.0
    return LabelRecord(
        machine=life.machine, slot=life.slot, start_s=removed_s - DAY_S, end_s=removed_s, kind="real_failure",
        said_by=_PEOPLE[int(life.chance[6] * 1e6) % len(_PEOPLE)], said_s=removed_s + _delay_s(life) + 3600.0,
    )  # fmt: skip


def _delay_s(life: TrueLife) -> float:
    return 3600.0 * (4.0 + 600.0 * life.chance[5]) if life.chance[5] < _LATE_SHARE else 0.0


def _vague(life: TrueLife) -> bool:
    return life.chance[6] < _VAGUE_SHARE


def _forgotten(part: PartType, life: TrueLife) -> bool:
    return life.reason is not None and not _short(part) and life.chance[7] < _FORGOTTEN_SHARE


def _short(part: PartType) -> bool:
    return part.life_unit.value == "cutting_minutes"


def _is_tool(parts: Mapping[tuple[str, str], PartType], life: TrueLife) -> bool:
    return _short(parts[life.machine, life.slot])
