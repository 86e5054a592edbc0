"""Twelve files after what Korean factories keep, row by row."""

from pathlib import Path

import pytest

from tests.fakes.kept_tables import KEPT_TABLES, KeptTable
from tests.fakes.sample_factory import sample_plant
from tests.fakes.table_results import contents, differences


@pytest.mark.parametrize("table", KEPT_TABLES, ids=lambda table: table.name)
def test_a_file_comes_out_row_by_row_as_it_is_meant(table: KeptTable, tmp_path: Path) -> None:
    path = tmp_path / table.name
    table.write(path)
    assert differences(table, contents(path, sample_plant())) == []


def test_there_are_twelve() -> None:
    assert len({table.name for table in KEPT_TABLES}) == 12
