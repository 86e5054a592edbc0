"""The Azure predictive maintenance log as lives and moments of components; days count from 2015-01-01 06:00."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.life_tables import TableError
from models.training.hazard import Landmarks

Array = NDArray[np.float64]

ORIGIN = pd.Timestamp("2015-01-01 06:00:00")
COMPONENTS = ("comp1", "comp2", "comp3", "comp4")
ERRORS = tuple(f"error{i}" for i in range(1, 6))
BACK = (1.0, 3.0, 7.0, 30.0)
END = 365.0
"""The log ends with the year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """Lives of components, all (n,): when they began and ended, in days, and whether they failed; open ones end with the log."""

    machine: NDArray[np.int64]
    component: NDArray[np.int64]
    began: Array
    ended: Array
    failed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """The log: lives, errors of each machine and kind by day, failures of each machine by day, and machines' model and age."""

    lives: Lives
    errors: dict[tuple[int, int], Array]
    failures: dict[int, Array]
    model: dict[int, int]
    age: dict[int, float]


def read_log(folder: Path) -> Log:
    """Return the log of a folder; TableError where a table is missing."""
    errors, failures, machines, maint = (
        _read(folder / f"PdM_{name}.csv") for name in ("errors", "failures", "machines", "maint")
    )
    ended = pd.concat(
        [
            maint[["machineID", "comp", "day"]],
            failures.rename(columns={"failure": "comp"})[["machineID", "comp", "day"]],
        ]
    )
    broke = set(zip(failures["machineID"], failures["failure"], failures["day"], strict=True))
    return Log(
        lives=_lives(ended.drop_duplicates(), broke),
        errors={
            (int(machine), ERRORS.index(kind)): np.sort(rows["day"].to_numpy(dtype=np.float64))
            for (machine, kind), rows in errors.groupby(["machineID", "errorID"])
        },
        failures={int(machine): np.sort(rows["day"].to_numpy()) for machine, rows in failures.groupby("machineID")},
        model={int(row.machineID): int(row.model[-1]) for row in machines.itertuples()},
        age={int(row.machineID): float(row.age) for row in machines.itertuples()},
    )


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise TableError(f"{path}: no such file; name the folder of the data sets with --data")
    table = pd.read_csv(path)
    if "datetime" in table.columns:
        table["day"] = (pd.to_datetime(table["datetime"]) - ORIGIN) / pd.Timedelta(days=1)
    return table


def _lives(ended: pd.DataFrame, broke: set[tuple[int, str, float]]) -> Lives:
    rows = []
    for (machine, component), own in ended.groupby(["machineID", "comp"]):
        days = np.unique(own["day"].to_numpy(dtype=np.float64))
        for began, end in zip(days, np.append(days[1:], END), strict=True):
            rows.append((int(machine), COMPONENTS.index(component), began, end, (machine, component, end) in broke))
    table = np.array(rows, dtype=np.float64)
    return Lives(
        machine=table[:, 0].astype(np.int64),
        component=table[:, 1].astype(np.int64),
        began=table[:, 2],
        ended=table[:, 3],
        failed=table[:, 4].astype(bool),
    )


def landmarks(log: Log, days: Array, seen_until: float) -> tuple[Landmarks, NDArray[np.int64], Array]:
    """Return the moments of all components on `days`, as known then, their machines (n,) and days (n,).

    Outcomes are known until `seen_until`: a life that goes on counts as seen until then.
    """
    lives = log.lives
    own = [np.flatnonzero((lives.began <= day) & (lives.ended > day)) for day in days.tolist()]
    life, day = np.concatenate(own), np.repeat(days, [part.size for part in own])
    machine, component = lives.machine[life], lives.component[life]
    ages = np.full((int(machine.max()) + 1, len(COMPONENTS), days.size), np.nan)
    place = np.repeat(np.arange(days.size), [part.size for part in own])
    ages[machine, component, place] = day - lives.began[life]
    columns = {
        "component": component.astype(np.float64),
        "age": day - lives.began[life],
        "model": np.array([log.model[m] for m in machine.tolist()], dtype=np.float64),
        "machine_age": np.array([log.age[m] for m in machine.tolist()]),
        **{f"age_of_{name}": ages[machine, i, place] for i, name in enumerate(COMPONENTS)},
        **_days_since_failure(log, machine, day),
        **_error_counts(log, machine, day),
    }
    ended = np.minimum(lives.ended[life], seen_until)
    return (
        Landmarks(
            names=tuple(columns),
            rows=np.column_stack(list(columns.values())),
            time=ended - day,
            failed=lives.failed[life] & (lives.ended[life] <= seen_until),
            upto=seen_until - day,
        ),
        machine,
        day,
    )


def _days_since_failure(log: Log, machine: NDArray[np.int64], day: Array) -> dict[str, Array]:
    """Return how long ago the machine last failed; how often it had failed would only tell how old the log is."""
    since = np.full(day.size, np.nan)
    for number, days in log.failures.items():
        rows = machine == number
        place = np.searchsorted(days, day[rows], side="right")
        since[rows] = np.where(place > 0, day[rows] - days[np.maximum(place - 1, 0)], np.nan)
    return {"days_since_failure": since}


def _error_counts(log: Log, machine: NDArray[np.int64], day: Array) -> dict[str, Array]:
    found = {f"{name}_in_{back:g}_days": np.zeros(day.size) for name in ERRORS for back in BACK}
    for (number, kind), days in log.errors.items():
        rows = machine == number
        upto = np.searchsorted(days, day[rows], side="right")
        for back in BACK:
            after = np.searchsorted(days, day[rows] - back, side="right")
            found[f"{ERRORS[kind]}_in_{back:g}_days"][rows] = upto - after
    return found
