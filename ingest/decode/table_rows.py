"""What every reader of a sheet goes by, and what the rows of readings have in common: their time and their machine."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from configs.plant import Machine, Plant, SensorId
from ingest.decode.table_cells import Cell, CellError, CellProblem, Row, is_blank, text_of
from ingest.decode.table_head import Numbered, title_day
from ingest.decode.table_layout import Answers, Column, Layout, columns_of
from ingest.decode.table_names import Role, machine_names
from ingest.decode.table_rejections import Complaints, NoteKind
from ingest.decode.table_times import Calendar, instants_ns, local_ns, local_time, quick_times
from ingest.reading import Times, Values

AHEAD_NS = 300_000_000_000
"""How far ahead of the clock a row may lie that somebody has typed."""

NO_TIME = np.iinfo(np.int64).min
"""What stands for the time of a row that has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineReadings:
    """Readings of one machine in order of time: all (n,), values (n, n_sensors), NaN where a cell holds none.

    `rows` are the numbers of the rows in the sheet; states are None where the sheet tells none.
    """

    machine: Machine
    sensors: tuple[SensorId, ...]
    rows: NDArray[np.int64]
    times_ns: Times
    states: NDArray[np.object_]
    values: Values


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetReading:
    """What reading a sheet goes by: its layout, the plant, what people said, and the clock. Times are in `calendar.zone`."""

    layout: Layout
    plant: Plant
    answers: Answers
    calendar: Calendar
    now_ns: int
    complaints: Complaints = field(default_factory=Complaints)


def cell_of(row: Row, column: Column | None) -> Cell:
    """Return the cell of a row in a column; None where there is no such column, or the row is shorter."""
    if column is None or column.heading.position >= len(row):
        return None
    return row[column.heading.position]


class TimeColumn:
    """Reads the times of rows, as far as need be with the day of the row above or of the titles."""

    def __init__(self, sheet: SheetReading) -> None:
        self._sheet = sheet
        self._day, self._clock = sheet.layout.of(Role.TIME), sheet.layout.of(Role.CLOCK)
        self._above: Cell = title_day(sheet.layout.words).day if self._day is None else None
        if self._day is None and self._above is None:
            self._day, self._clock = self._clock, None

    def read(self, rows: list[Numbered]) -> Times:
        """Return the instants of rows; `NO_TIME` where one has none, which is told."""
        if self._day is not None and self._clock is None:
            quick = quick_times([cell_of(row, self._day) for _, row in rows])
            if quick is not None:
                return self._checked(rows, instants_ns(quick, self._sheet.calendar.zone))
        local = np.full(len(rows), NO_TIME, np.int64)
        for i, (number, row) in enumerate(rows):
            try:
                local[i] = local_ns(self._time(number, row))
            except CellError as error:
                self._sheet.complaints.reject(number, self._name, error)
        found = local != NO_TIME
        local[found] = instants_ns(local[found], self._sheet.calendar.zone)
        return self._checked(rows, local)

    @property
    def _name(self) -> str:
        column = self._day or self._clock
        return column.heading.name if column is not None else ""

    def _time(self, number: int, row: Row) -> datetime:
        day, clock = cell_of(row, self._day), cell_of(row, self._clock)
        if is_blank(day) and self._clock is not None and not is_blank(clock):
            if self._above is None:
                raise CellError(CellProblem.NO_TIME, text_of(clock))
            if self._day is not None:
                self._sheet.complaints.note(NoteKind.DAY_CARRIED, str(number))
            return local_time(self._above, clock, self._sheet.calendar)
        self._above = day
        return local_time(day, clock, self._sheet.calendar)

    def _checked(self, rows: list[Numbered], instants: Times) -> Times:
        for i in np.flatnonzero(instants > self._sheet.now_ns + AHEAD_NS):
            shown = text_of(cell_of(rows[i][1], self._day or self._clock))
            error = CellError(CellProblem.FUTURE_TIME, shown[:48])
            self._sheet.complaints.reject(rows[i][0], self._name, error)
            instants[i] = NO_TIME
        return instants


class MachineColumn:
    """Tells of which machine each row is, and what the columns stand for in its rows."""

    def __init__(self, sheet: SheetReading) -> None:
        self._sheet = sheet
        self._column = sheet.layout.of(Role.MACHINE)
        self._names = machine_names(sheet.plant)
        self._columns: dict[str, tuple[Column, ...]] = {}

    def groups(self, rows: list[Numbered], times: Times) -> Iterator[tuple[Machine | None, list[int]]]:
        """Give the places of the rows that have a time, by machine; the machine is None where the sheet names it."""
        timed = np.flatnonzero(times != NO_TIME).tolist()
        if self._column is None:
            yield None, timed
            return
        groups: dict[str, list[int]] = {}
        for i in timed:
            groups.setdefault(text_of(cell_of(rows[i][1], self._column)), []).append(i)
        for text, own in groups.items():
            try:
                yield self.machine(text), own
            except CellError as error:
                for i in own:
                    self._sheet.complaints.reject(rows[i][0], self._column.heading.name, error)

    def machine(self, text: str) -> Machine:
        """Return the machine of a cell; the sheet's own where the cell is empty."""
        if not text and self._sheet.layout.machine is not None:
            return self._sheet.layout.machine
        return self._names.get(self._sheet.answers.names.get(text, text))

    def columns(self, machine: Machine | None) -> tuple[Column, ...]:
        """Return the columns as they stand in rows of a machine."""
        if machine is None:
            return self._sheet.layout.columns
        if machine.id not in self._columns:
            self._columns[machine.id] = columns_of(self._sheet.layout, self._sheet.plant, self._sheet.answers, machine)
        return self._columns[machine.id]
