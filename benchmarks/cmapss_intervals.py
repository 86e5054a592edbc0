"""Prediction intervals of remaining life on C-MAPSS FD001 and FD003: coverage, width and Winkler score, three seeds."""

import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np

from benchmarks.cmapss import read_set
from benchmarks.life_rounds import Rounds, run_rounds
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from models.training.metrics import winkler

SETS = ("FD001", "FD003")
PUBLISHED = {
    "FD001": "CNN + conformal .92 / 48.3, CQR .85 / 41.4 (coverage / width at 90 %)",
    "FD003": "CNN + conformal .88 / 41.2, CQR .84 / 33.0 (coverage / width at 90 %)",
}


def run(wish: Wish) -> Report:
    """Judge the intervals on the test units; `--only FD001` takes one set."""
    began = time.perf_counter()
    folder = (wish.data or Path("../shared/data")) / "cmapss"
    found = [run_rounds(read_set(folder, name)) for name in SETS if wish.wants(name)]
    return Report(
        benchmark="cmapss-intervals",
        version=version("yeji"),
        bars=tuple(bar for rounds in found for bar in _bars(rounds)),
        seconds=time.perf_counter() - began,
        notes=tuple(_notes(found)),
    )


def _bars(rounds: Rounds) -> Iterator[Bar]:
    name = rounds.lives.name
    nine = rounds.mean(lambda one: rounds.covered(one, 0.9))
    eight = rounds.mean(lambda one: rounds.covered(one, 0.8))
    at_least, at_most = Sense.AT_LEAST, Sense.AT_MOST
    yield Bar(name=f"{name} 90 %: coverage", value=nine, unit="", must=0.86, aim=0.88, sense=at_least)
    yield Bar(name=f"{name} 90 %: coverage, not above", value=nine, unit="", must=None, aim=0.93, sense=at_most)
    yield Bar(
        name=f"{name} 90 %: width", value=rounds.mean(lambda one: rounds.width(one, 0.9)), unit="cycles", must=32.0
    )
    yield Bar(
        name=f"{name} 90 %: Winkler (baseline: constant width around the held-out median)",
        value=rounds.mean(lambda one: rounds.winkler(one, 0.9)),
        unit="cycles",
        must=42.0,
        aim=33.0,
        baseline=_constant_interval(rounds, 0.9),
    )
    yield Bar(name=f"{name} 80 %: coverage", value=eight, unit="", must=0.73, sense=at_least)
    yield Bar(name=f"{name} 80 %: coverage, not above", value=eight, unit="", must=0.90, sense=at_most)
    yield Bar(
        name=f"{name} 80 %: Winkler (baseline: constant width around the held-out median)",
        value=rounds.mean(lambda one: rounds.winkler(one, 0.8)),
        unit="cycles",
        must=34.0,
        baseline=_constant_interval(rounds, 0.8),
    )


def _constant_interval(rounds: Rounds, share: float) -> float:
    """Return the Winkler score of the held-out residuals' quantiles, put around every prediction alike."""

    def score(number: int) -> float:
        one = rounds.rounds[number]
        off = one.held_out.left - one.held_out.predicted
        low, high = np.quantile(off, [(1.0 - share) / 2.0, (1.0 + share) / 2.0])
        return winkler(rounds.capped, one.predicted + low, one.predicted + high, share=share)

    return float(np.mean([score(number) for number in range(len(rounds.rounds))]))


def _notes(found: list[Rounds]) -> Iterator[str]:
    for rounds in found:
        units = len(rounds.lives.test.units)
        yield f"{rounds.lives.name}: {units} test units, sampling error of a coverage ± .06; published: {PUBLISHED[rounds.lives.name]}"
