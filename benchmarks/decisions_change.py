"""Whether a change is found where there is one, and not where there is none."""

from collections.abc import Iterator

import numpy as np

from benchmarks.report import Bar, Sense
from models.prognosis.change_test import Lives, Outcome, lives_changed

SEED = 20261125
REPLICATES = 2000
FAILURES = 20
SHAPE = 2.0
LONGER = 1.6


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


def _found(rng: np.random.Generator, ratio: float) -> float:
    outcomes = [lives_changed(_group(rng, 1.0), _group(rng, ratio)).outcome for _ in range(REPLICATES)]
    return float(np.mean([outcome is Outcome.LONGER for outcome in outcomes]))


def _group(rng: np.random.Generator, scale: float) -> Lives:
    exits = scale * rng.weibull(SHAPE, FAILURES)
    return Lives(entry=np.zeros(FAILURES), exit=exits, failed=np.ones(FAILURES, dtype=np.bool_))
