"""Files that are no table, or more than one: a clear line each, before anything is read."""

import codecs
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from ingest.errors import TableFileError
from ingest.sources import table_file
from ingest.sources.table_file import open_table


def _read_all(path: Path) -> None:
    with open_table(path) as sheets:
        for sheet in sheets:
            list(sheet.rows())


def refusal(path: Path) -> str:
    with pytest.raises(TableFileError) as caught:
        _read_all(path)
    said = str(caught.value)
    assert said.startswith(path.name) or "declares XML entities" in said
    assert "\n" not in said
    return said


def a_book(path: Path) -> Path:
    book = Workbook()
    book.active.append(["일시", "값"])  # type: ignore[union-attr]
    book.save(path)
    return path


def with_member(path: Path, name: str, content: bytes) -> Path:
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path


def test_an_old_workbook_is_told_from_an_encrypted_one(tmp_path: Path) -> None:
    old, locked = tmp_path / "old.xls", tmp_path / "locked.xlsx"
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(100))
    locked.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le"))
    assert "old format .xls" in refusal(old)
    assert "protected by a password" in refusal(locked)


def test_macros_are_refused(tmp_path: Path) -> None:
    assert "holds macros" in refusal(with_member(a_book(tmp_path / "a.xlsm"), "xl/vbaProject.bin", b"x"))


def test_a_workbook_that_unpacks_to_more_than_any_log_is_refused_unread(tmp_path: Path) -> None:
    path = with_member(a_book(tmp_path / "bomb.xlsx"), "xl/worksheets/sheet9.xml", bytes(30_000_000))
    assert "unpacks to" in refusal(path)


def test_entities_in_a_sheet_are_refused(tmp_path: Path) -> None:
    source, path = a_book(tmp_path / "plain.xlsx"), tmp_path / "entities.xlsx"
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name.endswith("sheet1.xml"):
                content = b'<!DOCTYPE x [<!ENTITY a "b">]>' + content
            new.writestr(name, content)
    assert "declares XML entities" in refusal(path)


@pytest.mark.parametrize(
    ("member", "said"), [("xl/workbook.bin", ".xlsb workbook"), ("word/document.xml", "no Excel workbook")]
)
def test_other_archives_are_named(tmp_path: Path, member: str, said: str) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(member, "x")
    assert said in refusal(path)


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = a_book(tmp_path / "a.xlsx")
    path.write_bytes(path.read_bytes()[:-200])
    assert "damaged" in refusal(path)
    broken = tmp_path / "b.xlsx"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("xl/workbook.xml", "not xml")
    assert "damaged" in refusal(broken)


def test_what_is_too_large_is_refused_before_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(table_file.LARGEST_BYTES + 1)
    assert "200 MB, at most 200 MB" in refusal(path)


def test_what_is_neither_workbook_nor_text_is_refused(tmp_path: Path) -> None:
    for name, content in (("a.bin", b"\x00\x01\xff"), ("b.jpg", b"\xff\xd8\xff\xe0"), ("c.csv", b"")):
        (tmp_path / name).write_bytes(content)
        refusal(tmp_path / name)
    assert "cannot be read" in refusal(tmp_path / "nowhere.csv")


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("cp949", b""), ("utf-16-le", codecs.BOM_UTF16_LE), ("utf-8", codecs.BOM_UTF8)],
)
def test_every_usual_encoding_and_delimiter_is_read(tmp_path: Path, encoding: str, mark: bytes) -> None:
    for delimiter in (",", ";", "\t", "|"):
        path = tmp_path / "a.csv"
        path.write_bytes(mark + f"일시{delimiter}값\r\n2026{delimiter}1\r\n".encode(encoding))
        with open_table(path) as (sheet,):
            assert list(sheet.rows()) == [(1, ("일시", "값")), (2, ("2026", "1"))]
