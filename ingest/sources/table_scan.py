"""What a sheet of a workbook says beside its values: merged cells, hidden rows, formulas that were never calculated."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils import column_index_from_string, range_boundaries

from ingest.errors import TableFileError

_BLOCK = 4 << 20
_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*>")
_ROW_NUMBER = re.compile(rb'\br="(\d+)"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^>]*\bref="([A-Z0-9:]+)"')
_BARE_FORMULA = re.compile(
    rb'<(?:\w+:)?c\b[^>]*\br="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A block of merged cells: rows from 1 and columns from 0, the last ones included."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetScan:
    """What was found; `not_calculated` gives the columns of a row, from 0, whose formula holds no value."""

    merged: tuple[Merged, ...]
    hidden_rows: int
    first_hidden_row: int
    not_calculated: dict[int, tuple[int, ...]]


def scan_sheet(archive: zipfile.ZipFile, member: str) -> SheetScan:
    """Return what the XML of a sheet says beside its values; TableFileError where it declares entities."""
    merged: list[Merged] = []
    hidden: list[int] = []
    bare: dict[int, tuple[int, ...]] = {}
    for at, piece in enumerate(_pieces(archive, member)):
        if at == 0 and b"<!" in piece[:2_000]:
            raise TableFileError(f"{member}: declares XML entities, which no workbook of Excel does; save it again")
        hidden += [
            int(number[1])
            for row in _ROW.findall(piece)
            if _HIDDEN.search(row) and (number := _ROW_NUMBER.search(row)) is not None
        ]
        merged += [_merged(found[1].decode()) for found in _MERGED.finditer(piece)]
        for found in _BARE_FORMULA.finditer(piece):
            row = int(found[2])
            bare[row] = (*bare.get(row, ()), column_index_from_string(found[1].decode()) - 1)
    return SheetScan(
        merged=tuple(merged),
        hidden_rows=len(hidden),
        first_hidden_row=min(hidden, default=0),
        not_calculated=bare,
    )


def _pieces(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """Give the XML in pieces that end between rows."""
    rest = b""
    with archive.open(member) as file:
        while block := file.read(_BLOCK):
            piece = rest + block
            cut = piece.rfind(b"<row") if len(piece) > _BLOCK else -1
            if cut <= 0:
                rest = piece
                continue
            yield piece[:cut]
            rest = piece[cut:]
    yield rest


def _merged(reference: str) -> Merged:
    left, top, right, bottom = range_boundaries(reference)
    return Merged(first_row=top, last_row=bottom, first_column=left - 1, last_column=right - 1)
