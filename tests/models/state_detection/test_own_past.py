import numpy as np
import pytest

from models.errors import NotEnoughDataError
from models.state_detection.own_past import below_own_past, trailing_mean

TIMES = np.arange(200.0)


def test_a_level_never_seen_before_is_told_and_a_usual_one_is_not() -> None:
    values = 50.0 + np.sin(TIMES)
    values[150:] = 40.0
    told = below_own_past(TIMES, values, lag=10.0, rare=0.01, deadband=5.0)
    assert told.tolist() == [150 <= i < 161 for i in range(200)]


def test_a_missing_value_says_nothing_and_teaches_nothing() -> None:
    values = np.full(200, 50.0)
    values[100:110] = np.nan
    assert not below_own_past(TIMES, values, lag=10.0, rare=0.01, deadband=5.0).any()


def test_a_clock_that_went_back_is_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="clock went back"):
        below_own_past(TIMES[::-1], TIMES, lag=1.0, rare=0.01, deadband=0.0)


def test_a_trailing_mean_rests_on_what_is_there() -> None:
    values = np.array([1.0, 3.0, np.nan, np.nan, np.nan])
    found = trailing_mean(np.arange(5.0), values, 2.0)
    np.testing.assert_array_equal(found, [1.0, 2.0, 3.0, np.nan, np.nan])
