"""Sheets that name what is measured in their rows: one value a row, or days and times to the right."""

from collections.abc import Iterable, Iterator
from datetime import datetime, time, timedelta
from math import isnan

import numpy as np

from configs.plant import Machine, SensorId
from ingest.decode.table_cells import Cell, CellError, CellProblem, Row, is_blank, split_unit, text_of
from ingest.decode.table_head import Numbered, title_day
from ingest.decode.table_names import Role, SensorNames
from ingest.decode.table_rows import (
    AHEAD_NS,
    NO_TIME,
    MachineColumn,
    MachineReadings,
    SheetReading,
    TimeColumn,
    cell_of,
)
from ingest.decode.table_times import clock_of, instants_ns, local_ns, local_time
from ingest.decode.table_wide import number_of

NOON = 12
"""The hour that a value counts for of which a check sheet tells the day alone."""


def long_blocks(sheet: SheetReading, chunks: Iterable[list[Numbered]]) -> Iterator[MachineReadings]:
    """Give the readings of rows that each hold one value."""
    times, items = TimeColumn(sheet), _Items(sheet)
    value = sheet.layout.of(Role.VALUE)
    for chunk in chunks:
        instants = times.read(chunk)
        for i, (number, row) in enumerate(chunk):
            if instants[i] != NO_TIME:
                items.take((number, row), int(instants[i]), cell_of(row, value), value.heading.name if value else "")
    yield from items.blocks()


class _Items:
    """Gathers single values by machine and sensor."""

    def __init__(self, sheet: SheetReading) -> None:
        self._sheet = sheet
        self._machines = MachineColumn(sheet)
        self._sensors: dict[str, SensorNames] = {}
        self._found: dict[tuple[str, str], list[tuple[int, int, float]]] = {}

    def take(self, numbered: Numbered, at_ns: int, cell: Cell, heading: str) -> None:
        """Take the value of a cell whose row names machine, item and unit."""
        number, row = numbered
        layout = self._sheet.layout
        item = text_of(cell_of(row, layout.of(Role.ITEM)))
        try:
            machine = self._machine(row)
            sensors = self._sensors.setdefault(machine.id, SensorNames(machine))
            name, stated = split_unit(item)
            sensor = sensors.get(self._sheet.answers.names.get(item, name or item))
            unit = text_of(cell_of(row, layout.of(Role.UNIT)))
            value = number_of(cell, self._sheet.answers.units.get(item) or _stated(unit) or stated, sensor)
        except CellError as error:
            self._sheet.complaints.reject(number, heading, error)
            return
        if not isnan(value):
            self._found.setdefault((machine.id, sensor.id), []).append((number, at_ns, value))

    def blocks(self) -> Iterator[MachineReadings]:
        """Give what was gathered."""
        machines = {machine.id: machine for machine in self._sheet.plant.machines}
        for (machine, sensor), found in self._found.items():
            rows, times, values = zip(*found, strict=True)
            yield MachineReadings(
                machine=machines[machine],  # type: ignore[index]
                sensors=(SensorId(sensor),),
                rows=np.array(rows, np.int64),
                times_ns=np.array(times, np.int64),
                states=np.full(len(rows), None, dtype=object),
                values=np.array(values, np.float64)[:, None],
            )

    def _machine(self, row: Row) -> Machine:
        column = self._sheet.layout.of(Role.MACHINE)
        text = text_of(cell_of(row, column))
        if column is None and self._sheet.layout.machine is None:
            raise CellError(CellProblem.UNKNOWN_MACHINE, text)
        return self._machines.machine(text)


def _stated(text: str) -> str:
    """Return a unit as a cell states it, in our spelling where we know it."""
    name, unit = split_unit(text)
    return unit or name


def across_blocks(sheet: SheetReading, chunks: Iterable[list[Numbered]]) -> Iterator[MachineReadings]:
    """Give the readings of items downwards at days or times to the right."""
    items = _Items(sheet)
    instants = _axis_instants(sheet)
    for chunk in chunks:
        for number, row in chunk:
            for at, (at_ns, heading) in instants.items():
                if at < len(row) and not is_blank(row[at]):
                    items.take((number, row), at_ns, row[at], heading)
    yield from items.blocks()


def _axis_instants(sheet: SheetReading) -> dict[int, tuple[int, str]]:
    """Return the instant of each column that is headed by a day or a time; those without one are told."""
    found: dict[int, tuple[int, str]] = {}
    for each in sheet.layout.head.axis:
        heading = text_of(each.cell)
        try:
            found[each.position] = _axis_instant(sheet, each.cell), heading
        except CellError as error:
            sheet.complaints.reject(sheet.layout.head.first_row - 1, heading, error)
    return found


def _axis_instant(sheet: SheetReading, cell: Cell) -> int:
    at_ns = int(instants_ns(np.array([local_ns(_axis_time(sheet, cell))]), sheet.calendar.zone)[0])
    if at_ns > sheet.now_ns + AHEAD_NS:
        raise CellError(CellProblem.FUTURE_TIME, text_of(cell))
    return at_ns


def _axis_time(sheet: SheetReading, cell: Cell) -> datetime:
    said = title_day(sheet.layout.words)
    number = text_of(cell).removesuffix("일")
    if isinstance(cell, datetime) and cell.year > 1904:
        return cell
    if number.isdecimal():
        if said.month is None:
            raise CellError(CellProblem.NO_TIME, text_of(cell))
        return local_time(f"{said.month[0]}-{said.month[1]}-{number}", None, sheet.calendar) + timedelta(hours=NOON)
    if said.day is None:
        raise CellError(CellProblem.NO_TIME, text_of(cell))
    return datetime.combine(said.day, time()) + clock_of(cell)
