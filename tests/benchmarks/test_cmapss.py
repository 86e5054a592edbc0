"""The turbofan sets and the generic layout are one and the same to what is fitted."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.cmapss import CAP, COLUMNS, read_set
from benchmarks.life_tables import LifeSet, TableError, read_life_set, write_life_set
from benchmarks.life_worlds import make_world


def turbofans(folder: Path) -> LifeSet:
    rng = np.random.default_rng(3)
    for part, lengths in (("train", (30, 21, 25)), ("test", (12, 9))):
        rows = [
            [unit, cycle, *rng.uniform(0.0, 42.0, 3).round(4), *rng.normal(500.0, 3.0, 21).round(2)]
            for unit, length in enumerate(lengths, start=1)
            for cycle in range(1, length + 1)
        ]
        np.savetxt(folder / f"{part}_FD001.txt", rows)
    (folder / "RUL_FD001.txt").write_text("7\n112\n", encoding="utf-8")
    return read_set(folder, "FD001")


def assert_same(one: LifeSet, other: LifeSet) -> None:
    for mine, theirs in ((one.lives.trajectories, other.lives.trajectories), (one.test, other.test)):
        assert (mine.units, mine.setting_names, mine.sensor_names) == (
            theirs.units,
            theirs.setting_names,
            theirs.sensor_names,
        )
        for field in ("unit", "age", "settings", "sensors"):
            np.testing.assert_array_equal(getattr(mine, field), getattr(theirs, field))
    np.testing.assert_array_equal(one.lives.failed, other.lives.failed)
    np.testing.assert_array_equal(one.left, other.left)
    assert one.lives.cap == other.lives.cap


def test_turbofans_in_the_generic_layout_are_the_same_set_to_the_last_digit(tmp_path: Path) -> None:
    theirs = turbofans(tmp_path)
    write_life_set(theirs, tmp_path / "generic")
    assert_same(theirs, read_life_set(tmp_path / "generic", CAP))


@pytest.mark.parametrize("name", ["cut-short", "gaps-and-constants", "calendar"])
def test_a_set_that_is_written_is_read_back_as_it_was(tmp_path: Path, name: str) -> None:
    world = make_world(name, 1)
    write_life_set(world, tmp_path)
    assert_same(world, read_life_set(tmp_path, None))


def test_a_file_with_other_columns_is_refused(tmp_path: Path) -> None:
    turbofans(tmp_path)
    (tmp_path / "test_FD001.txt").write_text("1 2 3\n", encoding="utf-8")
    with pytest.raises(TableError, match=f"{COLUMNS} columns are needed"):
        read_set(tmp_path, "FD001")
