from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lesson import CURVATURES, SHOWING_SHARES, USUAL_WEAR, Gain
from models.prognosis.degradation import (
    IndicatorSeries,
    TrendBlocks,
    condense,
    gain_nodes,
    level_now,
    log_bayes_factors,
)
from tests.fakes.parts import HOUR_NS, NOW, NOW_NS, a_flat_course, a_series, a_worn_course

LONG_AGO = NOW - timedelta(days=400)
AHEAD = np.geomspace(0.1, 3000.0, 60)[None, :]
LIFE = 200.0 + AHEAD
USUAL = gain_nodes([USUAL_WEAR.gain])


def blocks_of(*series: IndicatorSeries | None) -> TrendBlocks:
    return condense(series, [LONG_AGO] * len(series), NOW)


def evidence(series: IndicatorSeries) -> np.ndarray:
    """Return how much better each time to failure explains a series, over all shapes of wear: shape (60,)."""
    factors = np.exp(log_bayes_factors(blocks_of(series), AHEAD, LIFE, USUAL))
    return np.einsum("nmij,i,j->nm", factors, USUAL_WEAR.showing, USUAL_WEAR.curvature)[0]


def test_a_flat_indicator_speaks_against_a_near_failure(rng: np.random.Generator) -> None:
    flat = evidence(a_series(a_flat_course(90, rng)))
    assert flat[AHEAD[0] < 3].max() < 0.2
    assert flat[-1] == pytest.approx(1.0, abs=0.02)


def test_wear_points_at_its_failure(rng: np.random.Generator) -> None:
    likeliest = []
    for fails_in_days in (2.0, 12.0, 30.0):
        worn = evidence(a_series(a_worn_course(90, rng, fails_in_days=fails_in_days)))
        likeliest.append(float(AHEAD[0, np.argmax(worn)]))
        assert worn.max() > 100.0
        assert worn[AHEAD[0] > 300].max() < worn.max() / 10.0
    assert likeliest == sorted(likeliest)
    assert likeliest[1] == pytest.approx(12.0, rel=0.6)


def test_a_high_but_steady_indicator_is_a_weaker_sign_than_a_rising_one(rng: np.random.Generator) -> None:
    rising = a_worn_course(90, rng, fails_in_days=10.0)
    steady = np.full(rising.size, rising[-1]) + a_flat_course(90, rng)
    assert evidence(a_series(rising)).max() > 10.0 * evidence(a_series(steady)).max()


def test_a_machine_that_runs_better_than_it_was_learnt_is_not_wearing_when_that_ends(rng: np.random.Generator) -> None:
    """A baseline learnt in winter, or beside a worn part, makes indicators below zero: their rise to zero is no wear."""
    back_to_normal = np.linspace(-50.0, -12.0, 60 * 24) + a_flat_course(60, rng, noise=0.5)
    assert evidence(a_series(back_to_normal)).max() < 1.5


def test_the_surer_the_level_at_failure_the_surer_the_time(rng: np.random.Generator) -> None:
    blocks = blocks_of(a_series(a_worn_course(90, rng, fails_in_days=12.0)))

    def spread(sd: float) -> float:
        told = np.exp(log_bayes_factors(blocks, AHEAD, LIFE, gain_nodes([Gain(mean=0.0, sd=sd)])))[0].sum(axis=(1, 2))
        weight = told / told.sum()
        middle = weight @ np.log(AHEAD[0])
        return float(np.sqrt(weight @ (np.log(AHEAD[0]) - middle) ** 2))

    assert spread(0.1) < 0.8 * spread(0.7)


def test_the_nodes_make_up_the_distribution_of_a_gain() -> None:
    nodes = gain_nodes([Gain(mean=-1.0, sd=0.3), Gain(mean=0.5, sd=0.1)])
    weight = np.exp(nodes.ln_weight)
    assert weight.sum() == pytest.approx(1.0)
    assert weight @ np.log(nodes.value) == pytest.approx([-1.0, 0.5])
    spread = weight @ ((np.log(nodes.value) - [-1.0, 0.5]) ** 2 + nodes.cv**2)
    assert np.sqrt(spread) == pytest.approx([0.3, 0.1], rel=0.1)


def test_one_wild_hour_makes_no_trend(rng: np.random.Generator) -> None:
    course = a_flat_course(60, rng)
    course[-1] = 190.0
    assert evidence(a_series(course)).max() < 30.0


def test_a_worn_share_of_life_means_more_wear_the_nearer_the_failure() -> None:
    level = level_now(AHEAD, LIFE)
    assert level.shape == (1, 60, SHOWING_SHARES.size, CURVATURES.size)
    assert (np.diff(level, axis=1) <= 1e-9).all()
    assert level.min() == 0.0
    assert level[0, 0].max() == pytest.approx(100.0, abs=2.0)


def test_hours_that_are_not_a_number_are_left_out_and_never_filled(rng: np.random.Generator) -> None:
    course = a_flat_course(30, rng)
    holed = course.copy()
    holed[::3] = np.nan
    kept = ~np.isnan(holed)
    whole = a_series(holed)
    without = IndicatorSeries(hours_ns=whole.hours_ns[kept], values=whole.values[kept], weights=whole.weights[kept])
    assert_same(blocks_of(whole), blocks_of(without))


def test_hours_before_the_part_came_in_belong_to_another_part(rng: np.random.Generator) -> None:
    series = a_series(a_worn_course(60, rng, fails_in_days=0.0))
    blocks = condense([series], [NOW - timedelta(hours=10)], NOW)
    assert not blocks.usable[0]


def test_hours_from_the_future_are_left_out() -> None:
    series = IndicatorSeries(hours_ns=NOW_NS + np.arange(1, 50) * HOUR_NS, values=np.ones(49), weights=np.ones(49))
    assert not blocks_of(series).usable[0]


@pytest.mark.parametrize(
    "series",
    [
        None,
        a_series(np.zeros(0)),
        a_series(np.ones(23)),
        a_series(np.full(200, np.nan)),
        a_series(np.ones(200), ends_hours_ago=31 * 24),
    ],
)
def test_too_little_or_too_old_is_not_usable(series: IndicatorSeries | None) -> None:
    blocks = blocks_of(series)
    assert not blocks.usable[0]
    assert np.isnan(blocks.level[0])
    assert (log_bayes_factors(blocks, AHEAD, LIFE, USUAL) == 0.0).all()


def test_a_machine_that_stood_still_for_a_week_still_has_its_trend(rng: np.random.Generator) -> None:
    course = a_worn_course(60, rng, fails_in_days=10.0)
    assert_same(blocks_of(a_series(course, ends_hours_ago=7 * 24)), blocks_of(a_series(course)))


def test_the_level_is_that_of_the_last_hours(rng: np.random.Generator) -> None:
    course = a_worn_course(60, rng, fails_in_days=10.0, noise=0.5)
    assert blocks_of(a_series(course)).level[0] == pytest.approx(course[-12:].mean(), abs=3.0)


@given(days=st.integers(2, 300), seed=st.integers(0, 100), scale=st.floats(0.0, 100.0))
def test_any_series_gives_finite_evidence(days: int, seed: int, scale: float) -> None:
    course = scale * np.random.default_rng(seed).standard_normal(days * 24)
    factors = log_bayes_factors(blocks_of(a_series(course)), AHEAD, LIFE, USUAL)
    assert np.isfinite(factors).all()


def test_slots_do_not_disturb_one_another(rng: np.random.Generator) -> None:
    worn, flat = a_series(a_worn_course(60, rng, fails_in_days=5.0)), a_series(a_flat_course(20, rng))
    together = blocks_of(worn, None, flat)
    assert together.value[0] == pytest.approx(blocks_of(worn).value[0])
    assert together.value[2] == pytest.approx(blocks_of(flat).value[0])
    assert together.usable.tolist() == [True, False, True]


def assert_same(one: TrendBlocks, other: TrendBlocks) -> None:
    for field in ("usable", "days_back", "value", "precision", "level"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field))
