from datetime import timedelta

import numpy as np
import pytest

from models.lesson import GAINS, SHOWING_SHARES, USUAL_WEAR
from models.prognosis.degradation import condense, log_bayes_factors, log_factors_by_gain
from models.prognosis.wear import learn_wear
from tests.fakes.parts import NOW, a_flat_course, a_series, a_worn_course

INSTALLED = NOW - timedelta(days=100)
LEFT, LIFE = np.array([0.25]), np.array([100.25])


def factors_of(course: np.ndarray) -> np.ndarray:
    return log_factors_by_gain(condense([a_series(course)], [INSTALLED], NOW), LEFT, LIFE)


def test_what_is_believed_at_first_are_probabilities() -> None:
    for weights in (USUAL_WEAR.showing, USUAL_WEAR.curvature, USUAL_WEAR.gain):
        assert weights.sum() == pytest.approx(1.0)
    assert USUAL_WEAR.level() == pytest.approx(100.0, rel=0.3)


def test_parts_that_fail_at_a_third_of_the_limit_teach_a_lower_limit(rng: np.random.Generator) -> None:
    low = np.concatenate([factors_of(a_worn_course(90, rng, fails_in_days=0.25) / 3.0) for _ in range(12)])
    law = learn_wear(low, np.ones(12))
    assert law.level() < 0.65 * USUAL_WEAR.level()
    assert law.silent < USUAL_WEAR.silent
    assert law.lives == 12
    assert law.gain.sum() == pytest.approx(1.0)


def test_failures_without_a_sign_raise_the_share_of_silent_ones(rng: np.random.Generator) -> None:
    silent = np.concatenate([factors_of(a_flat_course(90, rng)) for _ in range(12)])
    assert learn_wear(silent, np.ones(12)).silent > 0.5


def test_no_life_teaches_nothing() -> None:
    assert learn_wear(np.zeros((0, SHOWING_SHARES.size, 3, GAINS.size)), np.empty(0)) is USUAL_WEAR


def test_a_life_that_counts_half_teaches_less(rng: np.random.Generator) -> None:
    low = np.concatenate([factors_of(a_worn_course(90, rng, fails_in_days=0.25) / 3.0) for _ in range(6)])
    whole, half = learn_wear(low, np.ones(6)), learn_wear(low, np.full(6, 0.5))
    assert whole.level() < half.level() < USUAL_WEAR.level()


def test_factors_by_gain_add_up_to_those_without(rng: np.random.Generator) -> None:
    blocks = condense([a_series(a_worn_course(60, rng, fails_in_days=5.0)), None], [INSTALLED] * 2, NOW)
    ahead, life = np.array([5.0, 5.0]), np.array([90.0, 90.0])
    by_gain = log_factors_by_gain(blocks, ahead, life) / 0.35
    together = 0.35 * np.log(np.exp(by_gain) @ USUAL_WEAR.gain)
    assert together == pytest.approx(log_bayes_factors(blocks, ahead[:, None], life[:, None])[:, 0], abs=1e-3)
    assert (by_gain[1] == 0.0).all()


def test_wear_that_shows_for_a_short_share_of_life_says_nothing_of_a_far_end() -> None:
    blocks = condense([a_series(np.linspace(0.0, 30.0, 60 * 24))], [INSTALLED], NOW)
    far = log_factors_by_gain(blocks, np.array([5000.0]), np.array([5100.0]))
    assert (far[0, :4] == 0.0).all()
