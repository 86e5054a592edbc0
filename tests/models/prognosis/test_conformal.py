import numpy as np
import pytest

from models.prognosis.conformal import calibrate, interval, life_folds


def residuals(lives: int, each: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    predicted = rng.uniform(0.0, 100.0, lives * each)
    size = 1.0 + predicted / 20.0
    return predicted, size, predicted + size * rng.standard_normal(predicted.size), np.repeat(np.arange(lives), each)


@pytest.mark.parametrize("share", [0.8, 0.9])
def test_intervals_hold_as_often_as_they_say_on_lives_never_seen(share: float) -> None:
    rng = np.random.default_rng(5)
    predicted, size, actual, groups = residuals(200, 10, rng)
    calibration = calibrate(predicted, size, actual, groups, width=8.0)
    new, scale, truth, _ = residuals(700, 3, rng)
    low, high = interval(calibration, new, scale, share)
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(share, abs=0.03)


def test_few_lives_make_wide_intervals_and_wider_ones_for_more_certainty() -> None:
    rng = np.random.default_rng(5)
    predicted, size, actual, groups = residuals(200, 10, rng)
    many = interval(calibrate(predicted, size, actual, groups, width=8.0), np.array([50.0]), np.array([3.5]), 0.9)
    few_rows = groups < 6
    few = calibrate(predicted[few_rows], size[few_rows], actual[few_rows], groups[few_rows], width=80.0)
    nine, eight = (interval(few, np.array([50.0]), np.array([3.5]), share) for share in (0.9, 0.8))
    assert few.lives == 6
    assert nine[1] - nine[0] > many[1] - many[0]
    assert nine[0] <= eight[0] < eight[1] <= nine[1]


def test_one_life_alone_still_widens() -> None:
    one = calibrate(np.array([10.0, 20.0]), np.ones(2), np.array([11.0, 19.0]), np.zeros(2, dtype=np.int64), width=8.0)
    low, high = interval(one, np.array([15.0]), np.ones(1), 0.8)
    assert low[0] < 14.0
    assert high[0] > 16.0


def test_folds_hold_each_life_out_once_and_are_even() -> None:
    folds = life_folds(12, 5, np.random.default_rng(0))
    assert sorted(np.bincount(folds).tolist()) == [2, 2, 2, 3, 3]
    assert life_folds(3, 5, np.random.default_rng(0)).max() == 2
