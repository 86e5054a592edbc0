"""What each number of a life's memory is, and that none of them sees the future."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.memory import drift, exponential_mean, running_mean, window_mean, window_rise, window_sd

Memory = Callable[[np.ndarray], np.ndarray]
ALL: dict[str, Memory] = {
    "exponential": lambda values: exponential_mean(values, 0.2),
    "mean": lambda values: window_mean(values, 4),
    "lagged": lambda values: window_mean(values, 3, 5),
    "sd": lambda values: window_sd(values, 4),
    "rise": lambda values: window_rise(values, 6),
    "running": running_mean,
    "drift": lambda values: drift(values, 3, 4),
}

readings = st.lists(st.one_of(st.just(np.nan), st.floats(-5.0, 5.0)), min_size=2, max_size=40)


@pytest.mark.parametrize("name", ALL)
@given(values=readings, cut=st.integers(1, 40))
def test_cutting_off_the_future_changes_nothing(name: str, values: list[float], cut: int) -> None:
    whole = np.array(values)[:, None]
    known = whole[: min(cut, whole.shape[0])]
    np.testing.assert_allclose(ALL[name](known), ALL[name](whole)[: known.shape[0]], atol=1e-9)


def test_each_is_what_it_says() -> None:
    line = np.arange(10.0)[:, None]
    assert window_mean(line, 4)[-1, 0] == pytest.approx(7.5)
    assert window_mean(line, 3, 5)[-1, 0] == pytest.approx(3.0)
    assert window_mean(line, 3, 50)[-1, 0] == 0.0
    assert window_rise(line, 5)[-1, 0] == pytest.approx(5.0)
    assert window_rise(line, 5)[0, 0] == 0.0
    assert running_mean(line)[-1, 0] == pytest.approx(4.5)
    assert drift(line, 2, 2)[-1, 0] == pytest.approx(8.0)
    assert window_sd(line, 2)[-1, 0] == pytest.approx(0.5)
    assert exponential_mean(np.full((5, 1), 3.0), 0.1)[-1, 0] == pytest.approx(3.0)


def test_a_gap_is_neither_filled_nor_spread() -> None:
    values = np.array([np.nan, 2.0, np.nan, 4.0, np.nan])[:, None]
    assert np.isnan(exponential_mean(values, 0.5)[0, 0])
    assert window_mean(values, 3)[:, 0] == pytest.approx([np.nan, 2.0, 2.0, 3.0, 4.0], nan_ok=True)
    assert np.isnan(window_rise(values, 3)[0, 0])
