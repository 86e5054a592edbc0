import math
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from models.prognosis.decision import (
    AgeTable,
    Stakes,
    age_policy,
    age_table,
    best_wait,
    case_horizon_days,
    cost_ratio_of,
    order_by,
)
from models.prognosis.weibull import LifePosterior, fit_life
from tests.fakes.parts import NOW
from tests.fakes.plants import a_part_type


def certain(shape: float, scale: float = 1000.0) -> AgeTable:
    posterior = LifePosterior(
        part_type=a_part_type().id,
        shape=np.array([shape]),
        scale=np.array([scale]),
        weight=np.ones(1),
        failures=0,
        removals=0,
    )
    return age_table(posterior)


@pytest.mark.parametrize(
    ("shape", "ratio", "expected"),
    [(1.5, 5, 0.67), (2.0, 3, 0.74), (2.0, 5, 0.52), (2.0, 10, 0.33), (3.0, 5, 0.50), (4.0, 20, 0.37), (1.2, 20, 0.34)],
)
def test_the_best_age_of_a_known_life_is_the_textbooks(shape: float, ratio: float, expected: float) -> None:
    assert age_policy(certain(shape), ratio).age / 1000.0 == pytest.approx(expected, abs=0.012)


def test_the_best_age_meets_the_condition_of_the_optimum() -> None:
    """h(T) integral of R - F(T) = Cp / (Cf - Cp), Barlow & Proschan."""
    age, shape, scale, ratio = age_policy(certain(2.5), 6.0).age, 2.5, 1000.0, 6.0
    hazard = shape / scale * (age / scale) ** (shape - 1)
    run = integrate.quad(lambda t: math.exp(-((t / scale) ** shape)), 0, age)[0]
    failed = 1 - math.exp(-((age / scale) ** shape))
    assert hazard * run - failed == pytest.approx(1 / (ratio - 1), rel=0.02)


@pytest.mark.parametrize(("shape", "ratio"), [(1.0, 50.0), (0.8, 10.0), (1.2, 3.0), (3.0, 1.0), (3.0, 0.5)])
def test_replacing_early_does_not_pay_without_wear_or_without_a_dearer_failure(shape: float, ratio: float) -> None:
    policy = age_policy(certain(shape), ratio)
    assert policy.age == math.inf
    assert policy.cost_rate[0] == pytest.approx(ratio / (1000.0 * math.gamma(1 + 1 / shape)), rel=1e-6)


def test_a_few_improbably_long_lives_do_not_speak_for_running_to_failure() -> None:
    """The ratio of expectations would; the expected relative cost rate does not (reference notes, 5.3)."""
    table = age_table(fit_life(a_part_type(ln_sd_eta=1.0)))
    ratio_of_means = ((1 + 5 * table.failed) @ table.weight) / (table.run @ table.weight)
    assert np.argmin(ratio_of_means) > table.ages.size - 25
    assert age_policy(table, 6.0).age < 8000.0


@given(shape=st.floats(1.6, 5.0), ratio=st.floats(4.0, 50.0))
def test_the_dearer_a_failure_the_earlier_the_replacement(shape: float, ratio: float) -> None:
    table = certain(shape)
    assert age_policy(table, ratio * 1.5).age < age_policy(table, ratio).age * 1.001


def stakes(
    survival: list[float], healthy: list[float] | None = None, *, showing: float = 1.0, ratio: float = 6.0
) -> Stakes:
    """Return what one part may cost at 0, 1, 2, 4, 8, 16, 100 and 300 days, a day being worth 1 % of a replacement."""
    edges = np.array([[0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 100.0, 300.0]])
    return Stakes(
        edges=edges,
        survival=np.array([survival]),
        healthy_survival=np.array([healthy or survival]),
        showing=np.array([showing]),
        worth=np.full(edges.shape, 0.01),
        cost_ratio=np.array([ratio]),
    )


ABOUT_TO_FAIL = [1.0, 0.8, 0.5, 0.1, 0.05, 0.02, 0.01, 0.0]
DOUBTFUL = [1.0, 0.997, 0.993, 0.986, 0.974, 0.90, 0.50, 0.0]
HEALTHY = [1.0, 1.0, 1.0, 1.0, 1.0, 0.999, 0.99, 0.0]


@given(shape=st.floats(1.6, 5.0), ratio=st.floats(4.0, 50.0))
def test_waiting_by_the_outlook_ends_where_the_policy_says(shape: float, ratio: float) -> None:
    """Of a new part whose life is known, the control limit and the age policy are the same."""
    table = certain(shape)
    policy = age_policy(table, ratio)
    edges = np.concatenate([[0.0], np.geomspace(1.0, 8000.0, 400), [20_000.0]])[None, :]
    survival = np.exp(-((edges / 1000.0) ** shape))
    survival[:, -1] = 0.0
    known = Stakes(
        edges=edges,
        survival=survival,
        healthy_survival=survival,
        showing=np.ones(1),
        worth=np.full(edges.shape, policy.cost_rate[0]),
        cost_ratio=np.array([ratio]),
    )
    assert best_wait(known)[0] == pytest.approx(policy.age, rel=0.06)


def test_a_part_about_to_fail_is_not_waited_for() -> None:
    assert best_wait(stakes(ABOUT_TO_FAIL)).tolist() == [0.0]
    assert best_wait(stakes(ABOUT_TO_FAIL, HEALTHY, showing=0.5)).tolist() == [0.0]


def test_a_doubtful_trend_is_watched_as_long_as_the_doubt_is_worth_the_risk() -> None:
    assert best_wait(stakes(DOUBTFUL, showing=1.0)).tolist() == [0.0]
    watched = best_wait(stakes(DOUBTFUL, HEALTHY, showing=0.6))[0]
    assert 7.0 < watched < 100.0
    assert best_wait(stakes(DOUBTFUL, HEALTHY, showing=0.4))[0] >= watched


def test_where_a_failure_costs_no_more_the_part_may_run_to_it() -> None:
    assert best_wait(stakes(DOUBTFUL, ratio=1.0)).tolist() == [math.inf]


@pytest.mark.parametrize(
    ("planned", "unplanned", "expected"),
    [
        (100.0, 700.0, 7.0),
        (None, 700.0, 5.0),
        (100.0, None, 5.0),
        (0.0, 700.0, 5.0),
        (100.0, -1.0, 5.0),
        (None, None, 5.0),
    ],
)
def test_only_two_positive_costs_of_the_site_replace_the_catalogues_ratio(
    planned: float | None, unplanned: float | None, expected: float
) -> None:
    assert cost_ratio_of(a_part_type(cost_ratio=5.0), planned, unplanned) == expected


def test_a_spare_is_ordered_its_lead_time_and_a_week_ahead_but_never_yesterday() -> None:
    assert order_by(NOW + timedelta(days=60), 14.0, NOW) == NOW + timedelta(days=60 - 14 - 7)
    assert order_by(NOW + timedelta(days=3), 14.0, NOW) == NOW
    assert order_by(NOW, 1e9, NOW) == NOW


def test_the_horizon_of_a_case_covers_the_lead_time() -> None:
    assert (case_horizon_days(1.0), case_horizon_days(30.0)) == (14.0, 37.0)


def test_the_dearest_failures_are_prevented_at_the_youngest_age_looked_at() -> None:
    assert age_policy(certain(4.0), 1e9).age == pytest.approx(20.0)
