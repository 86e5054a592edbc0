"""What tests of the service may use: state databases on both engines, and a whole service on real stores."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.houses import House, a_house
from tests.fakes.state_databases import *  # noqa: F403


@pytest.fixture
def house(tmp_path: Path, migrated_sqlite: Path) -> Iterator[House]:
    """A service on real stores with two pumps in Busan, at 2026-11-25 00:00 UTC."""
    shutil.copy(migrated_sqlite, tmp_path / "state.sqlite")
    with a_house(tmp_path) as opened:
        yield opened
