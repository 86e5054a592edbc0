"""Tables read in a process of their own."""

import io
from pathlib import Path

import pytest

from configs.catalogue.load import load_catalogue
from ingest.decode.table_import import Surroundings
from ingest.decode.table_layout import Answers
from ingest.errors import TableFileError
from service.app.table_folder import TableFolder
from service.app.table_process import read_apart
from service.app.table_reading import Bounds, Question, read_table
from tests.fakes.plants import a_plant
from tests.fakes.readings import NOON_NS

LOG = "일시,진동(mm/s),온도(℃)\n2026-10-24 09:00,1.5,40\n2026-10-24 10:00,1.6,고장\n".encode()


def a_question(folder: Path, file_name: str = "log.csv", content: bytes = LOG) -> Question:
    TableFolder(folder).keep("one", file_name, io.BytesIO(content))
    around = Surroundings(
        plant=a_plant(), types=load_catalogue().equipment_types, meters={}, now_ns=NOON_NS, file_name="log"
    )
    answers = {shape: Answers(machine="pump1") for shape in _shapes(folder, around)}
    return Question(data_folder=folder, import_id="one", around=around, answers=answers, stage=True)


def _shapes(folder: Path, around: Surroundings) -> set[str]:
    try:
        first = read_table(Question(data_folder=folder, import_id="one", around=around, answers={}, stage=False))
    except TableFileError:
        return set()
    return {sheet.content.shape for sheet in first}


def test_a_child_reads_and_stages_what_the_service_itself_would(tmp_path: Path) -> None:
    apart, here = tmp_path / "apart", tmp_path / "here"
    assert read_apart(a_question(apart)) == read_table(a_question(here))
    (staged,) = TableFolder(apart).staged("one")
    (expected,) = TableFolder(here).staged("one")
    assert (staged.machine, staged.times_ns.tolist()) == (expected.machine, expected.times_ns.tolist())
    assert staged.values.shape == (2, 2)


def test_what_is_no_table_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(TableFileError, match="is neither an Excel workbook nor text"):
        read_apart(a_question(tmp_path, content=b"\x00\x01\x02"))


def test_table_that_needs_too_much_memory_ends_the_child_alone(tmp_path: Path) -> None:
    rows = b"".join(b"2026-10-24 09:00,%d,40\n" % number for number in range(20_000))
    question = a_question(tmp_path, content=LOG.splitlines()[0] + b"\n" + rows)
    with pytest.raises(TableFileError, match=r"takes more than 0\.1 GB; split it by year or by machine"):
        read_apart(question, Bounds(memory=100_000_000))


def test_table_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    with pytest.raises(TableFileError, match="takes more than 0 s; split it by year or by machine"):
        read_apart(a_question(tmp_path), Bounds(seconds=0))
