"""Run-to-failure sets as tables: `train.csv`, `test.csv`, and where there are any `rul.csv` and `units.csv`."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from configs.errors import YejiError
from models.features.trajectories import Trajectories, Vector
from models.training.remaining_life import LifeHistories

SETTING = "setting_"


class TableError(YejiError):
    """A table is not as it must be; the message says which, what and how to mend it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeSet:
    """One set: lives to learn from, units to tell of, and what was truly left of these (units,), NaN where untold."""

    name: str
    lives: LifeHistories
    test: Trajectories
    left: Vector

    @property
    def judged(self) -> NDArray[np.bool_]:
        """Which test units (units,) have a known remaining life."""
        return np.isfinite(self.left)


def read_life_set(folder: Path, cap: float | None) -> LifeSet:
    """Return the set of a folder in the generic layout; TableError where it is not one."""
    train = read_trajectories(folder / "train.csv")
    test = read_trajectories(folder / "test.csv", like=train)
    lives = LifeHistories(trajectories=train, failed=_failed(folder / "units.csv", train), cap=cap)
    return LifeSet(name=folder.name, lives=lives, test=test, left=_left(folder / "rul.csv", test))


def read_trajectories(path: Path, like: Trajectories | None = None) -> Trajectories:
    """Return the readings of a table with `unit`, `time`, settings and sensors, in the columns of `like`."""
    table = _table(path, ("unit", "time"))
    others = [name for name in table.columns if name not in {"unit", "time"}]
    settings = tuple(name for name in others if name.startswith(SETTING)) if like is None else like.setting_names
    sensors = tuple(name for name in others if not name.startswith(SETTING)) if like is None else like.sensor_names
    missing = [name for name in (*settings, *sensors) if name not in table.columns]
    if missing or not sensors:
        raise TableError(f"{path}: no column {', '.join(missing) or 'of a sensor'}; give it as in train.csv")
    code, names = pd.factorize(table["unit"].astype(str))
    order = np.argsort(code, kind="stable")
    return Trajectories(
        units=tuple(str(name) for name in names),
        setting_names=settings,
        sensor_names=sensors,
        unit=code[order].astype(np.int64),
        age=_numbers(path, table, ("time",))[order, 0],
        settings=_numbers(path, table, settings)[order],
        sensors=_numbers(path, table, sensors)[order],
    )


def write_life_set(lives: LifeSet, folder: Path) -> None:
    """Write a set in the generic layout; what is read back is the same to the last digit, but for the cap."""
    folder.mkdir(parents=True, exist_ok=True)
    _as_table(lives.lives.trajectories).to_csv(folder / "train.csv", index=False)
    _as_table(lives.test).to_csv(folder / "test.csv", index=False)
    told = lives.judged
    if told.any():
        names = np.array(lives.test.units)[told]
        pd.DataFrame({"unit": names, "rul": lives.left[told]}).to_csv(folder / "rul.csv", index=False)
    if not lives.lives.failed.all():
        failed = lives.lives.failed.astype(int)
        pd.DataFrame({"unit": lives.lives.trajectories.units, "failed": failed}).to_csv(
            folder / "units.csv", index=False
        )


def _as_table(trajectories: Trajectories) -> pd.DataFrame:
    names = [*trajectories.setting_names, *trajectories.sensor_names]
    readings = np.column_stack([trajectories.settings, trajectories.sensors])
    table = pd.DataFrame(readings, columns=names)
    table.insert(0, "time", trajectories.age)
    table.insert(0, "unit", np.array(trajectories.units)[trajectories.unit])
    return table


def _table(path: Path, needed: tuple[str, ...]) -> pd.DataFrame:
    if not path.is_file():
        raise TableError(f"{path}: no such file; name the folder of the set with --data")
    try:
        table = pd.read_csv(path)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise TableError(f"{path}: not a table of comma-separated values ({error})") from error
    missing = [name for name in needed if name not in table.columns]
    if missing:
        raise TableError(f"{path}: no column {', '.join(missing)}; the first line names the columns")
    if table.empty:
        raise TableError(f"{path}: no row below the names of the columns")
    return table


def _numbers(path: Path, table: pd.DataFrame, names: tuple[str, ...]) -> NDArray[np.float64]:
    found = np.full((len(table), len(names)), np.nan)
    for place, name in enumerate(names):
        numbers = pd.to_numeric(table[name], errors="coerce")
        wrong = table[name].notna() & numbers.isna()
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise TableError(f"{path}: row {row + 2}, column {name}: {table[name].iloc[row]!r} is not a number")
        found[:, place] = np.where(np.isinf(numbers), np.nan, numbers)
    return found


def _failed(path: Path, train: Trajectories) -> NDArray[np.bool_]:
    if not path.is_file():
        return np.ones(len(train.units), dtype=np.bool_)
    by_unit = _by_unit(path, "failed")
    strange = [unit for unit, value in by_unit.items() if value not in {0.0, 1.0}]
    if strange:
        raise TableError(f"{path}: unit {strange[0]}: failed must be 0 or 1")
    return np.array([by_unit.get(unit, 1.0) == 1.0 for unit in train.units], dtype=np.bool_)


def _left(path: Path, test: Trajectories) -> Vector:
    if not path.is_file():
        return np.full(len(test.units), np.nan)
    by_unit = _by_unit(path, "rul")
    negative = [unit for unit, value in by_unit.items() if value < 0]
    if negative:
        raise TableError(f"{path}: unit {negative[0]}: a remaining life below 0")
    return np.array([by_unit.get(unit, np.nan) for unit in test.units])


def _by_unit(path: Path, column: str) -> dict[str, float]:
    table = _table(path, ("unit", column))
    values = _numbers(path, table, (column,))[:, 0]
    return dict(zip(table["unit"].astype(str).tolist(), values.tolist(), strict=True))
