"""Tables that people keep, as sheets of cells: Excel workbooks (.xlsx) and delimited text in UTF-8, UTF-16 or CP949."""

import codecs
import csv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.utils.exceptions import InvalidFileException

from ingest.decode.table_cells import Row
from ingest.decode.table_head import Numbered
from ingest.decode.table_import import SheetCells
from ingest.errors import TableFileError
from ingest.sources.table_merges import filled
from ingest.sources.table_scan import SheetScan, scan_sheet

LARGEST_BYTES = 200_000_000
LARGEST_UNPACKED_BYTES = 2_000_000_000
STEEPEST_PACKING = 200
"""What a workbook may unpack to: numbers and texts of a log shrink to a tenth or so, never to less than 1/200."""

MOST_COLUMNS = 2_000
_NOT_CALCULATED = "#NOT CALCULATED"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_BLOCK = 1 << 20


@contextmanager
def open_table(path: Path) -> Iterator[tuple[SheetCells, ...]]:
    """Give the sheets of a file while the context lasts.

    Raises
    ------
    TableFileError
        The file is too large, encrypted, of an old format, no table at all, or damaged; one line that says what to do.
    """
    start = _start_of(path)
    try:
        if start.startswith(_ZIP):
            with _workbook(path) as sheets:
                yield sheets
        else:
            yield (_text_sheet(path, _encoding(path, start)),)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, EOFError) as error:
        raise TableFileError(
            f"{path.name}: the workbook is damaged ({_short(error)}); open it in Excel and save it again"
        ) from error
    except (OSError, csv.Error) as error:
        raise TableFileError(f"{path.name}: cannot be read ({_short(error)}); save it again") from error


def _start_of(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise TableFileError(
            f"{path.name}: cannot be read ({error.strerror}); correct the path or its rights"
        ) from error
    if size > LARGEST_BYTES:
        raise TableFileError(
            f"{path.name}: {size / 1e6:.0f} MB, at most {LARGEST_BYTES / 1e6:.0f} MB; split it by year or by machine"
        )
    if size == 0:
        raise TableFileError(f"{path.name}: is empty")
    if start.startswith(_OLE):
        raise TableFileError(_old_or_locked(path))
    return start


def _old_or_locked(path: Path) -> str:
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return f"{path.name}: is protected by a password; remove it in Excel (File, Info, Protect Workbook) and save"
    return f"{path.name}: is of the old format .xls; open it in Excel and save it as .xlsx"


@contextmanager
def _workbook(path: Path) -> Iterator[tuple[SheetCells, ...]]:
    with zipfile.ZipFile(path) as archive:
        _check_archive(path, archive)
        try:
            book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        except (ValueError, TypeError, AttributeError, SyntaxError) as error:
            raise TableFileError(f"{path.name}: the workbook is damaged ({_short(error)}); save it again") from error
        try:
            yield tuple(_sheet(book, sheet, archive) for sheet in book.worksheets)
        finally:
            book.close()


def _check_archive(path: Path, archive: zipfile.ZipFile) -> None:
    members = {member.filename: member for member in archive.infolist()}
    if "xl/workbook.xml" not in members:
        kind = "an .xlsb workbook" if "xl/workbook.bin" in members else "an archive, but no Excel workbook"
        raise TableFileError(f"{path.name}: is {kind}; save the table as .xlsx or CSV")
    if any(name.endswith("vbaProject.bin") for name in members):
        raise TableFileError(f"{path.name}: holds macros; save it as .xlsx, which has none")
    unpacked = sum(member.file_size for member in members.values())
    steep = any(
        member.file_size > 10_000_000 and member.file_size > STEEPEST_PACKING * member.compress_size
        for member in members.values()
    )
    if unpacked > LARGEST_UNPACKED_BYTES or steep:
        raise TableFileError(
            f"{path.name}: unpacks to {unpacked / 1e6:.0f} MB, more than any log does; export the table anew as CSV"
        )


def _sheet(book: Any, sheet: Any, archive: zipfile.ZipFile) -> SheetCells:
    sheet.reset_dimensions()
    # Where the sheet lies in the archive is nowhere public, and read-only sheets tell neither merged cells nor hidden rows.
    scan = scan_sheet(archive, sheet._worksheet_path)  # noqa: SLF001

    def rows() -> Iterator[Numbered]:
        return filled(_numbered(sheet, scan), scan.merged)

    return SheetCells(
        name=str(sheet.title),
        is_hidden=sheet.sheet_state != "visible",
        from_1904=book.epoch == MAC_EPOCH,
        hidden_rows=scan.hidden_rows,
        first_hidden_row=scan.first_hidden_row,
        rows=rows,
    )


def _numbered(sheet: Any, scan: SheetScan) -> Iterator[Numbered]:
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1):
        places = scan.not_calculated.get(number)
        yield number, _with_marks(row, places) if places else row


def _with_marks(row: Row, places: tuple[int, ...]) -> Row:
    return tuple(_NOT_CALCULATED if at in places and cell is None else cell for at, cell in enumerate(row))


def _text_sheet(path: Path, encoding: str) -> SheetCells:
    with path.open(encoding=encoding, newline="") as file:
        start = file.read(16_384)
    lines = start.splitlines()[:20]
    delimiter = max(",\t;|", key=lambda each: (sum(line.count(each) > 0 for line in lines), start.count(each)))

    def rows() -> Iterator[Numbered]:
        with path.open(encoding=encoding, newline="") as file:
            for number, row in enumerate(csv.reader(file, delimiter=delimiter), start=1):
                yield number, tuple(row)

    return SheetCells(name=path.stem, is_hidden=False, from_1904=False, hidden_rows=0, first_hidden_row=0, rows=rows)


def _encoding(path: Path, start: bytes) -> str:
    known = next((name for bom, name in _BOMS.items() if start.startswith(bom)), None)
    for encoding in (known,) if known else ("utf-8", "cp949"):
        if _is_text(path, encoding):
            return encoding
    raise TableFileError(
        f"{path.name}: is neither an Excel workbook nor text; save the table as .xlsx, or as CSV in UTF-8"
    )


def _is_text(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                if "\x00" in decoder.decode(block):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
