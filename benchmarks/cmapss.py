"""Remaining life of simulated turbofans (C-MAPSS FD001–FD004): grouped cross-validation and the test units, three seeds."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.life_rounds import Rounds, baselines, run_rounds, write_predictions
from benchmarks.life_tables import LifeSet, TableError
from benchmarks.report import Bar, NotApplicable, Report
from benchmarks.runner import Wish
from models.features.trajectories import Trajectories
from models.training.remaining_life import LifeHistories

CAP = 125.0
SETS = ("FD001", "FD002", "FD003", "FD004")
COLUMNS = 26
MOST_SECONDS = 360.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a set must reach, what it aims at, and what others published, in cycles (test: last cycle, capped)."""

    held_out: tuple[float, float]
    test: tuple[float, float] | None
    late: float | None
    published: str


GOALS = {
    "FD001": Goal(held_out=(9.5, 8.3), test=(11.0, 9.5), late=200.0, published="DCNN 12.61, TMSCNN 10.26, STAR 10.61"),
    "FD002": Goal(held_out=(11.8, 10.5), test=None, late=None, published="DCNN 22.36, TMSCNN 14.79, STAR 13.47"),
    "FD003": Goal(held_out=(10.5, 9.0), test=(11.0, 9.7), late=230.0, published="DCNN 12.64, TMSCNN 10.51, STAR 10.71"),
    "FD004": Goal(held_out=(13.3, 12.0), test=None, late=None, published="DCNN 23.31, TMSCNN 14.25, STAR 15.87"),
}


def run(wish: Wish) -> Report:
    """Fit and judge the sets; `--only FD001,FD003` takes some, `--predictions FILE` writes what is said of the test units."""
    began = time.perf_counter()
    folder = (wish.data or Path("../shared/data")) / "cmapss"
    found = [run_rounds(read_set(folder, name)) for name in SETS if wish.wants(name)]
    if wish.predictions is not None:
        write_predictions(wish.predictions, found, with_set=True)
    bars = [bar for rounds in found for bar in _bars(rounds)]
    bars.append(
        Bar(
            name=f"fit, hold out and predict {len(found)} sets, one seed",
            value=sum(rounds.seconds for rounds in found),
            unit="s",
            must=MOST_SECONDS,
        )
    )
    return Report(
        benchmark="cmapss",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - began,
        not_applicable=tuple(
            NotApplicable(
                name=f"{rounds.lives.name} test", reason="its labels are withheld; predictions are judged apart"
            )
            for rounds in found
            if not rounds.judged
        ),
        notes=tuple(_notes(found)),
    )


def read_set(folder: Path, name: str) -> LifeSet:
    """Return one of the four sets; TableError where a file is not there or not as it must be."""
    train, test = (_read(folder / f"{part}_{name}.txt") for part in ("train", "test"))
    truth = folder / f"RUL_{name}.txt"
    left = np.loadtxt(truth) if truth.is_file() else np.full(len(test.units), np.nan)
    if left.size != len(test.units):
        raise TableError(f"{truth}: {left.size} remaining lives for {len(test.units)} units")
    lives = LifeHistories(trajectories=train, failed=np.ones(len(train.units), dtype=np.bool_), cap=CAP)
    return LifeSet(name=name, lives=lives, test=test, left=left)


def _read(path: Path) -> Trajectories:
    if not path.is_file():
        raise TableError(f"{path}: no such file; name the folder of the data sets with --data")
    table = np.loadtxt(path)
    if table.ndim != 2 or table.shape[1] != COLUMNS:
        raise TableError(f"{path}: {COLUMNS} columns are needed: unit, cycle, 3 settings, 21 sensors")
    units, code = np.unique(table[:, 0], return_inverse=True)
    return Trajectories(
        units=tuple(f"{unit:.0f}" for unit in units),
        setting_names=tuple(f"setting_{i}" for i in range(1, 4)),
        sensor_names=tuple(f"s_{i}" for i in range(1, 22)),
        unit=code.astype(np.int64),
        age=table[:, 1],
        settings=table[:, 2:5],
        sensors=table[:, 5:],
    )


def _bars(rounds: Rounds) -> Iterator[Bar]:
    name, goal = rounds.lives.name, GOALS[rounds.lives.name]
    held_out = rounds.rounds[0].held_out
    yield Bar(
        name=f"{name} grouped CV, RMSE capped (baseline: a constant)",
        value=rounds.mean(rounds.held_out_rmse),
        unit="cycles",
        must=goal.held_out[0],
        aim=goal.held_out[1],
        baseline=float(held_out.left.std()),
    )
    if goal.test is None:
        return
    constant, by_age = baselines(rounds)
    yield Bar(
        name=f"{name} test, RMSE capped (baseline: age only; a constant {constant:.1f})",
        value=rounds.mean(rounds.rmse_on_test_units),
        unit="cycles",
        must=goal.test[0],
        aim=goal.test[1],
        baseline=by_age,
    )
    yield Bar(name=f"{name} test, RMSE raw", value=rounds.mean(rounds.raw_rmse), unit="cycles", must=None)
    yield Bar(name=f"{name} test, score S capped", value=rounds.mean(rounds.late_score), unit="", must=goal.late)


def _notes(found: list[Rounds]) -> Iterator[str]:
    for rounds in found:
        goal = GOALS[rounds.lives.name]
        spread = f"± {rounds.spread(rounds.held_out_rmse):.2f} grouped CV"
        if goal.test is not None:
            spread += f", ± {rounds.spread(rounds.rmse_on_test_units):.2f} test"
        yield f"{rounds.lives.name}: sd over {len(rounds.rounds)} seeds {spread}; published (test, capped): {goal.published}"
