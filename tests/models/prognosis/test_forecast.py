import doctest
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.prognosis.forecast
from models.lesson import USUAL_WEAR
from models.prognosis.degradation import condense
from models.prognosis.forecast import POINTS, fan, own_limit
from models.prognosis.outlook import AgeEvidence, age_outlook, combine, quantiles
from models.prognosis.weibull import fit_life
from tests.fakes.parts import NOW, a_flat_course, a_series, a_worn_course
from tests.fakes.plants import a_part_type

POSTERIOR = fit_life(a_part_type())


def a_fan(course: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return days, courses and the quantiles of the time to failure of a part that has done 4,000 h."""
    evidence = AgeEvidence(
        used=np.array([4000.0]),
        known_start=np.ones(1, dtype=bool),
        rate=np.array([20.0]),
        rate_cv=np.array([0.1]),
        in_place_days=np.array([200.0]),
    )
    age = age_outlook(POSTERIOR, evidence, np.ones(POSTERIOR.weight.size))
    outlook = combine(age, condense([a_series(course)], [NOW - timedelta(days=200)], NOW), [()], [USUAL_WEAR.gain])
    failure_days = quantiles(outlook.edges, outlook.survival, (0.1, 0.5, 0.9))
    days, courses = fan(outlook, age.age_days, np.array([level]), failure_days)
    return days[0], courses[0], failure_days[0]


@pytest.fixture(params=["worn", "flat"])
def worn_or_flat(request: pytest.FixtureRequest, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    if request.param == "worn":
        return a_worn_course(60, rng, fails_in_days=12.0), 45.0
    return a_flat_course(60, rng), 1.0


def test_the_fan_opens_from_today_and_never_closes(worn_or_flat: tuple[np.ndarray, float]) -> None:
    course, level = worn_or_flat
    days, courses, _ = a_fan(course, level)
    assert days.shape == (POINTS,)
    assert courses.shape == (POINTS, 3)
    assert (days[0], courses[0].tolist()) == (0.0, [level] * 3)
    assert (np.diff(courses, axis=1) >= 0).all()
    assert (np.diff(courses, axis=0) >= -1e-9).all()
    assert courses.max() <= 100.0 + 1e-9


def test_the_middle_of_the_fan_meets_the_limit_at_p50(worn_or_flat: tuple[np.ndarray, float]) -> None:
    course, level = worn_or_flat
    days, courses, failure_days = a_fan(course, level)
    assert courses[days < 0.97 * failure_days[1], 1].max() < 100.0
    assert courses[days > 1.03 * failure_days[1], 1].min() == pytest.approx(100.0, abs=0.5)


def test_a_part_that_has_outlived_the_usual_limit_rises_on_to_a_limit_of_its_own(rng: np.random.Generator) -> None:
    _, courses, _ = a_fan(a_worn_course(60, rng, fails_in_days=0.0), 140.0)
    assert courses.min() == 140.0
    assert courses.max() == pytest.approx(own_limit(np.array([140.0]))[0])


@given(st.floats(0.0, 1e5), st.floats(0.0, 1e5))
def test_the_own_limit_lies_above_the_level_and_rises_with_it(one: float, other: float) -> None:
    low, high = own_limit(np.array(sorted((one, other))))
    assert low <= high
    assert low > min(one, other)
    assert min(low, high) >= 100.0


def test_the_examples_of_the_docs_hold() -> None:
    assert doctest.testmod(models.prognosis.forecast).failed == 0
