"""What people wrote down of what truly happened: mostly right, sometimes late, vague, wrong, or not at all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from configs.plant import PartType, Plant
from simulators.removal import Reason, TrueLife

DAY_S = 86_400.0
UNKNOWN = "unknown"

_LATE_SHARE, _VAGUE_SHARE, _WRONG_SHARE, _FORGOTTEN_SHARE = 0.07, 0.12, 0.03, 0.03
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The time that the books cover, in epoch seconds, and where meters stand at its end: (machine, life unit) -> value."""

    start_s: float
    end_s: float
    meters: Mapping[tuple[str, str], float]


def keep_books(plant: Plant, lives: Iterable[TrueLife], standing: Standing) -> Books:
    """Write the books that cover a history: three years of part changes before it, tool changes of the last weeks."""
    parts: dict[tuple[str, str], PartType] = {
        (m.id, slot.id): plant.part_type(slot.part_type) for m in plant.machines for slot in m.slots
    }
    books: dict[tuple[str, str], _Book] = {}
    by_slot: dict[tuple[str, str], list[TrueLife]] = {}
    for life in lives:
        key = life.machine, life.slot
        if key not in books:
            books[key] = _open_book(parts[key], life.machine, standing)
        if life.removed_s is None or life.removed_s >= books[key].opened_s:
            by_slot.setdefault(key, []).append(_as_told(parts[key], life))
    written: list[LifeRecord] = []
    for key in sorted(by_slot):
        written.extend(_parts_book(books[key], sorted(by_slot[key], key=lambda life: life.install_no)))
    work = [life for life in lives_since(by_slot, standing.start_s) if not _is_tool(parts, life)]
    return Books(
        lives=tuple(written),
        works=tuple(_work(life, standing.end_s) for life in work),
        labels=tuple(
            _label(life, standing.end_s) for life in work if life.reason is Reason.FAILED and not _vague(life)
        ),
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


def _open_book(part: PartType, machine: str, standing: Standing) -> "_Book":
    opened_s = (standing.end_s - _TOOL_LOG_DAYS * DAY_S) if _short(part) else (standing.start_s - _BOOKS_DAYS * DAY_S)
    end_meter = standing.meters[machine, part.life_unit.value]
    return _Book(part=part, opened_s=opened_s, end_s=standing.end_s, end_meter=end_meter)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """One slot's pages: which part, since when they are kept, and where time and meter stand at the end."""

    part: PartType
    opened_s: float
    end_s: float
    end_meter: float


def _parts_book(book: _Book, lives: list[TrueLife]) -> list[LifeRecord]:
    records: list[LifeRecord] = []
    first: TrueLife | None = None
    noticed_s = 0.0
    for life in lives:
        first = first or life
        if _forgotten(book.part, life):
            continue
        records.append(_life_record(book, life, first, noticed_s))
        noticed_s = records[-1].removed_s or 0.0
        first = None
    return records


def _life_record(book: _Book, life: TrueLife, first: TrueLife, noticed_s: float) -> LifeRecord:
    """Write one line; `noticed_s` is when the book says that the part before came off."""
    part = book.part
    known = first.installed_s >= book.opened_s or first.install_no == 0
    vague = life.reason is not None and _vague(life) and not _short(part)
    failed = life.reason is Reason.FAILED and not vague
    removed_s = None if life.removed_s is None else _written_s(life, book.end_s) if not _short(part) else life.removed_s
    return LifeRecord(
        id=life_id(life), machine=life.machine, slot=life.slot, part_type=part.id, life_unit=part.life_unit.value,
        installed_s=min(max(first.installed_s, noticed_s), removed_s or book.end_s) if known else book.opened_s,
        meter_at_install=first.meter_at_install if known else _meter_when_opened(book, life, first),
        age_at_install=0.0 if known else None,
        removed_s=removed_s,
        meter_at_removal=life.meter_at_removal,
        removal_reason=None if life.reason is None else UNKNOWN if vague else life.reason.value,
        failure_mode=_mode(part, life) if failed else None,
        note=None if life.reason is None or _short(part) else note_of(life, vague=vague),
    )  # fmt: skip


def _meter_when_opened(book: _Book, life: TrueLife, first: TrueLife) -> float:
    """Give the meter when the book was opened, with a part in place whose beginning nobody wrote down."""
    to_s, to_meter = (book.end_s, book.end_meter) if life.removed_s is None else (life.removed_s, life.meter_at_removal)
    share = (book.opened_s - first.installed_s) / max(to_s - first.installed_s, 1.0)
    return first.meter_at_install + share * ((to_meter or first.meter_at_install) - first.meter_at_install)


def _written_s(life: TrueLife, end_s: float) -> float:
    return min((life.removed_s or 0.0) + _delay_s(life), end_s)


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


def _work(life: TrueLife, end_s: float) -> WorkRecord:
    kinds = {
        Reason.FAILED: "corrective", Reason.PLANNED: "preventive", Reason.OPPORTUNISTIC: "preventive",
        Reason.INSPECTION: "condition_based",
    }  # fmt: skip
    return WorkRecord(
        machine=life.machine, slot=life.slot, at_s=_written_s(life, end_s),
        kind=kinds[life.reason or Reason.PLANNED], note=note_of(life, vague=_vague(life)),
    )  # fmt: skip


def _label(life: TrueLife, end_s: float) -> LabelRecord:
    removed_s = life.removed_s or 0.0
    return LabelRecord(
        machine=life.machine, slot=life.slot, start_s=removed_s - DAY_S, end_s=removed_s, kind="real_failure",
        said_by=_PEOPLE[int(life.chance[6] * 1e6) % len(_PEOPLE)], said_s=_written_s(life, end_s),
    )  # fmt: skip


def _as_told(part: PartType, life: TrueLife) -> TrueLife:
    """Give a life with the reason that people tell: now and then a failure passes for planned work, or the other way about."""
    if life.reason is None or _short(part) or not _VAGUE_SHARE <= life.chance[6] < _VAGUE_SHARE + _WRONG_SHARE:
        return life
    return replace(life, reason=Reason.PLANNED if life.reason is Reason.FAILED else Reason.FAILED)


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
