"""The fit on few short lives: it tells what is left, refuses what it cannot, and finds nothing where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest

from models.errors import NotEnoughDataError
from models.features.trajectories import Fault
from models.prognosis.remaining_life import remaining_interval, remaining_lives
from models.training.remaining_life import FittedLife, LifeHistories, fit_remaining_life
from tests.fakes.lives_to_failure import some_lives, with_sensor

UNITS = 6


def histories(**changes: object) -> LifeHistories:
    return LifeHistories(trajectories=some_lives(UNITS, **changes), failed=np.ones(UNITS, dtype=bool), cap=40.0)


@pytest.fixture(scope="module")
def fitted() -> FittedLife:
    """Six sound lives with one silent sensor, and a seventh whose clock went back."""
    lives = with_sensor(some_lives(UNITS + 1), slice(None), 2, np.nan)
    age = lives.age.copy()
    age[lives.bounds()[UNITS] + 10] = 2.0
    failed = np.ones(UNITS + 1, dtype=bool)
    return fit_remaining_life(LifeHistories(trajectories=replace(lives, age=age), failed=failed, cap=40.0), seed=1)


def test_six_lives_tell_what_is_left_of_others_with_bounds_around_it(fitted: FittedLife) -> None:
    test = some_lives(8, seed=9)
    cuts = (test.bounds()[1:] - 1 - np.arange(0, 40, 5)).astype(np.int64)
    units = test.until(cuts)
    found = remaining_lives(fitted.model, units)
    actual = np.minimum(test.ends()[test.unit[cuts]] - test.age[cuts], 40.0)
    assert found.troubles == ()
    assert np.sqrt(np.mean((found.predicted - actual) ** 2)) < 0.6 * actual.std()
    nine, eight = (remaining_interval(fitted.model, found, share) for share in (0.9, 0.8))
    assert (nine[0] <= eight[0]).all()
    assert (eight[1] <= nine[1]).all()
    assert ((nine[0] >= 0.0) & (nine[1] <= 40.0)).all()
    assert np.mean((nine[0] <= actual) & (actual <= nine[1])) >= 0.75


def test_what_cannot_be_learnt_from_is_left_out_and_named(fitted: FittedLife) -> None:
    assert fitted.left_out == ("unit u6: clock_back 2", "sensor noise: carries no reading")


def test_what_is_held_out_was_said_by_models_that_had_not_seen_the_life(fitted: FittedLife) -> None:
    held_out = fitted.held_out
    assert np.unique(held_out.unit).size == UNITS
    assert np.sqrt(np.mean((held_out.predicted - held_out.left) ** 2)) < held_out.left.std()


def test_nothing_is_said_of_units_in_trouble_and_the_others_are_told_alike(fitted: FittedLife) -> None:
    test = some_lives(3, seed=9)
    age = test.age.copy()
    age[test.bounds()[1] - 1] = -1.0
    found = remaining_lives(fitted.model, replace(test, age=age))
    assert [trouble.fault for trouble in found.troubles] == [Fault.AGE_NEGATIVE]
    assert np.isnan(found.predicted[0])
    assert np.isnan(remaining_interval(fitted.model, found, 0.9)[0][0])
    np.testing.assert_allclose(found.predicted[1:], remaining_lives(fitted.model, test).predicted[1:], rtol=1e-5)
    nothing = remaining_lives(fitted.model, replace(test, age=-test.age).only(np.array([True, False, False])))
    assert np.isnan(nothing.predicted).all()


def test_readings_that_have_nothing_to_do_with_the_end_stay_at_chance() -> None:
    rng = np.random.default_rng(4)
    lives = some_lives(12, worn=0.0)
    anywhere = replace(lives, age=lives.age + 5000.0 * rng.permutation(12)[lives.unit])
    held_out = fit_remaining_life(
        LifeHistories(trajectories=anywhere, failed=np.ones(12, dtype=bool), cap=15.0), seed=1
    ).held_out
    early = held_out.age < np.median(held_out.age)
    off = held_out.predicted[early] - held_out.left[early]
    assert np.sqrt(np.mean(off**2)) > 0.8 * held_out.left[early].std()


def test_sensors_that_rise_in_one_failure_mode_and_fall_in_the_other_tell_what_is_left() -> None:
    lives = some_lives(24)
    way = np.where(np.arange(24) % 2 == 0, 1.0, -1.0)[lives.unit]
    either = replace(lives, sensors=lives.sensors * way[:, None])
    fitted = fit_remaining_life(LifeHistories(trajectories=either, failed=np.ones(24, dtype=bool), cap=40.0), seed=1)
    held_out = fitted.held_out
    assert {0, 1} <= set(fitted.model.rule.used.tolist())
    assert np.sqrt(np.mean((held_out.predicted - held_out.left) ** 2)) < 0.6 * held_out.left.std()


def test_too_few_lives_and_sensors_that_tell_nothing_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="2 sound lives ended in failure and 3 are needed"):
        fit_remaining_life(LifeHistories(trajectories=some_lives(UNITS), failed=np.arange(UNITS) < 2, cap=40.0), seed=1)
    flat = histories()
    still = replace(flat.trajectories, sensors=np.ones(flat.trajectories.sensors.shape))
    with pytest.raises(NotEnoughDataError, match="no sensor varies"):
        fit_remaining_life(replace(flat, trajectories=still), seed=1)
