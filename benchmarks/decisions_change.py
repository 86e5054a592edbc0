"""Whether a change is found where there is one, and not where there is none; and how far a what-if may be trusted."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar, Sense
from configs.catalogue.load import load_catalogue
from configs.plant import PartType, StressLaw
from models.prognosis.change_test import Lives, Outcome, lives_changed
from models.prognosis.what_if import life_factor

SEED = 20261125
REPLICATES = 2000
FAILURES = 20
SHAPE = 2.0
LONGER = 1.6
TRUTHS = 40
"""How many true exponents are drawn for each declared law."""

PARTS = 2000
"""How many lives are run at either stress for each of them."""


def change_bars() -> Iterator[Bar]:
    """Yield how often an unchanged machine counts as improved, and how often a 60 % longer life is found."""
    rng = np.random.default_rng(SEED)
    false = 100.0 * _found(rng, 1.0)
    yield Bar(
        name=f"before/after test, |false 'longer' − 5 %| on {REPLICATES} unchanged machines",
        value=abs(false - 5.0),
        unit="%",
        must=1.5,
        baseline=false,
    )
    yield Bar(
        name=f"before/after test, power at {LONGER:g} × the life, {FAILURES} + {FAILURES} failures, β {SHAPE:g}",
        value=100.0 * _found(rng, LONGER),
        unit="%",
        must=80.0,
        sense=Sense.AT_LEAST,
    )


def what_if_bars() -> Iterator[Bar]:
    """Yield how often the 80 % range of a what-if holds the change of life that lives run at either stress show."""
    rng = np.random.default_rng(SEED + 1)
    declared = [part for part in load_catalogue().part_types if part.stress_law is not None]
    inside = [_holds(rng, part, part.stress_law) for part in declared if part.stress_law for _ in range(TRUTHS)]
    coverage = 100.0 * float(np.mean(inside))
    yield Bar(
        name=f"|coverage − 80 %| of what-if, {len(inside)} replicates of {len(declared)} declared laws",
        value=abs(coverage - 80.0),
        unit="%",
        must=5.0,
        baseline=coverage,
    )


def _found(rng: np.random.Generator, ratio: float) -> float:
    outcomes = [lives_changed(_group(rng, 1.0), _group(rng, ratio)).outcome for _ in range(REPLICATES)]
    return float(np.mean([outcome is Outcome.LONGER for outcome in outcomes]))


def _group(rng: np.random.Generator, scale: float) -> Lives:
    exits = scale * rng.weibull(SHAPE, FAILURES)
    return Lives(entry=np.zeros(FAILURES), exit=exits, failed=np.ones(FAILURES, dtype=np.bool_))


def _holds(rng: np.random.Generator, part: PartType, law: StressLaw) -> bool:
    """Draw the true exponent from what the law declares, run lives at usual and changed stress, and compare."""
    change = float(rng.uniform(-0.3, 0.3))
    exponent = max(0.0, law.exponent + law.exponent_sd * rng.standard_normal())
    usual, changed = (_mean_life(part, stress, exponent) for stress in (1.0, 1.0 + change))
    told = life_factor(law, change)
    return told.p10 <= changed / usual <= told.p90


def _mean_life(part: PartType, stress: float, exponent: float) -> float:
    """Run parts until their damage, which grows with ``stress ** exponent`` a day, has used up their life.

    The stress varies by a tenth from day to day about its level, and both runs see the same parts and days.
    """
    lives: NDArray[np.float64] = part.eta * np.random.default_rng(SEED).weibull(part.beta, PARTS)
    days = stress * (1.0 + 0.1 * np.random.default_rng(SEED + 2).standard_normal(PARTS)).clip(0.5, 1.5)
    return float((lives / days**exponent).mean())
