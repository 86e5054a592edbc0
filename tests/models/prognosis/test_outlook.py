from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import LimitLevel
from models.lesson import USUAL_WEAR
from models.prognosis.degradation import IndicatorSeries, condense
from models.prognosis.outlook import (
    AgeEvidence,
    AgeOutlook,
    Outlook,
    age_outlook,
    combine,
    failure_within,
    quantiles,
    unspoken,
)
from models.prognosis.weibull import LifePosterior, fit_life, remaining_quantiles, remaining_survival
from tests.fakes.parts import NOW, a_flat_course, a_series, a_worn_course
from tests.fakes.plants import a_part_type

POSTERIOR = fit_life(a_part_type())
LEVELS = (0.1, 0.5, 0.9)


def by_age(*ages: float, rate: float = 20.0, cv: float = 0.0, known: bool = True) -> AgeOutlook:
    n = len(ages)
    evidence = AgeEvidence(
        used=np.array(ages),
        known_start=np.full(n, known),
        rate=np.full(n, rate),
        rate_cv=np.full(n, cv),
        in_place_days=np.array(ages) / rate,
    )
    return age_outlook(POSTERIOR, evidence, np.full(POSTERIOR.weight.size, 1e-4))


def with_readings(
    age: AgeOutlook, series: IndicatorSeries | None = None, limits: tuple[LimitLevel, ...] = ()
) -> Outlook:
    blocks = condense([series], [NOW - timedelta(days=400)], NOW)
    return combine(age, blocks, [limits], [USUAL_WEAR.gain])


def days(outlook: Outlook | AgeOutlook) -> list[float]:
    return quantiles(outlook.edges, outlook.survival, LEVELS)[0].tolist()


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("age", [0.0, 3000.0, 20_000.0])
def test_age_alone_is_the_life_posterior_on_a_calendar(age: float, known: bool) -> None:
    outlook = by_age(age, known=known)
    expected = remaining_quantiles(POSTERIOR, np.array([age]), np.array([known]), LEVELS)[0] / 20.0
    assert days(outlook) == pytest.approx(expected.tolist(), rel=0.02)


def test_an_uncertain_rate_widens_the_dates_and_leaves_the_middle() -> None:
    sure, unsure = days(by_age(0.0)), days(by_age(0.0, cv=0.5))
    assert unsure[1] == pytest.approx(sure[1], rel=0.05)
    assert unsure[0] < sure[0]
    assert unsure[2] > sure[2]


def test_a_machine_used_twice_as_much_fails_in_half_the_days() -> None:
    assert days(by_age(0.0, rate=10.0))[1] == pytest.approx(2 * days(by_age(0.0))[1], rel=0.01)


def test_without_readings_all_weight_is_on_age() -> None:
    age = by_age(3000.0)
    for outlook in (unspoken(age), with_readings(age)):
        assert days(outlook) == pytest.approx(days(age))
        assert outlook.age_weight[0] == pytest.approx(1.0)
        assert outlook.condition_weight[0] == pytest.approx(0.0)


def test_wear_brings_the_failure_near_whatever_the_age(rng: np.random.Generator) -> None:
    for age in (1500.0, 6000.0):
        outlook = with_readings(by_age(age), a_series(a_worn_course(70, rng, fails_in_days=8.0)))
        p10, p50, p90 = days(outlook)
        assert p10 < 8.0 < p90
        assert p50 < 25.0
        assert outlook.showing[0] > 0.95
        assert outlook.condition_weight[0] > 0.6


def test_a_healthy_indicator_lowers_the_near_risk_but_not_to_nothing(rng: np.random.Generator) -> None:
    """A share of failures gives no warning: for it the risk by age stands."""
    age = by_age(8000.0)
    healthy = with_readings(age, a_series(a_flat_course(90, rng)))
    near = failure_within(age.edges, age.survival, (7.0,))[0, 0]
    near_healthy = failure_within(healthy.edges, healthy.survival, (7.0,))[0, 0]
    assert 0.1 * near < near_healthy < 0.5 * near


def test_a_passed_limit_speaks_where_nothing_else_does() -> None:
    age = by_age(6000.0)
    warned, alarmed = (with_readings(age, limits=(level,)) for level in (LimitLevel.WARNING, LimitLevel.CRITICAL))
    assert days(alarmed)[1] < days(warned)[1] < days(age)[1]
    assert min(alarmed.rules_weight[0], warned.rules_weight[0]) > 0.05
    assert alarmed.condition_weight[0] == pytest.approx(0.0, abs=1e-12)


def test_trend_and_limit_share_the_weight(rng: np.random.Generator) -> None:
    worn = a_series(a_worn_course(70, rng, fails_in_days=8.0))
    outlook = with_readings(by_age(6000.0), worn, (LimitLevel.CRITICAL,))
    assert outlook.condition_weight[0] > 0.1
    assert outlook.rules_weight[0] > 0.1


@given(
    age=st.floats(0.0, 40_000.0),
    rate=st.floats(0.01, 500.0),
    cv=st.floats(0.0, 0.8),
    known=st.booleans(),
    fails_in_days=st.one_of(st.none(), st.floats(0.0, 100.0)),
    limits=st.lists(st.sampled_from(LimitLevel), max_size=3),
)
def test_whatever_the_evidence_the_outlook_is_a_distribution(
    age: float, rate: float, cv: float, known: bool, fails_in_days: float | None, limits: list[LimitLevel]
) -> None:
    rng = np.random.default_rng(1)
    series = None if fails_in_days is None else a_series(a_worn_course(40, rng, fails_in_days=fails_in_days))
    outlook = with_readings(by_age(age, rate=rate, cv=cv, known=known), series, tuple(limits))
    assert (np.diff(outlook.edges) > 0).all()
    assert (np.diff(outlook.survival) <= 1e-12).all()
    assert outlook.survival[0, 0] == pytest.approx(1.0)
    assert outlook.survival[0, -1] == 0.0
    p10, p50, p90 = days(outlook)
    assert 0 < p10 < p50 < p90
    within = failure_within(outlook.edges, outlook.survival, (7.0, 30.0, 90.0))[0]
    assert 0 <= within[0] <= within[1] <= within[2] <= 1
    weights = (outlook.age_weight[0], outlook.condition_weight[0], outlook.rules_weight[0])
    assert sum(weights) == pytest.approx(1.0)
    assert min(weights) >= 0.0


def test_what_an_hour_is_worth_follows_the_lives_that_last() -> None:
    """The long-run cost of a day falls with survival, since short lives drop out."""
    evidence = AgeEvidence(
        used=np.zeros(1),
        known_start=np.ones(1, dtype=bool),
        rate=np.full(1, 20.0),
        rate_cv=np.zeros(1),
        in_place_days=np.zeros(1),
    )
    outlook = age_outlook(POSTERIOR, evidence, 1.0 / POSTERIOR.scale)
    assert outlook.worth[0, 0] == pytest.approx(20.0 * float(POSTERIOR.weight @ (1.0 / POSTERIOR.scale)), rel=1e-4)
    assert (np.diff(outlook.worth[0]) <= 1e-9).all()


def test_the_calendar_of_a_fine_grid_agrees_with_exact_survival() -> None:
    age = by_age(2500.0)
    exact = remaining_survival(POSTERIOR, np.array([2500.0]), np.array([True]), age.edges[:, 1:-1] * 20.0)
    assert age.survival[:, 1:-1] == pytest.approx(exact, abs=1e-9)


def sharp(scale: float) -> LifePosterior:
    return fit_life(a_part_type(eta=scale, ln_sd_beta=0.01, ln_sd_eta=0.01))


def test_a_life_of_minutes_has_a_calendar_of_minutes() -> None:
    """A cutting tool lasts an hour of cutting; at 480 minutes a day that is an eighth of a day."""
    evidence = AgeEvidence(
        used=np.array([10.0]),
        known_start=np.ones(1, dtype=bool),
        rate=np.array([480.0]),
        rate_cv=np.zeros(1),
        in_place_days=np.array([0.02]),
    )
    posterior = sharp(60.0)
    outlook = age_outlook(posterior, evidence, np.ones(posterior.weight.size))
    expected = remaining_quantiles(posterior, np.array([10.0]), np.array([True]), LEVELS)[0] / 480.0
    assert days(outlook) == pytest.approx(expected.tolist(), rel=0.03)
