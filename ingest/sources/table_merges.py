"""Merged cells filled in: every cell of a block shows what its first one holds."""

from collections.abc import Iterable, Iterator

from ingest.decode.table_cells import Cell, Row
from ingest.decode.table_head import Numbered
from ingest.sources.table_scan import Merged


def filled(rows: Iterable[Numbered], blocks: tuple[Merged, ...]) -> Iterator[Numbered]:
    """Give the rows with the blocks filled in."""
    waiting = sorted(blocks, key=lambda block: block.first_row, reverse=True)
    active: list[tuple[Merged, Cell]] = []
    for number, row in rows:
        while waiting and waiting[-1].first_row <= number:
            block = waiting.pop()
            active.append((block, row[block.first_column] if block.first_column < len(row) else None))
        active = [(block, cell) for block, cell in active if block.last_row >= number]
        yield number, _with(row, active) if active else row


def _with(row: Row, active: list[tuple[Merged, Cell]]) -> Row:
    cells = list(row)
    for block, cell in active:
        end = min(block.last_column + 1, len(cells))
        cells[block.first_column : end] = [cell] * max(0, end - block.first_column)
    return tuple(cells)
