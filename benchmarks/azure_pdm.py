"""Failures of components from logs alone (Azure): one day ahead, 7/30/90 days, counts, and the age to replace at."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.azure_tables import COMPONENTS, END, Lives, Log, landmarks, read_log
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from models.prognosis.decision import age_policy
from models.prognosis.empirical import EmpiricalLife, empirical_age_table, empirical_life, renewal_failures
from models.prognosis.hazard import failure_probability
from models.training.hazard import Landmarks, fit_hazard
from models.training.metrics import average_precision, brier, calibration_error, ipcw_weights, roc_auc, uno_c

Array = NDArray[np.float64]

SPLIT = 243.0
"""2015-09-01."""

COUNTED_FROM = 181.0
"""2015-07-01: failures are counted over the half year that is left."""

HORIZONS = (7.0, 30.0, 90.0)
FOLDS = 5
PATHS = 1000
SEEDS = (1, 2, 3)
EVERY = 3
MUST_BRIER = {7.0: 0.030, 30.0: 0.130, 90.0: 0.217}
MUST_OFF = {7.0: 0.02, 30.0: 0.05, 90.0: 0.09}
MUST_COUNT = {30: 15.0, 91: 8.0, 184: 8.0}
RATIOS = {3.0: None, 5.0: 15.0, 10.0: 10.0}


def run(wish: Wish) -> Report:
    """Measure the parts `day`, `horizons`, `counts` and `cost`."""
    began = time.perf_counter()
    log = read_log((wish.data or Path("../shared/data")) / "azure_pdm")
    parts = {"day": _one_day, "horizons": _horizons, "counts": _counts, "cost": _cost}
    bars = tuple(bar for name, part in parts.items() if wish.wants(name) for bar in part(log))
    return Report(
        benchmark="azure-pdm",
        version=version("yeji"),
        bars=bars,
        seconds=time.perf_counter() - began,
        notes=(
            "trained before 2015-09-01, judged after, on machines held out (5 folds), three seeds",
            "a moment counts for a horizon only if the data reach that far",
            "98 % of the failures have an error exactly a day before: this log flatters who looks one day ahead",
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """Moments after the split with what was said of them (n, horizons) by models that had not seen their machines."""

    moments: Landmarks
    said: Array


def _told(log: Log, horizons: tuple[float, ...], every: int, features: tuple[str, ...] | None, seed: int) -> _Told:
    learnt, by, _ = landmarks(log, np.arange(30.0, SPLIT - 1.0, every), SPLIT)
    judged, whose, _ = landmarks(log, np.arange(SPLIT, END - 1.0), END)
    if features is not None:
        learnt, judged = _only(learnt, features), _only(judged, features)
    fold = np.random.default_rng(seed).permutation(np.arange(whose.max() + 1) % FOLDS)
    said = np.full((whose.size, len(horizons)), np.nan)
    for held in range(FOLDS):
        own = _rows(learnt, fold[by] != held)
        model = fit_hazard(own, np.array(horizons), seed=seed)
        said[fold[whose] == held] = failure_probability(model, judged.rows[fold[whose] == held])
    return _Told(moments=judged, said=said)


def _only(moments: Landmarks, features: tuple[str, ...]) -> Landmarks:
    columns = [moments.names.index(name) for name in features]
    return Landmarks(
        names=features, rows=moments.rows[:, columns], time=moments.time, failed=moments.failed, upto=moments.upto
    )


def _rows(moments: Landmarks, chosen: NDArray[np.bool_]) -> Landmarks:
    return Landmarks(
        names=moments.names,
        rows=moments.rows[chosen],
        time=moments.time[chosen],
        failed=moments.failed[chosen],
        upto=moments.upto[chosen],
    )


def _one_day(log: Log) -> Iterator[Bar]:
    told = [_told(log, (1.0,), 1, None, seed) for seed in SEEDS[:1]]
    ages = _told(log, (1.0,), EVERY, ("component", "age", "machine_age"), SEEDS[0])
    exact, first = [_precision(one) for one in told], _precision(ages)
    yield Bar(
        name="one day ahead, PR-AUC (baseline: ages only)",
        value=float(np.mean(exact)),
        unit="",
        must=0.97,
        baseline=first,
        sense=Sense.AT_LEAST,
    )
    yield Bar(
        name="one day ahead, F1 at probability ½",
        value=float(np.mean([_f1(one) for one in told])),
        unit="",
        must=0.93,
        baseline=_f1(ages),
        sense=Sense.AT_LEAST,
    )


def _precision(told: _Told) -> float:
    moments = told.moments.upto >= 1.0
    outcome = told.moments.failed & (told.moments.time <= 1.0)
    return average_precision(told.said[moments, 0], outcome[moments])


def _f1(told: _Told) -> float:
    moments = told.moments.upto >= 1.0
    outcome = (told.moments.failed & (told.moments.time <= 1.0))[moments]
    said = told.said[moments, 0] >= 0.5
    return float(2.0 * (said & outcome).sum() / max(said.sum() + outcome.sum(), 1))


def _horizons(log: Log) -> Iterator[Bar]:
    told = [_told(log, HORIZONS, EVERY, None, seed) for seed in SEEDS]
    by_age = _told(log, HORIZONS, EVERY, ("component", "age"), SEEDS[0])
    yield Bar(
        name="C (Uno) over 90 days (baseline: component and age only)",
        value=float(np.mean([_concordance(one) for one in told])),
        unit="",
        must=0.66,
        aim=0.70,
        baseline=_concordance(by_age),
        sense=Sense.AT_LEAST,
    )
    for place, horizon in enumerate(HORIZONS):
        each = [_scores(one, place, horizon) for one in told]
        score, off, auc = np.mean(each, axis=0).tolist()
        plain = _scores(by_age, place, horizon)
        yield Bar(name=f"{horizon:g} days, Brier", value=score, unit="", must=MUST_BRIER[horizon], baseline=plain[0])
        yield Bar(
            name=f"{horizon:g} days, calibration error",
            value=off,
            unit="",
            must=MUST_OFF[horizon],
            aim=0.04 if horizon == HORIZONS[-1] else None,
            baseline=plain[1],
        )
        yield Bar(name=f"{horizon:g} days, AUC", value=auc, unit="", must=None, baseline=plain[2], sense=Sense.AT_LEAST)


def _concordance(told: _Told) -> float:
    moments = told.moments
    rows = np.flatnonzero(moments.upto >= HORIZONS[1])[::7]
    risk = told.said[rows].mean(axis=1)
    return uno_c(risk, moments.time[rows], moments.failed[rows], tau=HORIZONS[-1])


def _scores(told: _Told, place: int, horizon: float) -> tuple[float, float, float]:
    """Return Brier score, calibration error and AUC at a horizon."""
    rows = told.moments.upto >= horizon
    said, seen, failed = told.said[rows, place], told.moments.time[rows], told.moments.failed[rows]
    weight = ipcw_weights(seen, failed, horizon)
    outcome = failed & (seen <= horizon)
    known = weight > 0
    return (
        brier(said, seen, failed, horizon=horizon),
        calibration_error(said[known], outcome[known], weight=weight[known]),
        roc_auc(said[known], outcome[known], weight[known]),
    )


def _counts(log: Log) -> Iterator[Bar]:
    lives, rng = log.lives, np.random.default_rng(SEEDS[0])
    days = max(MUST_COUNT)
    total = np.zeros((PATHS, days), dtype=np.int64)
    for component in range(len(COMPONENTS)):
        own = lives.component == component
        life = _counted(lives, own, 0.0, COUNTED_FROM)
        running = own & (lives.began <= COUNTED_FROM) & (lives.ended > COUNTED_FROM)
        total += renewal_failures(life, COUNTED_FROM - lives.began[running], days, PATHS, rng)
    for upto, must in MUST_COUNT.items():
        ended = (lives.ended > COUNTED_FROM) & (lives.ended <= COUNTED_FROM + upto)
        actual = int((lives.failed & ended).sum())
        low, high = np.quantile(total[:, upto - 1], [0.1, 0.9])
        before = int((lives.failed & (lives.ended > COUNTED_FROM - upto) & (lives.ended <= COUNTED_FROM)).sum())
        yield Bar(
            name=f"failures in {upto} days: {actual}, told {total[:, upto - 1].mean():.0f} ({low:.0f}–{high:.0f}; baseline: as before)",
            value=float(100.0 * abs(total[:, upto - 1].mean() / actual - 1.0)),
            unit="% off",
            must=must,
            baseline=100.0 * abs(before / actual - 1.0),
        )


def _counted(lives: Lives, own: NDArray[np.bool_], start: float, end: float) -> EmpiricalLife:
    """Return the risks by age of lives as far as they were seen between two days."""
    seen = own & (lives.ended > start) & (lives.began < end)
    entry = np.maximum(start - lives.began[seen], 0.0)
    exit_ = np.minimum(lives.ended[seen], end) - lives.began[seen]
    closed = lives.ended[seen] <= min(end, END - 1e-9)
    return empirical_life(entry, exit_, lives.failed[seen] & closed, ~lives.failed[seen] & closed, 1.0)


def _cost(log: Log) -> Iterator[Bar]:
    lives = log.lives
    fold = np.random.default_rng(SEEDS[0]).permutation(np.arange(lives.machine.max() + 1) % FOLDS)[lives.machine]
    for ratio, must in RATIOS.items():
        advised, endless = _regrets(lives, fold, ratio)
        yield Bar(
            name=f"cost regret at Cf/Cp {ratio:g} (baseline: run to failure)",
            value=advised,
            unit="%",
            must=must,
            aim=5.0,
            baseline=endless,
        )


def _regrets(lives: Lives, fold: NDArray[np.int64], ratio: float) -> tuple[float, float]:
    """Return the excess cost in per cent of the ages advised and of running to failure, over the best age in hindsight.

    What an age costs is counted on all lives after the split: those of the machines of one fold are too few for it.
    """
    spent, best, endless = 0.0, 0.0, 0.0
    for component in range(len(COMPONENTS)):
        own = lives.component == component
        learnt = [_counted(lives, own & (fold != held), 0.0, SPLIT) for held in range(FOLDS)]
        ages = [age_policy(empirical_age_table(life), ratio).age for life in learnt]
        truth = empirical_age_table(_counted(lives, own, SPLIT, END))
        rates = (1.0 + (ratio - 1.0) * truth.failed[:, 0]) / truth.run[:, 0]
        spent += float(np.mean(rates[np.minimum(np.searchsorted(truth.ages, ages), rates.size - 1)]))
        best, endless = best + float(rates.min()), endless + float(rates[-1])
    return 100.0 * (spent / best - 1.0), 100.0 * (endless / best - 1.0)
