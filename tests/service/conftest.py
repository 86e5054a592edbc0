from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.houses import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A service on real stores with two pumps in Busan, at 2026-11-25 00:00 UTC."""
    with a_house(tmp_path) as opened:
        yield opened
