"""Fits and judges remaining lives on one run-to-failure set, with several seeds: one way for every set."""

import csv
import os
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.life_tables import LifeSet
from models.features.trajectories import Fault, Trajectories, Trouble, Vector
from models.prognosis.remaining_life import remaining_interval, remaining_lives
from models.training.metrics import coverage, winkler
from models.training.remaining_life import HeldOut, fit_remaining_life

SEEDS = (1, 2, 3)
SHARES = (0.9, 0.8)
EARLY_LOSS, LATE_LOSS = 13.0, 10.0
"""Time constants of the score of the PHM08 challenge (Saxena et al., 2008), in cycles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one seed gave: lives held out in the fit, and the test units with their bounds by share (units,)."""

    held_out: HeldOut
    predicted: Vector
    bounds: dict[float, tuple[Vector, Vector]]
    troubles: tuple[Trouble, ...]
    left_out: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """All seeds of a set."""

    lives: LifeSet
    rounds: tuple[Round, ...]

    def mean(self, figure: Callable[[Round], float]) -> float:
        """Return the mean of a figure over the seeds."""
        return float(np.mean([figure(one) for one in self.rounds]))

    def spread(self, figure: Callable[[Round], float]) -> float:
        """Return the standard deviation of a figure over the seeds."""
        return float(np.std([figure(one) for one in self.rounds], ddof=1)) if len(self.rounds) > 1 else 0.0

    @property
    def seconds(self) -> float:
        """How long one fit and its predictions took on average."""
        return self.mean(lambda one: one.seconds)

    def held_out_rmse(self, one: Round) -> float:
        """Return the root mean square error of lives held out in grouped cross-validation."""
        return rmse(one.held_out.predicted, one.held_out.left)

    def rmse_on_test_units(self, one: Round) -> float:
        """Return the error on the test units, what is left capped as predictions are."""
        return rmse(one.predicted[self._told], self.capped[self._told])

    def raw_rmse(self, one: Round) -> float:
        """Return the error on the test units against what was truly left, uncapped."""
        return rmse(one.predicted[self._told], self.lives.left[self._told])

    def late_score(self, one: Round) -> float:
        """Return the score of the PHM08 challenge on the test units."""
        off = one.predicted[self._told] - self.capped[self._told]
        return float(np.where(off < 0, np.exp(-off / EARLY_LOSS) - 1.0, np.exp(off / LATE_LOSS) - 1.0).sum())

    def covered(self, one: Round, share: float) -> float:
        """Return the share of test units within their interval."""
        low, high = one.bounds[share]
        return coverage(self.capped[self._told], low[self._told], high[self._told])

    def width(self, one: Round, share: float) -> float:
        """Return the mean width of the intervals of the test units."""
        low, high = one.bounds[share]
        return float(np.mean((high - low)[self._told]))

    def winkler(self, one: Round, share: float) -> float:
        """Return the mean interval score on the test units."""
        low, high = one.bounds[share]
        return winkler(self.capped[self._told], low[self._told], high[self._told], share=share)

    @property
    def capped(self) -> Vector:
        """What was truly left of the test units, capped where predictions are."""
        cap = self.lives.lives.cap
        return self.lives.left if cap is None else np.minimum(self.lives.left, cap)

    @property
    def judged(self) -> bool:
        """Whether any test unit has a known remaining life."""
        return bool(self._told.any())

    @property
    def _told(self) -> NDArray[np.bool_]:
        return np.isfinite(self.lives.left) & np.isfinite(self.rounds[0].predicted)


def rmse(predicted: Vector, actual: Vector) -> float:
    """Return the root mean square error."""
    return float(np.sqrt(np.mean((predicted - actual) ** 2)))


def run_rounds(lives: LifeSet, seeds: Iterable[int] = SEEDS) -> Rounds:
    """Fit and judge a set once for each seed, on all cores."""
    return Rounds(lives=lives, rounds=tuple(_round(lives, seed) for seed in seeds))


def _round(lives: LifeSet, seed: int) -> Round:
    began = time.perf_counter()
    fitted = fit_remaining_life(lives.lives, seed=seed, jobs=os.cpu_count() or 1)
    found = remaining_lives(fitted.model, lives.test)
    off = rmse(fitted.held_out.predicted, fitted.held_out.left)
    spent = time.perf_counter() - began
    print(f"{lives.name}, seed {seed}: grouped CV {off:.2f}, {spent:.0f} s", file=sys.stderr, flush=True)
    return Round(
        held_out=fitted.held_out,
        predicted=found.predicted,
        bounds={share: remaining_interval(fitted.model, found, share) for share in SHARES},
        troubles=found.troubles,
        left_out=fitted.left_out,
        seconds=spent,
    )


def baselines(rounds: Rounds) -> tuple[float, float]:
    """Return the test error of a constant and of age alone, both learnt on the lives held out; NaN without a truth."""
    told = np.isfinite(rounds.lives.left)
    if not told.any():
        return float("nan"), float("nan")
    held_out = rounds.rounds[0].held_out
    actual = rounds.capped[told]
    slope, start = np.polyfit(held_out.age, held_out.left, 1)
    ages = np.interp(rounds.lives.test.ends()[told], *_age_scale(rounds))
    by_age = np.clip(start + slope * ages, 0.0, np.max(held_out.left))
    return rmse(np.full(actual.size, held_out.left.mean()), actual), rmse(by_age, actual)


def _age_scale(rounds: Rounds) -> tuple[Vector, Vector]:
    """Return ages of rows held out, in their own unit and in usual lives, both rising."""
    held_out = rounds.rounds[0].held_out
    own = rounds.lives.lives.trajectories.age[held_out.row]
    order = np.argsort(own)
    return own[order], held_out.age[order]


HEADER = ("unit", "prediction", "lower90", "upper90", "lower80", "upper80")


def write_predictions(path: Path, all_rounds: Iterable[Rounds], *, with_set: bool) -> None:
    """Write the mean prediction and bounds of the seeds for each test unit; a unit that nothing is said of stays empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("set", *HEADER) if with_set else (*HEADER, "status", "reason"))
        for rounds in all_rounds:
            writer.writerows(_rows(rounds, with_set=with_set))


def _rows(rounds: Rounds, *, with_set: bool) -> Iterable[tuple[str, ...]]:
    columns = [np.mean([one.predicted for one in rounds.rounds], axis=0)]
    columns += [
        np.mean([one.bounds[share][side] for one in rounds.rounds], axis=0) for share in SHARES for side in (0, 1)
    ]
    reasons = {trouble.unit: trouble_in_words(rounds.lives.test, trouble) for trouble in rounds.rounds[0].troubles}
    for i, unit in enumerate(rounds.lives.test.units):
        figures = tuple("" if np.isnan(column[i]) else f"{column[i]:.3f}" for column in columns)
        if with_set:
            yield (rounds.lives.name, unit, *figures)
        else:
            yield (unit, *figures, "refused" if i in reasons else "ok", reasons.get(i, ""))


def trouble_in_words(trajectories: Trajectories, trouble: Trouble) -> str:
    """Return why nothing is said of a unit."""
    words = {
        Fault.NO_ROWS: "no row",
        Fault.AGE_MISSING: "a time is missing",
        Fault.AGE_NEGATIVE: f"a negative age ({trouble.subject})",
        Fault.AGE_UNSEEN: f"older ({trouble.subject}) than any life that was learnt from",
        Fault.CLOCK_BACK: f"the clock goes back at {trouble.subject}",
        Fault.SENSOR_SILENT: f"sensor {trouble.subject} gives no readings",
        Fault.SENSOR_STUCK: f"sensor {trouble.subject} is stuck",
        Fault.REGIME_UNSEEN: "an operating regime that was never seen",
    }
    return f"unit {trajectories.units[trouble.unit]}: {words[trouble.fault]}"
