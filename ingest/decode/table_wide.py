"""Sheets with a row per time and a column per sensor: the usual log sheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import Sensor
from configs.units import Conversion, conversion
from ingest.decode.table_cells import Cell, CellError, CellProblem, amount_of, key_of, split_unit, text_of
from ingest.decode.table_head import Numbered, is_heading_again
from ingest.decode.table_layout import Column, Layout
from ingest.decode.table_names import Role
from ingest.decode.table_rejections import NoteKind
from ingest.decode.table_rows import MachineColumn, MachineReadings, SheetReading, TimeColumn, cell_of
from ingest.operation import OperatingState
from ingest.reading import Times, Values

_STATES = {
    word: state
    for state, words in {
        OperatingState.EXECUTING: "가동 가동중 운전 운전중 run running on executing",
        OperatingState.IDLE: "대기 대기중 idle standby",
        OperatingState.OFF: "정지 비가동 휴무 stop stopped off",
        OperatingState.MAINTENANCE: "정비 정비중 점검 점검중 수리 고장 maintenance repair",
    }.items()
    for word in words.split()
}


def wide_blocks(sheet: SheetReading, chunks: Iterable[list[Numbered]]) -> Iterator[MachineReadings]:
    """Give the readings of the rows, a block per chunk and machine."""
    times, machines = TimeColumn(sheet), MachineColumn(sheet)
    units: dict[int, str] = {}
    for chunk in chunks:
        for part in _between_headings(sheet, chunk, units):
            instants = times.read(part)
            for machine, own in machines.groups(part, instants):
                columns = machines.columns(machine)
                yield from _wide_block(sheet, columns, [part[at] for at in own], instants[own], units=units)


def _between_headings(sheet: SheetReading, chunk: list[Numbered], units: dict[int, str]) -> Iterator[list[Numbered]]:
    """Give the rows between headings that are repeated further down; the units that these state hold from there on."""
    start = 0
    for at, (number, row) in enumerate(chunk):
        if isinstance(row[0], str) and is_heading_again(row, sheet.layout.head):
            if at > start:
                yield chunk[start:at]
            start = at + 1
            sheet.complaints.note(NoteKind.HEADING_AGAIN, str(number))
            units.update({i: unit for i, cell in enumerate(row) if (unit := split_unit(text_of(cell))[1])})
    if start < len(chunk):
        yield chunk[start:]


def _wide_block(
    sheet: SheetReading, columns: Sequence[Column], rows: list[Numbered], times: Times, *, units: dict[int, str]
) -> Iterator[MachineReadings]:
    """Give one block per machine that the columns are of."""
    states = _states_of(sheet.layout, rows)
    numbers = np.array([number for number, _ in rows], np.int64)
    by_machine: dict[str, list[Column]] = {}
    for column in columns:
        if column.machine is not None and column.sensor is not None:
            by_machine.setdefault(column.machine.id, []).append(column)
    for own in by_machine.values():
        values = [
            _numbers(sheet, replace(each, unit=units.get(each.heading.position, each.unit)), rows) for each in own
        ]
        yield MachineReadings(
            machine=own[0].machine,  # type: ignore[arg-type]
            sensors=tuple(each.sensor.id for each in own if each.sensor is not None),
            rows=numbers,
            times_ns=times,
            states=states,
            values=np.column_stack(values),
        )


def _numbers(sheet: SheetReading, column: Column, rows: list[Numbered]) -> Values:
    """Return the numbers of a column in the sensor's unit; NaN where a cell is empty or not taken in."""
    at = column.heading.position
    cells = [row[at] if at < len(row) else None for _, row in rows]
    own = column.sensor
    convert = _conversion(column.unit, own)
    quick = _quick_numbers(cells)
    if quick is not None and convert is not None:
        return np.asarray(quick * convert.factor + convert.offset, np.float64)
    values = np.full(len(cells), np.nan)
    for i, cell in enumerate(cells):
        try:
            values[i] = number_of(cell, column.unit, own)
        except CellError as error:
            sheet.complaints.reject(rows[i][0], column.heading.name, error)
    return values


def _quick_numbers(cells: list[Cell]) -> Values | None:
    """Return a whole column of plain numbers, None where it has anything else in it."""
    try:
        numbers = np.array([None if cell == "" else cell for cell in cells], np.float64)
    except (TypeError, ValueError):
        return None
    blanks = sum(1 for cell in cells if cell is None or cell == "")
    is_plain = int(np.isfinite(numbers).sum()) + blanks == len(cells) and not any(
        cell is True or cell is False for cell in cells
    )
    return numbers if is_plain else None


def number_of(cell: Cell, unit: str, sensor: Sensor | None) -> float:
    """Return the number of a cell in the sensor's unit, NaN where it is empty; CellError where it holds none."""
    amount = amount_of(cell)
    if amount is None:
        return float("nan")
    convert = _conversion(amount.unit or unit, sensor)
    if convert is None:
        raise CellError(CellProblem.WRONG_UNIT, f"{text_of(cell)[:24]} {amount.unit or unit}".strip())
    return convert(amount.value)


def _conversion(unit: str, sensor: Sensor | None) -> Conversion | None:
    if sensor is None or not unit:
        return Conversion(factor=1.0, offset=0.0)
    return conversion(unit, sensor.unit, sensor.measurand)


def _states_of(layout: Layout, rows: list[Numbered]) -> NDArray[np.object_]:
    column = layout.of(Role.STATE)
    states = np.full(len(rows), None, dtype=object)
    if column is not None:
        for i, (_, row) in enumerate(rows):
            state = _STATES.get(key_of(text_of(cell_of(row, column))))
            states[i] = None if state is None else state.value
    return states
