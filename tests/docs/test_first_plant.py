"""The transcripts in `docs/first-plant.md` are what a terminal shows."""

import re
from pathlib import Path

import pytest

from configs.plant_file import load_plant
from tests.fakes.terminals import FIRST_PLANT, typed_session

DOCUMENT = Path(__file__).parents[2] / "docs" / "first-plant.md"
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_first_plant_takes_at_most_ten_questions_and_goes_as_the_docs_show(language: str, tmp_path: Path) -> None:
    shown = typed_session(["init", "--language", language], FIRST_PLANT[language], tmp_path)
    assert len(FIRST_PLANT[language]) <= 10
    assert _plain(shown) in _plain(DOCUMENT.read_text(encoding="utf-8"))
    plant = load_plant(tmp_path / "plant.toml")
    assert [(machine.id, len(machine.sensors), len(machine.slots)) for machine in plant.machines] == [("cnc-01", 3, 2)]


def _plain(text: str) -> str:
    return "\n".join(line.rstrip() for line in INSTANT.sub("TIME", text).strip().splitlines())
