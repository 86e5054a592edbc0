"""Speed: predicting for 10,000 machines at once, fitting a million rows, and the monitor's minute for 1,000 and 10,000."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from benchmarks.report import Bar, Report
from benchmarks.runner import Wish

FEATURES = 40
MACHINES = 10_000
FIT_ROWS = 1_000_000
QUANTILES = (0.1, 0.5, 0.9)
SEED = 20261125
ROUNDS = 7
FLEETS = (1_000, 10_000)
LONGEST_S = 1_500.0


def run(wish: Wish) -> Report:
    """Measure the parts `predict`, `fit` and `monitor`."""
    began = time.perf_counter()
    bars: list[Bar] = []
    if wish.wants("predict"):
        bars += _predict_bars()
    if wish.wants("fit"):
        bars.append(_fit_bar())
    if wish.wants("monitor"):
        wish.work.mkdir(parents=True, exist_ok=True)
        bars += _monitor_bars(wish.work)
    return Report(
        benchmark="scoring",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - began,
        notes=(
            "times are of the process's CPU; the best of several rounds for predictions, the mean of three minutes for rounds",
            "a minute: four readings a machine and sensor are in the store; reads, features, anomaly, health, prognosis, writes",
        ),
    )


def _rows(size: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(SEED)
    rows = rng.standard_normal((size, FEATURES))
    return rows, rows[:, 0] + 0.5 * rows[:, 1] ** 2 + 0.3 * rng.standard_normal(size)


def _predict_bars() -> Iterator[Bar]:
    rows, told = _rows(20_000)
    common = {"max_iter": 100, "max_leaf_nodes": 12, "max_bins": 63, "early_stopping": False, "random_state": SEED}
    trio = [
        HistGradientBoostingRegressor(loss="quantile", quantile=share, **common).fit(rows, told) for share in QUANTILES
    ]
    classifier = HistGradientBoostingClassifier(**common).fit(rows, told > 0.5)
    asked, _ = _rows(MACHINES)

    def at_once() -> None:
        for model in trio:
            model.predict(asked)
        classifier.predict_proba(asked)

    def one_by_one() -> None:
        for row in asked[:20]:
            for model in trio:
                model.predict(row[None, :])
            classifier.predict_proba(row[None, :])

    yield Bar(
        name=f"predict {MACHINES} × {FEATURES}, quantile trio and classifier (baseline: a call per machine)",
        value=1000.0 * min(_spent(at_once) for _ in range(ROUNDS)),
        unit="ms",
        must=400.0,
        aim=100.0,
        baseline=1000.0 * _spent(one_by_one) * MACHINES / 20,
    )


def _fit_bar() -> Bar:
    rows, told = _rows(FIT_ROWS)
    model = HistGradientBoostingRegressor(max_iter=200, max_bins=63, early_stopping=False, random_state=SEED)
    return Bar(
        name=f"fit {FIT_ROWS} × {FEATURES}, 200 iterations",
        value=_spent(lambda: model.fit(rows, told)),
        unit="s",
        must=30.0,
    )


def _monitor_bars(work: Path) -> Iterator[Bar]:
    small, large = (_minute(machines, work) for machines in FLEETS)
    yield Bar(name=f"the monitor's minute, {FLEETS[1]} machines", value=large["seconds"], unit="s", must=10.0, aim=3.0)
    yield Bar(name="… worst of three minutes", value=large["worst"], unit="s", must=None)
    yield Bar(
        name=f"… memory, {FLEETS[1]} machines, all of the process", value=large["mebibytes"], unit="MiB", must=1536.0
    )
    for name, what in (("time", "seconds"), ("memory", "mebibytes")):
        yield Bar(
            name=f"… {name} against {FLEETS[0]} machines ({small[what]:.3g})",
            value=large[what] / small[what],
            unit="×",
            must=12.0,
        )


def _minute(machines: int, work: Path) -> dict[str, float]:
    """Return what a minute costs, measured in a process of its own."""
    with tempfile.TemporaryDirectory(dir=work, prefix="minute-") as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.monitor_minute", str(machines), folder],
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
            timeout=LONGEST_S,
        )
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _spent(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
