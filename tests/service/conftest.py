"""What tests of the service may use: state databases on both engines, and a whole service on real stores."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes import sample_factory
from tests.fakes.houses import House, a_house
from tests.fakes.state_databases import *  # noqa: F403


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[House]:
    """A service on real stores with two pumps in Busan, at 2026-11-25 00:00 UTC."""
    shutil.copy(migrated_sqlite, tmp_path / "state.sqlite")
    with a_house(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def filled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the files of the sample factory, to be copied."""
    folder = tmp_path_factory.mktemp("factory")
    with sample_factory.a_filled_house(folder):
        return folder


@pytest.fixture
def factory(filled_folder: Path, tmp_path: Path) -> Iterator[House]:
    """The sample factory behind the whole web application."""
    shutil.copytree(filled_folder, tmp_path, dirs_exist_ok=True)
    with sample_factory.a_filled_house(tmp_path) as opened:
        yield opened
