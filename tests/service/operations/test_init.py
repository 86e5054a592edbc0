"""`yeji init`: bad answers are asked again, a list of machines is taken, nothing is overwritten."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from configs.plant_file import load_plant
from service.errors import ConflictError, InvalidRequestError
from service.operations.init import Interview, make_plant
from service.operations.result import Output

NOW_NS = 1_795_564_800_000_000_000


def interview(answers: Iterator[str], language: str = "en") -> tuple[Interview, list[str]]:
    told: list[str] = []
    return Interview(ask=lambda _, default: next(answers) or default, tell=told.append, language=language), told


def make(folder: Path, asked: Interview, source: Path | None = None) -> str:
    shown = StringIO()
    make_plant(folder, asked, source, Output(Console(file=shown, width=300), as_json=False), now_ns=NOW_NS)
    return shown.getvalue()


def test_wrong_answers_are_asked_again_and_two_machines_differ(tmp_path: Path) -> None:
    first = ["", "Busan", "Asia/Seoul", "", "99", "3", "", "한글", "cnc-01", "0", "1,4", "", "y"]
    second = ["3", "", "cnc-01", "cnc-02", "", "", "n"]
    asked, told = interview(iter([*first, *second]))
    make(tmp_path, asked)
    assert [machine.id for machine in load_plant(tmp_path / "plant.toml").machines] == ["cnc-01", "cnc-02"]
    wrong = ("Write it as Asia/Seoul", "Type numbers from 1 to", "Letters, digits")
    assert [sum(line.startswith(each) for line in told) for each in wrong] == [1, 2, 2]


def test_a_list_of_machines_makes_the_plant(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    rows = "설비번호,명칭,기종,라인,설치일\npump-1,펌프 1호기,원심펌프,유틸리티,2020-03-01\nxx,용해로,용해로,주조,\n"
    source.write_text(rows, encoding="cp949")
    asked, told = interview(iter(["", ""]), "ko")
    shown = make(tmp_path, asked, source)
    (machine,) = load_plant(tmp_path / "plant.toml").machines
    assert (machine.id, machine.equipment_type, asked.questions) == ("pump-1", "centrifugal_pump", 2)
    assert "용해로" in told[0]
    assert "기계 밀봉" in shown


def test_a_list_without_a_known_machine_and_a_plant_that_is_there_are_refused(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    source.write_text("설비번호,기종\nxx,용해로\n", encoding="utf-8")
    with pytest.raises(InvalidRequestError, match="no machine in it"):
        make(tmp_path, interview(iter(["", ""]))[0], source)
    (tmp_path / "plant.toml").write_text("", encoding="utf-8")
    with pytest.raises(ConflictError, match="there already"):
        make(tmp_path, interview(iter([]))[0])
