from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.running_yeji import Program, a_plant_file, running


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """`yeji run` with two pumps, on an empty data folder."""
    folder = tmp_path_factory.mktemp("yeji")
    a_plant_file(folder / "data")
    with running(folder / "data") as started:
        yield started


@pytest.fixture
def plant_folder(tmp_path: Path) -> Path:
    """A folder with the plant file of two pumps."""
    a_plant_file(tmp_path / "plant")
    return tmp_path / "plant"
