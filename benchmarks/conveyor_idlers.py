"""Replacements of real conveyor idler frames, foretold at 15 quarters from the records known then."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.life_tables import TableError
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from benchmarks.synthetic_wear import part_type
from models.prognosis.counts import count_interval, count_spread, expected_failures
from models.prognosis.lives import Ending, LifeHistory
from models.prognosis.weibull import LifePosterior, fit_life, life_survival, remaining_survival

Array = NDArray[np.float64]

RECORDS_FROM = pd.Timestamp("2014-12-10")
ORIGINS = tuple(RECORDS_FROM + pd.DateOffset(years=2, months=3 * quarter) for quarter in range(15))
LATER_MONTHS = (1, 2)
"""The same quarters from so many months later: batches of replacements fall differently."""

HORIZONS = (91, 182, 365)
JUDGED = 182
SHARE = 0.8
BETA, ETA_DAYS = 1.5, 1500.0
"""Where the prior stands before any record: wide, and soon outweighed by a hundred frames."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frames:
    """Lives of idler frames, (n,): days of beginning and end, whether the beginning was seen, and whether it ended."""

    began: Array
    ended: Array
    seen_to_begin: NDArray[np.bool_]
    seen_to_end: NDArray[np.bool_]
    last: float


def run(wish: Wish) -> Report:
    """Foretell the replacements within 91, 182 and 365 days at each origin and compare."""
    began = time.perf_counter()
    frames = read_frames((wish.data or Path("../shared/data")) / "conveyor_idlers" / "idler_frame_life_example.csv")
    told = np.array([_expected(frames, _day(origin), frames.seen_to_begin) for origin in ORIGINS])
    everyone = np.ones(frames.began.size, dtype=np.bool_)
    kept = np.array([_expected(frames, _day(origin), everyone) for origin in ORIGINS])
    actual = np.array([_actual(frames, _day(origin)) for origin in ORIGINS])
    later = [_off_later(frames, months) for months in LATER_MONTHS]
    return Report(
        benchmark="conveyor-idlers",
        version=version("yeji"),
        bars=(*_bars(told, actual), *later, _kept_bar(kept[:, 1], actual[:, 1])),
        seconds=time.perf_counter() - began,
        notes=tuple(
            f"{origin:%Y-%m-%d}: told {mean:.0f}, came {came:.0f} within {JUDGED} days"
            for origin, mean, came in zip(ORIGINS, told[:, 1], actual[:, 1], strict=True)
        ),
    )


def read_frames(path: Path) -> Frames:
    """Return the lives of a table; TableError where it is missing."""
    if not path.is_file():
        raise TableError(f"{path}: no such file; name the folder of the data sets with --data")
    table = pd.read_csv(path, parse_dates=["start", "end"])
    return Frames(
        began=np.array([_day(start) for start in table["start"]]),
        ended=np.array([_day(end) for end in table["end"]]),
        seen_to_begin=~table["censored_at_start"].to_numpy(dtype=bool),
        seen_to_end=~table["censored_at_end"].to_numpy(dtype=bool),
        last=_day(table["end"].max()),
    )


def _day(when: pd.Timestamp) -> float:
    return (when - RECORDS_FROM) / pd.Timedelta(days=1)


def _expected(frames: Frames, origin: float, chosen: NDArray[np.bool_]) -> Array:
    """Return the replacements expected within each horizon, from what the lives `chosen` had shown up to the origin."""
    known = frames.began < origin
    posterior = _learnt(frames, known & chosen, origin)
    running = known & (frames.ended > origin)
    days = np.arange(1.0, max(HORIZONS) + 1.0)
    ahead = np.tile(days, (int(running.sum()), 1))
    remaining = remaining_survival(posterior, origin - frames.began[running], frames.seen_to_begin[running], ahead)
    counts = expected_failures(remaining, life_survival(posterior, days))
    return counts[np.array(HORIZONS) - 1]


def _learnt(frames: Frames, known: NDArray[np.bool_], origin: float) -> LifePosterior:
    ended = frames.seen_to_end[known] & (frames.ended[known] <= origin)
    exit_ = np.minimum(frames.ended[known], origin) - frames.began[known]
    history = LifeHistory(
        entry=np.zeros(exit_.size),
        exit=exit_,
        known_start=frames.seen_to_begin[known],
        ending=np.where(ended, Ending.FAILED, Ending.CENSORED).astype(np.int8),
        closed=ended,
    )
    return fit_life(part_type(BETA, ETA_DAYS, 1.0), history)


def _actual(frames: Frames, origin: float) -> list[float]:
    """Return the replacements that came within each horizon; NaN where the records end before."""
    return [
        float((frames.seen_to_end & (frames.ended > origin) & (frames.ended <= origin + horizon)).sum())
        if origin + horizon <= frames.last
        else np.nan
        for horizon in HORIZONS
    ]


def _bars(told: Array, actual: Array) -> Iterator[Bar]:
    off = told[:, 1] - actual[:, 1]
    steady = float(np.nanmean(np.abs(np.concatenate([[np.nan, np.nan], actual[:-2, 1]]) - actual[:, 1])))
    yield Bar(
        name=f"{JUDGED} days, mean absolute error (mean {actual[:, 1].mean():.1f}; baseline: as many as before)",
        value=float(np.abs(off).mean()),
        unit="",
        must=11.0,
        aim=8.0,
        baseline=steady,
    )
    yield Bar(
        name=f"{JUDGED} days, |bias| ({100.0 * off.mean() / actual[:, 1].mean():+.1f} %)",
        value=float(100.0 * abs(off.mean()) / actual[:, 1].mean()),
        unit="%",
        must=10.0,
    )
    for place, horizon in enumerate(HORIZONS):
        spread, plain = (_coverage(told[:, place], actual[:, place], horizon, widened=each) for each in (True, False))
        yield Bar(
            name=f"{horizon} days, coverage of {SHARE:.0%} intervals (baseline: Poisson)",
            value=spread,
            unit="",
            must=0.64,
            aim=0.75,
            baseline=plain,
            sense=Sense.AT_LEAST,
        )


def _off_later(frames: Frames, months: int) -> Bar:
    """Return how far off the counts are at other origins than those that are judged."""
    days = [_day(origin + pd.DateOffset(months=months)) for origin in ORIGINS]
    told = np.array([_expected(frames, day, frames.seen_to_begin)[1] for day in days])
    actual = np.array([_actual(frames, day)[1] for day in days])
    ago = np.array([_came_before(frames, day) for day in days])
    return Bar(
        name=f"{JUDGED} days, mean absolute error, quarters {months} months later (baseline: as many as before)",
        value=float(np.nanmean(np.abs(told - actual))),
        unit="",
        must=None,
        baseline=float(np.nanmean(np.abs(ago - actual))),
    )


def _came_before(frames: Frames, day: float) -> float:
    return float((frames.seen_to_end & (frames.ended <= day) & (frames.ended > day - JUDGED)).sum())


def _kept_bar(told: Array, actual: Array) -> Bar:
    """Return how far off counts are when lives that began unseen are learnt from too: they bring survivors only."""
    return Bar(
        name=f"{JUDGED} days, mean absolute error, learnt from lives that began unseen too",
        value=float(np.abs(told - actual).mean()),
        unit="",
        must=None,
    )


def _coverage(told: Array, actual: Array, horizon: int, *, widened: bool) -> float:
    """Return how often the count came within its interval, its spread learnt from counts that had come true by then."""
    days = np.array([_day(origin) for origin in ORIGINS])
    inside = []
    for place in np.flatnonzero(np.isfinite(actual)).tolist():
        past = np.isfinite(actual) & (days + horizon <= days[place])
        spread = count_spread(told[past], actual[past]) if widened else 0.0
        low, high = count_interval(float(told[place]), spread, SHARE)
        inside.append(low <= actual[place] <= high)
    return float(np.mean(inside))
