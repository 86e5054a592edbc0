"""A real machine that failed (NAB machine temperature): are the labelled windows met, how early, how often for nothing?"""

import json
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.life_tables import TableError
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from models.state_detection.own_past import below_own_past, trailing_mean

SERIES = "machine_temperature_system_failure.csv"
KEY = f"realKnownCause/{SERIES}"
PROBATION = 0.15
"""The first part of a series that NAB does not score; the first window lies in it."""

HOUR_S, DAY_S, MONTH_D = 3600.0, 86400.0, 30.0
RARE, DEADBAND_C = 0.01, 5.0
SAME_EPISODE_S = 6 * HOUR_S
"""Alarms that follow each other within so long are one."""


def run(wish: Wish) -> Report:
    """Watch the hourly mean against the machine's own past and compare with the labelled windows."""
    began = time.perf_counter()
    folder = (wish.data or Path("../shared/data")) / "nab"
    ends, values = _series(folder / SERIES)
    windows = _windows(folder / "combined_windows.json")
    alarm = below_own_past(ends, trailing_mean(ends, values, HOUR_S), lag=DAY_S, rare=RARE, deadband=DEADBAND_C)
    scored = ends >= ends[int(PROBATION * ends.size)]
    told = [(start, end) for start, end in windows if end >= ends[scored][0]]
    return Report(
        benchmark="nab-machine-temperature",
        version=version("yeji"),
        bars=tuple(_bars(ends[scored], alarm[scored], told)),
        seconds=time.perf_counter() - began,
        notes=(
            "windows are numbered as labelled, the first lies in the probation and is not judged",
            f"an alarm: hourly mean {DEADBAND_C:g} °C below the lowest {RARE:.0%} of what was seen up to a day before",
        ),
    )


def _series(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return times in seconds and values, in the order of time: the logger's clock went back once."""
    if not path.is_file():
        raise TableError(f"{path}: no such file; name the folder of the data sets with --data")
    table = pd.read_csv(path, parse_dates=["timestamp"]).sort_values("timestamp", kind="stable")
    return _seconds(table["timestamp"]), table["value"].to_numpy(dtype=np.float64)


def _windows(path: Path) -> list[tuple[float, float]]:
    if not path.is_file():
        raise TableError(f"{path}: no such file; it holds the labelled windows")
    labelled = json.loads(path.read_text(encoding="utf-8"))[KEY]
    return [tuple(_seconds(pd.Series(pd.to_datetime(window))).tolist()) for window in labelled]


def _seconds(times: "pd.Series[pd.Timestamp]") -> NDArray[np.float64]:
    return ((times - pd.Timestamp("2013-01-01")) / pd.Timedelta(seconds=1)).to_numpy(dtype=np.float64)


def _bars(ends: NDArray[np.float64], alarm: NDArray[np.bool_], windows: list[tuple[float, float]]) -> Iterator[Bar]:
    leads = [_lead_h(ends, alarm, window) for window in windows]
    outside = np.ones(ends.size, dtype=np.bool_)
    for start, end in windows:
        outside &= (ends < start) | (ends > end)
    days = float(outside.sum() / ends.size * (ends[-1] - ends[0]) / DAY_S)
    for number, lead in ((2, leads[0]), (4, leads[-1])):
        yield Bar(
            name=f"window {number} met",
            value=float(np.isfinite(lead)),
            unit="",
            must=1.0,
            baseline=1.0,
            sense=Sense.AT_LEAST,
        )
    yield Bar(
        name="windows met (baseline, here and below: always alarm)",
        value=float(np.isfinite(leads).sum()),
        unit=f"of {len(leads)}",
        must=None,
        aim=3.0,
        baseline=float(len(leads)),
        sense=Sense.AT_LEAST,
    )
    yield Bar(name="window 4, ahead of its centre", value=leads[-1], unit="h", must=12.0, sense=Sense.AT_LEAST)
    yield Bar(
        name="median ahead of the centre, windows met",
        value=float(np.nanmedian(leads)),
        unit="h",
        must=None,
        aim=10.0,
        sense=Sense.AT_LEAST,
    )
    false = _episodes(ends[outside & alarm])
    yield Bar(name="false alarms in 30 days", value=false * MONTH_D / days, unit="", must=1.0, baseline=MONTH_D / days)
    yield Bar(
        name="time in alarm outside the windows",
        value=100.0 * float((alarm & outside).sum() / outside.sum()),
        unit="%",
        must=0.5,
        baseline=100.0,
    )


def _lead_h(ends: NDArray[np.float64], alarm: NDArray[np.bool_], window: tuple[float, float]) -> float:
    """Return how many hours before the window's centre the first alarm in it came, NaN without one."""
    start, end = window
    inside = ends[alarm & (ends >= start) & (ends <= end)]
    return float(((start + end) / 2.0 - inside[0]) / HOUR_S) if inside.size else float("nan")


def _episodes(times: NDArray[np.float64]) -> int:
    return int(1 + (np.diff(times) > SAME_EPISODE_S).sum()) if times.size else 0
