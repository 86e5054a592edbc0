"""The readings of a sheet: rows with a time, as columns per machine, and why the rest is not taken in."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from ingest.decode.table_cells import Row, is_blank, key_of
from ingest.decode.table_head import Numbered
from ingest.decode.table_instants import Judged, merged
from ingest.decode.table_items import across_blocks, long_blocks
from ingest.decode.table_layout import TableKind
from ingest.decode.table_rejections import NoteKind
from ingest.decode.table_rows import MachineReadings, SheetReading
from ingest.decode.table_wide import wide_blocks

CHUNK_ROWS = 4_096

_SUMMARIES = frozenset(
    (
        "합계",
        "소계",
        "계",
        "평균",
        "최대",
        "최소",
        "최대값",
        "최소값",
        "평균값",
        "total",
        "sum",
        "average",
        "avg",
        "mean",
        "max",
        "min",
    )
)


def read_readings(sheet: SheetReading, rows: Iterable[Numbered]) -> tuple[MachineReadings, ...]:
    """Return the readings of the rows under the headings, by machine; complaints gather in `sheet`."""
    readers = {
        TableKind.READINGS: wide_blocks,
        TableKind.READINGS_LONG: long_blocks,
        TableKind.READINGS_ACROSS: across_blocks,
    }
    blocks: dict[str, list[MachineReadings]] = {}
    for block in readers[sheet.layout.kind](sheet, _content(sheet, rows)):
        blocks.setdefault(block.machine.id, []).append(block)
    found = (_one_machine(sheet, own) for own in blocks.values())
    return tuple(each for each in found if each.times_ns.size)


def _one_machine(sheet: SheetReading, blocks: list[MachineReadings]) -> MachineReadings:
    judged = merged([Judged(each.sensors, each.rows, each.times_ns, each.states, each.values) for each in blocks])
    machine = blocks[0].machine
    names = {sensor.id: sensor for sensor in machine.sensors}
    judged.refuse_unit_changes([names[sensor] for sensor in judged.sensors], sheet.complaints)
    judged.refuse_conflicts(sheet.complaints)
    kept = ~np.isnan(judged.values).all(axis=1) | (judged.states != None)  # noqa: E711 (by element)
    return MachineReadings(
        machine=machine,
        sensors=judged.sensors,
        rows=judged.rows[kept],
        times_ns=judged.times_ns[kept],
        states=judged.states[kept],
        values=judged.values[kept],
    )


def _content(sheet: SheetReading, rows: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    """Give the rows under the headings in chunks; sums and blank rows are left out."""
    under = (
        (number, row) for number, row in rows if number >= sheet.layout.head.first_row and _counts(sheet, number, row)
    )
    while chunk := list(islice(under, CHUNK_ROWS)):
        yield chunk


def _counts(sheet: SheetReading, number: int, row: Row) -> bool:
    first = next((cell for cell in row if not is_blank(cell)), None)
    if isinstance(first, str) and key_of(first) in _SUMMARIES:
        sheet.complaints.note(NoteKind.SUMMARY_ROWS, str(number))
        return False
    return first is not None
