from datetime import timedelta

import numpy as np
import pytest

from configs.plant import MachineId, SlotId
from models.lesson import SHOWING_SHARES, USUAL_WEAR, Gain
from models.prognosis.degradation import (
    GAIN_GRID,
    GRID_CV,
    GainNodes,
    condense,
    log_bayes_factors,
    log_factors_by_gain,
)
from models.prognosis.wear import learn_places, learn_wear
from tests.fakes.parts import NOW, a_flat_course, a_series, a_worn_course

INSTALLED = NOW - timedelta(days=100)
LEFT, LIFE = np.array([0.25]), np.array([100.25])
HERE, THERE = (MachineId("m1"), SlotId("seal")), (MachineId("m2"), SlotId("seal"))


def factors_of(course: np.ndarray) -> np.ndarray:
    return log_factors_by_gain(condense([a_series(course)], [INSTALLED], NOW), LEFT, LIFE)


def worn_at(level: float, lives: int, rng: np.random.Generator) -> np.ndarray:
    """Return the factors of lives that failed at a multiple of the nominal limit."""
    return np.concatenate(
        [factors_of(level * a_worn_course(90, rng, fails_in_days=0.25, noise=2.0)) for _ in range(lives)]
    )


def test_what_is_believed_at_first_are_probabilities() -> None:
    for weights in (USUAL_WEAR.showing, USUAL_WEAR.curvature):
        assert weights.sum() == pytest.approx(1.0)
    assert USUAL_WEAR.gain.level == pytest.approx(100.0, rel=0.3)


def test_parts_that_fail_at_a_third_of_the_limit_teach_a_lower_limit(rng: np.random.Generator) -> None:
    law = learn_wear(worn_at(1 / 3, 12, rng), np.ones(12))
    assert law.gain.level == pytest.approx(33.0, rel=0.35)
    assert law.gain.sd < USUAL_WEAR.gain.sd
    assert law.silent < USUAL_WEAR.silent
    assert law.lives == 12


def test_failures_without_a_sign_raise_the_share_of_silent_ones(rng: np.random.Generator) -> None:
    silent = np.concatenate([factors_of(a_flat_course(90, rng)) for _ in range(12)])
    assert learn_wear(silent, np.ones(12)).silent > 0.5


def test_no_life_teaches_nothing() -> None:
    assert learn_wear(np.zeros((0, SHOWING_SHARES.size, 3, GAIN_GRID.size)), np.empty(0)) is USUAL_WEAR


def test_a_life_that_counts_half_teaches_less(rng: np.random.Generator) -> None:
    low = worn_at(1 / 3, 6, rng)
    whole, half = learn_wear(low, np.ones(6)), learn_wear(low, np.full(6, 0.5))
    assert whole.gain.level < half.gain.level < USUAL_WEAR.gain.level


def test_slots_that_fail_at_levels_of_their_own_are_told_apart(rng: np.random.Generator) -> None:
    """A sensor that shows the same wear twice as high on one machine does so with its next part too."""
    factors = np.concatenate([worn_at(0.4, 4, rng), worn_at(1.6, 4, rng)])
    law = learn_wear(factors, np.ones(8))
    by_place = learn_places(factors, np.ones(8), [HERE] * 4 + [THERE] * 4, law)
    assert by_place.gain_in(HERE).level == pytest.approx(40.0, rel=0.25)
    assert by_place.gain_in(THERE).level == pytest.approx(160.0, rel=0.25)
    assert max(gain.sd for gain in by_place.own.values()) < 0.6 * law.gain.sd
    assert by_place.gain_in((MachineId("m3"), SlotId("seal"))) == law.gain


def test_lives_that_differ_within_a_slot_leave_its_next_level_open(rng: np.random.Generator) -> None:
    alike, apart = worn_at(0.8, 4, rng), np.concatenate([worn_at(0.4, 2, rng), worn_at(1.6, 2, rng)])
    sure, unsure = (
        learn_places(each, np.ones(4), [HERE] * 4, learn_wear(each, np.ones(4))).gain_in(HERE)
        for each in (alike, apart)
    )
    assert unsure.sd > 1.5 * sure.sd
    assert isinstance(sure, Gain)


def test_factors_by_gain_add_up_to_those_without(rng: np.random.Generator) -> None:
    blocks = condense([a_series(a_worn_course(60, rng, fails_in_days=5.0)), None], [INSTALLED] * 2, NOW)
    ahead, life = np.array([5.0, 5.0]), np.array([90.0, 90.0])
    by_gain = log_factors_by_gain(blocks, ahead, life) / 0.35
    together = 0.35 * np.log(np.exp(by_gain).mean(axis=-1))
    value = np.repeat(GAIN_GRID[:, None], 2, axis=1)
    even = np.full(GAIN_GRID.size, -np.log(GAIN_GRID.size))
    nodes = GainNodes(value=value, cv=np.full(value.shape, GRID_CV), ln_weight=even)
    assert together == pytest.approx(log_bayes_factors(blocks, ahead[:, None], life[:, None], nodes)[:, 0], abs=1e-6)
    assert (by_gain[1] == 0.0).all()


def test_wear_that_shows_for_a_short_share_of_life_says_nothing_of_a_far_end() -> None:
    blocks = condense([a_series(np.linspace(0.0, 30.0, 60 * 24))], [INSTALLED], NOW)
    far = log_factors_by_gain(blocks, np.array([5000.0]), np.array([5100.0]))
    assert (far[0, :4] == 0.0).all()
