"""Sets in the generic layout: what is read, and the one line that says what is wrong with a table."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.life_tables import TableError, read_life_set

TRAIN = "unit,time,setting_1,vib\nb,1,0,2.5\nb,2,0,\na,1,1,3\na,2,1,4\n"
TEST = "unit,time,vib,setting_1\nx,1,9,0\ny,1,8,1\n"


def a_set(folder: Path, **tables: str) -> Path:
    for name, text in ({"train": TRAIN, "test": TEST} | tables).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def test_columns_are_settings_by_name_and_sensors_else_whatever_their_order(tmp_path: Path) -> None:
    found = read_life_set(a_set(tmp_path, rul="unit,rul\ny,7\n", units="unit,failed\na,0\n"), 100.0)
    train = found.lives.trajectories
    assert (train.units, train.setting_names, train.sensor_names) == (("b", "a"), ("setting_1",), ("vib",))
    np.testing.assert_array_equal(train.sensors[:, 0], [2.5, np.nan, 3.0, 4.0])
    assert found.lives.failed.tolist() == [True, False]
    assert found.test.sensors[:, 0].tolist() == [9.0, 8.0]
    np.testing.assert_array_equal(found.left, [np.nan, 7.0])


def test_without_a_truth_nothing_is_judged_and_all_lives_ended(tmp_path: Path) -> None:
    found = read_life_set(a_set(tmp_path), None)
    assert not np.isfinite(found.left).any()
    assert found.lives.failed.all()


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"train": "unit,vib\na,1\n"}, "no column time"),
        ({"train": "unit,time,vib\n"}, "no row"),
        ({"train": "unit,time\na,1\n"}, "no column of a sensor"),
        ({"train": ""}, "not a table"),
        ({"test": "unit,time,vib\nx,1,2\n"}, "no column setting_1"),
        ({"test": "unit,time,vib,setting_1\nx,1,high,0\n"}, "row 2, column vib: 'high' is not a number"),
        ({"rul": "unit,rul\nx,-1\n"}, "a remaining life below 0"),
        ({"units": "unit,failed\na,2\n"}, "failed must be 0 or 1"),
    ],
)
def test_a_table_that_is_wrong_says_where(tmp_path: Path, tables: dict[str, str], says: str) -> None:
    with pytest.raises(TableError, match=says):
        read_life_set(a_set(tmp_path, **tables), None)


def test_a_folder_without_tables_says_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match=r"train.csv: no such file"):
        read_life_set(tmp_path, None)
