"""`yeji import FILE` without a running service: the command has the files to itself."""

from io import StringIO
from pathlib import Path

import orjson
import pytest
from rich.console import Console

from configs.plant_file import dump_plant
from configs.settings import Settings
from service.errors import InvalidRequestError
from service.operations.result import Output
from service.operations.tables import TableWish, import_table, undo_import
from tests.fakes.plants import a_plant

LOG = "일시,진동(mm/s),온도(℃)\n2026-10-24 09:00,1.5,40\n2026-10-24 10:00,1.6,고장\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "plant.toml").write_text(dump_plant(a_plant()), encoding="utf-8")
    return Settings(data_dir=tmp_path / "data", plant_file=tmp_path / "plant.toml")


def run(settings: Settings, path: Path, wish: TableWish) -> tuple[dict[str, object], str]:
    shown, told = StringIO(), StringIO()
    output = Output(Console(file=shown, width=200), as_json=True)
    import_table(settings, path, wish, progress=Console(file=told, width=200), output=output)
    return orjson.loads(shown.getvalue()), told.getvalue()


def test_a_table_is_looked_at_then_stored_once_and_undone(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    wish = TableWish(machine="pump1")
    looked, told = run(settings, path, TableWish(machine="pump1", dry_run=True))
    assert looked["state"] == "previewed"
    assert "row 3, 온도: not a number: 고장" in told
    kept, _ = run(settings, path, wish)
    assert (kept["state"], kept["done"], kept["rejected"]) == ("imported", 3, 1)
    again, _ = run(settings, path, wish)
    assert (again["done"], again["known"]) == (0, 3)
    shown = StringIO()
    undo_import(settings, str(kept["id"]), Output(Console(file=shown), as_json=False))
    assert "taken out again" in shown.getvalue()


def test_a_table_of_which_nothing_fits_says_so_and_stores_nothing(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(LOG, encoding="utf-8")
    with pytest.raises(InvalidRequestError, match="nothing of it can be stored"):
        run(settings, path, TableWish())


def test_a_file_without_known_headings_says_what_to_write_into_it(settings: Settings, tmp_path: Path) -> None:
    path, told = tmp_path / "memo.xlsx", StringIO()
    path.write_text("not a workbook", encoding="utf-8")
    with pytest.raises(InvalidRequestError, match="the lines above say why"):
        import_table(
            settings, path, TableWish(), progress=Console(file=told, width=300), output=Output(Console(), as_json=True)
        )
    assert "no row names columns that are known here" in told.getvalue()
    assert "--machine" in told.getvalue()


def test_a_file_that_is_not_there_is_one_line(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="no such file"):
        run(settings, tmp_path / "none.csv", TableWish())
