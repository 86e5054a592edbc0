"""Remaining life of eighteen made-up kinds of units: beside a constant and age alone, with coverage, on data never seen."""

import time
from collections.abc import Iterator
from importlib.metadata import version

import numpy as np

from benchmarks.life_rounds import SHARES, Rounds, baselines, run_rounds
from benchmarks.life_worlds import WORLDS, make_world
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish

SEED = 20261125
MOST_SECONDS = 600.0
UNLIKELY = 2.33
"""Standard deviations of a count: a coverage further below what is said comes by chance once in a hundred."""


def run(wish: Wish) -> Report:
    """Fit and judge each world, one seed; `--only long-lives,shocks` takes some."""
    began = time.perf_counter()
    names = [name for name in WORLDS if wish.wants(name)]
    found = [run_rounds(make_world(name, seed), (seed,)) for name in names for seed in wish.seeds or (SEED,)]
    return Report(
        benchmark="strange-lives",
        version=version("yeji"),
        bars=tuple(bar for rounds in found for bar in _bars(rounds)),
        seconds=time.perf_counter() - began,
        notes=tuple(f"{rounds.lives.name}: {len(rounds.rounds[0].troubles)} units refused" for rounds in found),
    )


def _bars(rounds: Rounds) -> Iterator[Bar]:
    name, baseline = rounds.lives.name, min(baselines(rounds))
    yield Bar(
        name=f"{name}: RMSE against the better of a constant and age alone",
        value=rounds.mean(rounds.rmse_on_test_units) / baseline,
        unit="×",
        must=1.0,
    )
    units = int(np.isfinite(rounds.rounds[0].predicted).sum())
    for share in SHARES:
        yield Bar(
            name=f"{name}: coverage at {share:.0%}",
            value=rounds.mean(lambda one, share=share: rounds.covered(one, share)),
            unit="",
            must=share - UNLIKELY * float(np.sqrt(share * (1.0 - share) / units)),
            aim=share,
            sense=Sense.AT_LEAST,
        )
    yield Bar(name=f"{name}: fit, hold out and predict", value=rounds.seconds, unit="s", must=MOST_SECONDS)
