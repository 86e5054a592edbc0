"""Anomalies on a real water rig (SKAB): each experiment's first 400 rows are learnt, the later ones judged row by row."""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.life_tables import TableError
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from models.state_detection.forecast_residual import forecast_score
from models.training.forecast_residual import ForecastRule, fit_forecast

LEARNT = 400
SENSORS = 8
FOLDERS = ("valve1", "valve2", "other")
SPLITS = 20
SEED = 20261125
RULES = tuple(
    ForecastRule(lags=lags, weight=weight, margin=margin)
    for lags, weight, margin in itertools.product((1, 2, 5), (0.05, 0.1, 0.2), (2.0, 2.5, 3.0, 3.5, 4.0, 5.0))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows by what was said and what was so."""

    hits: int
    false: int
    missed: int
    quiet: int

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            hits=self.hits + other.hits,
            false=self.false + other.false,
            missed=self.missed + other.missed,
            quiet=self.quiet + other.quiet,
        )

    @property
    def f1(self) -> float:
        """F1 of the anomalous rows."""
        return 2.0 * self.hits / max(2 * self.hits + self.false + self.missed, 1)

    @property
    def false_alarm_rate(self) -> float:
        """False alarms in per cent of the normal rows."""
        return 100.0 * self.false / max(self.false + self.quiet, 1)

    @property
    def missed_alarm_rate(self) -> float:
        """Missed rows in per cent of the anomalous ones."""
        return 100.0 * self.missed / max(self.missed + self.hits, 1)


NONE = Counts(hits=0, false=0, missed=0, quiet=0)


def run(wish: Wish) -> Report:
    """Judge all experiments with the rule of the product, and with rules chosen on half of them for the other half."""
    began = time.perf_counter()
    experiments = read_experiments((wish.data or Path("../shared/data")) / "skab")
    usual = [_judge(values, marked, ForecastRule()) for values, marked in experiments]
    always = [_counts(np.ones(marked.size - LEARNT, dtype=np.bool_), marked[LEARNT:]) for _, marked in experiments]
    nested = _nested(experiments)
    return Report(
        benchmark="skab",
        version=version("yeji"),
        bars=tuple(_bars(sum(usual, NONE), sum(always, NONE), nested)),
        seconds=time.perf_counter() - began,
        notes=(
            f"{len(experiments)} experiments; published: Conv-AE F1 .78 (FAR 13.6, MAR 28.0), MSET .78, T²+Q .76",
            f"nested: one of {len(RULES)} rules chosen on half of the experiments, {SPLITS} random halves, seed {SEED}",
            f"nested: sd of F1 over the halves {np.std([each.f1 for each in nested], ddof=1):.3f}",
        ),
    )


Experiment = tuple[NDArray[np.float64], NDArray[np.bool_]]


def read_experiments(folder: Path) -> list[Experiment]:
    """Return the readings (n, sensors) and marks (n,) of all labelled experiments; TableError where there are none."""
    paths = [path for name in FOLDERS for path in sorted((folder / name).glob("*.csv"))]
    if not paths:
        raise TableError(f"{folder}: no SKAB experiment there; name the folder of the data sets with --data")
    return [_read(path) for path in paths]


def _read(path: Path) -> Experiment:
    table = np.genfromtxt(path, delimiter=";", skip_header=1, usecols=range(1, SENSORS + 2))
    if table.shape[0] <= LEARNT or not np.isfinite(table).all():
        raise TableError(f"{path}: more than {LEARNT} rows of {SENSORS} numbers and a mark are needed")
    return table[:, :SENSORS], table[:, SENSORS] > 0


def _judge(values: NDArray[np.float64], marked: NDArray[np.bool_], rule: ForecastRule) -> Counts:
    score, _ = forecast_score(fit_forecast(values[:LEARNT], rule), values)
    return _counts(score[LEARNT:] > 1.0, marked[LEARNT:])


def _counts(said: NDArray[np.bool_], marked: NDArray[np.bool_]) -> Counts:
    return Counts(
        hits=int((said & marked).sum()),
        false=int((said & ~marked).sum()),
        missed=int((~said & marked).sum()),
        quiet=int((~said & ~marked).sum()),
    )


def _nested(experiments: list[Experiment]) -> list[Counts]:
    """Return what came of each random half when the rule was chosen on the other."""
    table = [[_judge(values, marked, rule) for values, marked in experiments] for rule in RULES]
    rng = np.random.default_rng(SEED)
    found = []
    for _ in range(SPLITS):
        order = rng.permutation(len(experiments)).tolist()
        tune, held = order[: len(order) // 2], order[len(order) // 2 :]
        best = max(table, key=lambda row, tune=tune: sum((row[i] for i in tune), NONE).f1)  # type: ignore[misc]
        found.append(sum((best[i] for i in held), NONE))
    return found


def _bars(usual: Counts, always: Counts, nested: list[Counts]) -> Iterator[Bar]:
    yield Bar(
        name="all experiments, F1 (baseline: always alarm)",
        value=usual.f1,
        unit="",
        must=0.82,
        baseline=always.f1,
        sense=Sense.AT_LEAST,
    )
    yield Bar(
        name="all experiments, false alarms in normal rows",
        value=usual.false_alarm_rate,
        unit="%",
        must=24.0,
        baseline=always.false_alarm_rate,
    )
    yield Bar(
        name="all experiments, missed anomalous rows",
        value=usual.missed_alarm_rate,
        unit="%",
        must=18.0,
        baseline=always.missed_alarm_rate,
    )
    yield Bar(
        name="nested, mean F1 of the held-out halves",
        value=float(np.mean([each.f1 for each in nested])),
        unit="",
        must=0.79,
        aim=0.84,
        baseline=always.f1,
        sense=Sense.AT_LEAST,
    )
    yield Bar(
        name="nested, false alarms",
        value=float(np.mean([each.false_alarm_rate for each in nested])),
        unit="%",
        must=None,
        aim=15.0,
    )
