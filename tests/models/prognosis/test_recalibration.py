import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lesson import AS_SAID, LEVELS
from models.prognosis.recalibration import learn_recalibration

rng = np.random.default_rng(4)


def test_predictions_that_were_right_are_left_as_they_were() -> None:
    learnt = learn_recalibration(rng.uniform(size=2000), np.ones(2000), np.ones(2000))
    assert learnt.happened == pytest.approx(LEVELS, abs=0.04)
    survival = np.array([[1.0, 0.7, 0.2, 0.0]])
    assert AS_SAID.corrected(survival) == pytest.approx(survival)


def test_predictions_that_were_too_sure_are_widened_to_what_happened() -> None:
    place = rng.beta(0.4, 0.4, size=3000)
    learnt = learn_recalibration(place, np.ones(3000), np.ones(3000))
    worth = 1.0 - learnt.corrected(1.0 - place)
    assert float(np.mean((worth >= 0.1) & (worth <= 0.9))) == pytest.approx(0.8, abs=0.03)


def test_lives_that_were_cut_short_do_not_bias_the_map() -> None:
    place, seen_to = rng.beta(2.0, 4.0, size=4000), rng.uniform(size=4000)
    ended = (place <= seen_to).astype(float)
    learnt = learn_recalibration(np.minimum(place, seen_to), ended, np.ones(4000))
    whole = learn_recalibration(place, np.ones(4000), np.ones(4000))
    assert learnt.happened[:30] == pytest.approx(whole.happened[:30], abs=0.05)


def test_few_lives_change_little_and_none_nothing() -> None:
    assert learn_recalibration(np.empty(0), np.empty(0), np.empty(0)) is AS_SAID
    assert learn_recalibration(np.array([0.4]), np.zeros(1), np.ones(1)) is AS_SAID
    one = learn_recalibration(np.array([0.05]), np.ones(1), np.ones(1))
    assert np.abs(one.happened - LEVELS).max() < 0.1
    assert one.lives == 1.0


def test_a_life_that_was_predicted_often_counts_once() -> None:
    often = learn_recalibration(np.full(50, 0.05), np.ones(50), np.full(50, 0.02))
    once = learn_recalibration(np.array([0.05]), np.ones(1), np.ones(1))
    assert often.happened == pytest.approx(once.happened)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 1)), max_size=20))
def test_corrected_survival_never_rises_and_keeps_its_ends(lives: list[tuple[float, float, float]]) -> None:
    place, ended, counts = np.array(lives, dtype=float).reshape(-1, 3).T
    learnt = learn_recalibration(place, ended, counts)
    survival = learnt.corrected(np.linspace(1.0, 0.0, 30))
    assert (np.diff(survival) <= 1e-12).all()
    assert (survival[0], survival[-1]) == (1.0, pytest.approx(0.0, abs=1e-9))
