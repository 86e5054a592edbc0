"""One sheet from its cells to what will be stored: readings, records, what is rejected, and what was guessed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from zoneinfo import ZoneInfo

from configs.plant import EquipmentType, LifeUnit, Machine, MachineId, Plant
from ingest.decode.table_cells import CellError, CellRejection
from ingest.decode.table_head import HEAD_ROWS, Numbered, find_head, title_day
from ingest.decode.table_layout import Answers, Column, Layout, TableKind, columns_of, shape_of, understand
from ingest.decode.table_readings import read_readings
from ingest.decode.table_records import (
    DEFAULT_HOURS_PER_DAY,
    MachineRow,
    PartUse,
    read_events,
    read_lives,
    read_machines,
)
from ingest.decode.table_rejections import Complaints, NoteKind, TableNote
from ingest.decode.table_rows import MachineReadings, SheetReading
from ingest.decode.table_times import Calendar
from ingest.maintenance_event import MaintenanceEvent
from ingest.part_life import PartLife

_READINGS = frozenset({TableKind.READINGS, TableKind.READINGS_LONG, TableKind.READINGS_ACROSS})


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCells:
    """A sheet as a source hands it out. `rows` begins anew with every call; merged cells are filled in."""

    name: str
    is_hidden: bool
    from_1904: bool
    hidden_rows: int
    first_hidden_row: int
    rows: Callable[[], Iterable[Numbered]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What sheets are read against: the plant, the catalogue's types, where meters stand, the clock and the file's name."""

    plant: Plant
    types: tuple[EquipmentType, ...]
    meters: Mapping[tuple[MachineId, LifeUnit], float]
    now_ns: int
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetContent:
    """A sheet as it will be imported.

    `rejected` counts the cells and rows that will not be; the first of them are in `rejections`. `shape` is what
    tables that look alike have in common, "" where the sheet has no headings.
    """

    name: str
    kind: TableKind
    shape: str
    answers: Answers
    layout: Layout | None
    columns: tuple[Column, ...]
    readings: tuple[MachineReadings, ...]
    events: tuple[tuple[int, MaintenanceEvent], ...]
    lives: tuple[tuple[int, PartLife], ...]
    machines: tuple[MachineRow, ...]
    rejected: int
    rejections: tuple[CellRejection, ...]
    notes: tuple[TableNote, ...]

    @property
    def accepted(self) -> int:
        """How many values or records will be imported."""
        values = sum(int((each.values == each.values).sum()) for each in self.readings)
        return values + len(self.events) + len(self.lives) + len(self.machines)


def read_sheet(sheet: SheetCells, around: Surroundings, answers_for: Callable[[str], Answers]) -> SheetContent:
    """Return what a sheet holds; `answers_for` gives what people said of tables of its shape."""
    complaints = Complaints()
    if sheet.is_hidden:
        complaints.note(NoteKind.HIDDEN_SHEET, sheet.name)
    if sheet.hidden_rows:
        complaints.note(NoteKind.HIDDEN_ROWS, str(sheet.first_hidden_row), sheet.hidden_rows)
    head = find_head(list(islice(sheet.rows(), HEAD_ROWS)))
    if head is None:
        return _nothing(sheet, "", complaints)
    shape = shape_of(head, sheet.name)
    answers = answers_for(shape)
    try:
        layout = understand(head, around.plant, answers, around=(sheet.name, around.file_name))
    except CellError as error:
        complaints.reject(head.first_row, "", error)
        return _nothing(sheet, shape, complaints)
    reading = SheetReading(
        layout=layout,
        plant=around.plant,
        answers=answers,
        calendar=_calendar(sheet, layout, around, answers),
        now_ns=around.now_ns,
        complaints=complaints,
    )
    return _content(sheet, reading, around, shape)


def _content(sheet: SheetCells, reading: SheetReading, around: Surroundings, shape: str) -> SheetContent:
    layout, kind = reading.layout, reading.layout.kind
    content = replace(_nothing(sheet, shape, reading.complaints), answers=reading.answers, layout=layout, kind=kind)
    if kind is TableKind.NOT_UNDERSTOOD:
        return content
    columns = _named_columns(reading)
    _complain_of_columns(reading, columns)
    rows = sheet.rows()
    if kind in _READINGS:
        content = replace(content, readings=read_readings(reading, rows))
    elif kind is TableKind.MAINTENANCE:
        content = replace(content, events=read_events(reading, rows))
    elif kind is TableKind.PARTS:
        content = replace(content, lives=read_lives(reading, rows, _part_use(around, reading.answers)))
    else:
        content = replace(content, machines=read_machines(reading, rows, around.types))
    told = reading.complaints
    return replace(content, columns=columns, rejected=told.total, rejections=tuple(told.kept), notes=told.notes())


def _named_columns(reading: SheetReading) -> tuple[Column, ...]:
    """Return the columns as people are asked about them: of a sheet with a column of machines, as in the first one's rows."""
    layout = reading.layout
    if layout.kind is not TableKind.READINGS or any(column.problem or column.sensor for column in layout.columns):
        return layout.columns
    machines: Sequence[Machine] = [layout.machine] if layout.machine else reading.plant.machines
    found = [columns_of(layout, reading.plant, reading.answers, machine) for machine in machines]
    return max(found, key=lambda columns: sum(column.sensor is not None for column in columns), default=layout.columns)


def _complain_of_columns(reading: SheetReading, columns: Sequence[Column]) -> None:
    for column in columns:
        if column.problem is not None:
            row = reading.layout.head.first_row - 1
            reading.complaints.reject(row, column.heading.name, CellError(column.problem, column.shown))


def _calendar(sheet: SheetCells, layout: Layout, around: Surroundings, answers: Answers) -> Calendar:
    machine = layout.machine or next((column.machine for column in layout.columns if column.machine), None)
    zones = {site.id: site.time_zone for site in around.plant.sites}
    zone = zones[machine.site] if machine else next(iter(zones.values()), "UTC")
    year = answers.year or title_day(layout.words).year
    return Calendar(zone=ZoneInfo(zone), from_1904=sheet.from_1904, year=year)


def _part_use(around: Surroundings, answers: Answers) -> PartUse:
    units = {part.id: part.life_unit for part in around.plant.part_types}
    hours = answers.hours_per_day or DEFAULT_HOURS_PER_DAY
    return PartUse(present=around.meters, units=units, hours_per_day=hours)


def _nothing(sheet: SheetCells, shape: str, complaints: Complaints) -> SheetContent:
    return SheetContent(
        name=sheet.name,
        kind=TableKind.NOT_UNDERSTOOD,
        shape=shape,
        answers=Answers(),
        layout=None,
        columns=(),
        readings=(),
        events=(),
        lives=(),
        machines=(),
        rejected=complaints.total,
        rejections=tuple(complaints.kept),
        notes=complaints.notes(),
    )
