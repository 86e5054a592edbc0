import numpy as np
import pytest

from models.prognosis.counts import count_interval, count_spread, expected_failures


def test_new_parts_with_a_constant_risk_fail_at_that_rate_and_are_followed() -> None:
    days = np.arange(1.0, 101.0)
    survival = np.exp(-days / 50.0)
    told = expected_failures(np.tile(survival, (10, 1)), survival)
    assert told[-1] == pytest.approx(10 * 100.0 * (1.0 - np.exp(-1.0 / 50.0)), rel=1e-6)


def test_counts_that_come_in_batches_widen_the_interval() -> None:
    expected = np.full(20, 30.0)
    steady, batches = np.full(20, 30.0), np.tile([5.0, 55.0], 10)
    wide = count_interval(30.0, count_spread(expected, batches), 0.8)
    narrow = count_interval(30.0, count_spread(expected, steady), 0.8)
    assert wide[0] < narrow[0] < 30.0 < narrow[1] < wide[1]
    assert count_spread(expected, steady) == 0.0


def test_before_any_count_came_true_little_is_sure() -> None:
    assert count_spread(np.empty(0), np.empty(0)) > 0.25
    low, high = count_interval(0.0, 0.5, 0.8)
    assert (low, high) == (0.0, 0.0)
