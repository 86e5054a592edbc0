"""Reads a list of machines for a plant that has none yet."""

from collections.abc import Sequence
from pathlib import Path

from configs.plant import EquipmentType, Plant
from ingest.decode.table_cells import CellRejection
from ingest.decode.table_import import Surroundings, read_sheet
from ingest.decode.table_layout import Answers
from ingest.decode.table_records import MachineRow
from ingest.sources.table_file import open_table

_EMPTY = Plant(sites=(), lines=(), machines=(), equipment_types=(), part_types=(), revision=1)


def read_machine_list(
    path: Path, types: Sequence[EquipmentType], *, now_ns: int
) -> tuple[tuple[MachineRow, ...], tuple[CellRejection, ...]]:
    """Return the machines of a workbook or CSV, and the rows that are none; TableFileError where it is no table."""
    around = Surroundings(plant=_EMPTY, types=tuple(types), meters={}, now_ns=now_ns, file_name=path.stem)
    with open_table(path) as sheets:
        found = [read_sheet(sheet, around, lambda _: Answers()) for sheet in sheets]
    rows = tuple(row for content in found for row in content.machines)
    return rows, tuple(each for content in found for each in content.rejections)
