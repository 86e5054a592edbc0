"""A history as one page of pictures."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from simulators.cli import exit_code
from simulators.report.plot import plot
from simulators.report.read import Curve


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report") / "h"
    options = ["--years", "0.2", "--machines", "3", "--end", "2026-11-24T08:00:00Z", "--no-staged"]
    assert exit_code(["history", "--out", str(out), *options]) == 0
    return out


def page_of(history: Path, tmp_path: Path, *options: str) -> str:
    out = tmp_path / "report.html"
    assert exit_code(["report", "--bundle", str(history), "--out", str(out), *options]) == 0
    return out.read_text(encoding="utf-8")


def test_page_needs_nothing_beside_it(history: Path, tmp_path: Path) -> None:
    assert not re.search(r"(src|href)=|url\(|@import|<script", page_of(history, tmp_path))


def test_page_draws_every_slot_and_sensor_of_the_machine_that_was_asked_for(history: Path, tmp_path: Path) -> None:
    page = page_of(history, tmp_path, "--machine", "mc-01")
    assert page.count("<svg") == 4 + 8
    assert "머시닝센터 1호기" in page
    assert "pump-01" not in page


def test_acceptance_table_says_what_does_not_hold(history: Path, tmp_path: Path) -> None:
    bars = [
        {"name": "V1 p", "value": 0.5, "unit": "", "must": 0.01, "sense": "at_least", "holds": True},
        {"name": "V11", "value": None, "unit": "", "must": 0.1, "sense": "at_most", "holds": False},
        {"name": "V9 age", "value": 0.6, "unit": "", "must": None, "sense": "at_most", "holds": True},
    ]
    figures = tmp_path / "figures.json"
    figures.write_text(json.dumps({"bars": bars, "notes": ["seed 1"]}), encoding="utf-8")
    page = page_of(history, tmp_path, "--acceptance", str(figures))
    assert "not measured" in page
    assert page.count('class="no">no</td>') == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--machine", "press-99"], "no machine press-99"),
        (["--truth", "elsewhere"], "no history with its truth"),
        (["--acceptance", "elsewhere.json"], "not an acceptance table"),
    ],
)
def test_what_is_missing_is_one_line(
    options: list[str], words: str, history: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert exit_code(["report", "--bundle", str(history), "--out", str(tmp_path / "r.html"), *options]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert words in lines[0]


def test_curve_without_values_says_so() -> None:
    none = np.zeros(0)
    nothing = Curve(name="a < b", unit="", at_s=none, low=none, mean=none, high=none)
    assert "no values" in plot(nothing, (0.0, 1.0), [])
    assert "a &lt; b" in plot(nothing, (0.0, 1.0), [])
