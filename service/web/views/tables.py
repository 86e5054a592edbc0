"""What the pages show of tables that people hand in: what will be stored, what not and why, and what was guessed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from configs.instant import utc_of_ns
from configs.plant import Machine
from ingest.decode.table_cells import CellProblem
from ingest.decode.table_layout import Column, TableKind
from ingest.decode.table_rejections import NoteKind
from service.http.table_desk import SheetPreview, TablePreview
from service.state.table_imports import ImportState, TableImport
from service.web.numbers import unit_sign
from service.web.words import Words, key

REJECTIONS_SHOWN = 50
NAMES_SHOWN = 6
IGNORED = "ignored"

KINDS: Mapping[TableKind, str] = MappingProxyType(
    {
        TableKind.READINGS: key("table.kind.readings"),
        TableKind.READINGS_LONG: key("table.kind.readings_long"),
        TableKind.READINGS_ACROSS: key("table.kind.readings_across"),
        TableKind.MAINTENANCE: key("table.kind.maintenance"),
        TableKind.PARTS: key("table.kind.parts"),
        TableKind.MACHINES: key("table.kind.machines"),
        TableKind.NOT_UNDERSTOOD: key("table.kind.not_understood"),
    }
)
PROBLEMS: Mapping[CellProblem, str] = MappingProxyType(
    {
        CellProblem.NOT_A_NUMBER: key("table.problem.not_a_number"),
        CellProblem.NO_TIME: key("table.problem.no_time"),
        CellProblem.BAD_TIME: key("table.problem.bad_time"),
        CellProblem.FUTURE_TIME: key("table.problem.future_time"),
        CellProblem.TOO_OLD: key("table.problem.too_old"),
        CellProblem.UNKNOWN_MACHINE: key("table.problem.unknown_machine"),
        CellProblem.AMBIGUOUS_MACHINE: key("table.problem.ambiguous_machine"),
        CellProblem.UNKNOWN_SENSOR: key("table.problem.unknown_sensor"),
        CellProblem.AMBIGUOUS_SENSOR: key("table.problem.ambiguous_sensor"),
        CellProblem.WRONG_UNIT: key("table.problem.wrong_unit"),
        CellProblem.UNIT_CHANGE: key("table.problem.unit_change"),
        CellProblem.SAME_INSTANT: key("table.problem.same_instant"),
        CellProblem.NOT_CALCULATED: key("table.problem.not_calculated"),
        CellProblem.UNKNOWN_PART: key("table.problem.unknown_part"),
        CellProblem.BAD_LIFE: key("table.problem.bad_life"),
        CellProblem.UNKNOWN_TYPE: key("table.problem.unknown_type"),
        CellProblem.NAMED_TWICE: key("table.problem.named_twice"),
        CellProblem.MISSING: key("table.problem.missing"),
    }
)
NOTES: Mapping[NoteKind, str] = MappingProxyType(
    {
        NoteKind.HIDDEN_ROWS: key("table.note.hidden_rows"),
        NoteKind.HIDDEN_SHEET: key("table.note.hidden_sheet"),
        NoteKind.SUMMARY_ROWS: key("table.note.summary_rows"),
        NoteKind.HEADING_AGAIN: key("table.note.heading_again"),
        NoteKind.DAY_CARRIED: key("table.note.day_carried"),
    }
)
STATES: Mapping[ImportState, str] = MappingProxyType(
    {
        ImportState.PREVIEWED: key("table.state.previewed"),
        ImportState.WORKING: key("table.state.working"),
        ImportState.IMPORTED: key("table.state.imported"),
        ImportState.FAILED: key("table.state.failed"),
        ImportState.UNDONE: key("table.state.undone"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """One import in the list, or at the top of its own page."""

    id: str
    file_name: str
    state: str
    state_words: str
    who: str
    result: str
    trouble: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRow:
    """A column and what it was taken for; `chosen` is the option that holds now."""

    heading: str
    unit: str
    chosen: str
    is_guess: bool
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionRow:
    """A cell that is not taken in."""

    row: int
    column: str
    problem: str
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetView:
    """A sheet as it will be imported; `columns` may be corrected, by `options` of (value, words).

    `advice` says what to do where nothing of it can be stored.
    """

    name: str
    shape: str
    kind: str
    summary: str
    advice: str
    machine: str
    columns: tuple[ColumnRow, ...]
    options: tuple[tuple[str, str], ...]
    extents: tuple[str, ...]
    notes: tuple[str, ...]
    rejections: tuple[RejectionRow, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewView:
    """A file as it will be imported, or as it was."""

    entry: ImportRow
    total: int
    sheets: tuple[SheetView, ...]
    machines: tuple[tuple[str, str], ...]


def import_row(entry: TableImport, words: Words) -> ImportRow:
    """Return an import as the list shows it."""
    counts = {"done": f"{entry.done:,}", "known": f"{entry.known:,}", "rejected": f"{entry.rejected:,}"}
    is_over = entry.state in {ImportState.IMPORTED, ImportState.UNDONE}
    progress = words.say("table.progress", done=f"{entry.done:,}", total=f"{entry.total:,}")
    return ImportRow(
        id=entry.id,
        file_name=entry.file_name,
        state=entry.state.value,
        state_words=words.say(STATES[entry.state]),
        who=words.say("table.who", who=entry.by, at=words.moment(entry.at)),
        result=words.say("table.result", **counts) if is_over else progress,
        trouble=entry.trouble or "",
    )


def preview_view(preview: TablePreview, machines: Sequence[Machine], words: Words) -> PreviewView:
    """Return a file as it will be imported."""
    return PreviewView(
        entry=import_row(preview.entry, words),
        total=preview.entry.total,
        sheets=tuple(_sheet(sheet, machines, words) for sheet in preview.sheets),
        machines=tuple((machine.id, words.text(machine.name)) for machine in machines),
    )


def _sheet(sheet: SheetPreview, machines: Sequence[Machine], words: Words) -> SheetView:
    content = sheet.content
    own = content.layout.machine if content.layout is not None else None
    return SheetView(
        name=content.name,
        shape=content.shape,
        kind=words.say(KINDS[content.kind]),
        summary=words.say("table.summary", accepted=f"{sheet.accepted:,}", rejected=f"{content.rejected:,}"),
        advice=_advice(sheet, machines, words),
        machine=own.id if own is not None else "",
        columns=tuple(_column(column, words) for column in content.columns if column.role is None),
        options=_options(own, machines, words),
        extents=tuple(_extents(sheet, words)),
        notes=tuple(words.say(NOTES[note.kind], count=f"{note.count:,}", detail=note.detail) for note in content.notes),
        rejections=tuple(
            RejectionRow(row=each.row, column=each.column, problem=words.say(PROBLEMS[each.problem]), shown=each.shown)
            for each in content.rejections[:REJECTIONS_SHOWN]
        ),
        more=max(0, content.rejected - REJECTIONS_SHOWN),
    )


def _advice(sheet: SheetPreview, machines: Sequence[Machine], words: Words) -> str:
    if sheet.accepted:
        return ""
    if sheet.content.shape:
        return words.say("table.advice.no_names")
    names = dict.fromkeys(words.text(sensor.name) for machine in machines for sensor in machine.sensors)
    return words.say("table.advice.no_heading", names=", ".join(list(names)[:NAMES_SHOWN]))


def _column(column: Column, words: Words) -> ColumnRow:
    chosen = f"{column.machine.id}/{column.sensor.id}" if column.machine and column.sensor else ""
    return ColumnRow(
        heading=column.heading.name,
        unit=unit_sign(column.unit),
        chosen=chosen,
        is_guess=not column.sure,
        problem=words.say(PROBLEMS[column.problem]) if column.problem is not None else "",
    )


def _options(own: Machine | None, machines: Sequence[Machine], words: Words) -> tuple[tuple[str, str], ...]:
    wanted = [own] if own is not None else machines
    return tuple(
        (
            f"{machine.id}/{sensor.id}",
            f"{words.text(machine.name)} · {words.text(sensor.name)} {unit_sign(sensor.unit)}".strip(),
        )
        for machine in wanted
        for sensor in machine.sensors
    )


def _extents(sheet: SheetPreview, words: Words) -> list[str]:
    return [
        words.say(
            "table.extent",
            machine=words.text(each.machine.name),
            rows=f"{each.rows:,}",
            first=words.moment(utc_of_ns(each.first_ns)),
            last=words.moment(utc_of_ns(each.last_ns)),
        )
        for each in sheet.extents
    ]
