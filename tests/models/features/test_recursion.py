import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.features.recursion import (
    SCAN_BLOCK,
    Fading,
    Following,
    Level,
    Smoothed,
    decay,
    layout_of,
    recentre,
    settled_level,
    smooth,
)

NOTHING = Smoothed(total=np.zeros((2, 1)), weight=np.zeros((2, 1)))
HOW = Following(rate=0.1, settling=3, stretch_ns=2)


def codes(*lengths: int) -> np.ndarray:
    return np.repeat(np.arange(len(lengths)), lengths).astype(np.int64)


@given(st.lists(st.floats(-5, 5) | st.just(float("nan")), min_size=1, max_size=30), st.integers(0, 30))
def test_smoothing_in_two_parts_is_smoothing_at_once(values: list[float], cut: int) -> None:
    rows = np.array(values)[:, None]
    cut = min(cut, rows.shape[0])
    whole, _, _ = smooth(rows, layout_of(codes(len(values)), 2), NOTHING, 0.3)
    first, _, between = smooth(rows[:cut], layout_of(codes(cut), 2), NOTHING, 0.3)
    second, _, _ = smooth(rows[cut:], layout_of(codes(len(values) - cut), 2), between, 0.3)
    np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-12)


def test_a_smoothed_mean_starts_at_the_first_value_and_a_missing_one_adds_nothing() -> None:
    rows = np.array([[np.nan], [4.0], [np.nan], [4.0]])
    mean, weight, _ = smooth(rows, layout_of(codes(4), 2), NOTHING, 0.5)
    assert np.isnan(mean[0, 0])
    np.testing.assert_allclose(mean[1:, 0], 4.0)
    np.testing.assert_allclose(weight[:, 0], [0.0, 0.5, 0.25, 0.625])


def test_machines_do_not_leak_into_each_other() -> None:
    rows = np.array([[1.0], [1.0], [9.0]])
    mean, _, after = smooth(rows, layout_of(codes(2, 1), 2), NOTHING, 0.3)
    np.testing.assert_allclose(mean[:, 0], [1.0, 1.0, 9.0])
    np.testing.assert_allclose((after.total / after.weight)[:, 0], [1.0, 9.0])


def test_a_machine_without_rows_stands_where_it_stood() -> None:
    before = Smoothed(total=np.array([[1.0], [2.0]]), weight=np.ones((2, 1)))
    _, _, after = smooth(np.empty((0, 1)), layout_of(codes(0, 0), 2), before, 0.3)
    np.testing.assert_array_equal(after.total, before.total)
    _, _, after = smooth(np.array([[3.0]]), layout_of(np.array([1]), 2), before, 0.5)
    np.testing.assert_allclose(after.total[:, 0], [1.0, 2.5])


@pytest.mark.parametrize("size", [1, SCAN_BLOCK, SCAN_BLOCK + 1, 5 * SCAN_BLOCK + 7])
def test_a_lag_follows_its_definition_however_long_the_block_is(size: int) -> None:
    rng = np.random.default_rng(3)
    rows, keep = rng.normal(size=(size, 1)), rng.uniform(0, 1, (size, 1))
    rows[rng.uniform(size=size) < 0.2] = np.nan
    how = Fading(keep=keep, new=1 - keep, counted=1 - keep)
    found, after = decay(rows, how, layout_of(codes(size), 2), NOTHING)
    total = weight = 0.0
    for i, (value, kept) in enumerate(zip(rows[:, 0], keep[:, 0], strict=True)):
        if not np.isnan(value):
            total, weight = kept * total + (1 - kept) * value, kept * weight + 1 - kept
        if weight > 0:
            assert found[i, 0] == pytest.approx(total / weight, abs=1e-9)
        else:
            assert np.isnan(found[i, 0])
    assert after.total[0, 0] == pytest.approx(total, abs=1e-12)


def a_level(settled: float) -> Level:
    level = settled_level(1, 1, HOW)
    return Level(
        value=level.value,
        settled=np.full((1, 1), settled),
        pending=level.pending,
        seen=level.seen,
        stretch=level.stretch,
    )


def followed(values: list[float], before: Level, ends: list[int] | None = None) -> tuple[np.ndarray, Level]:
    rows = np.array(values)[:, None]
    times = np.array(ends if ends is not None else range(1, len(values) + 1), dtype=np.int64)
    return recentre(rows, times, layout_of(codes(len(values)), 1), before, HOW)


def test_a_new_level_is_the_mean_of_what_it_settled_on() -> None:
    apart, level = followed([4.0, 6.0, 5.0, 5.0, 5.0, 8.0], a_level(0.0))
    assert np.isnan(apart[:4, 0]).all()
    np.testing.assert_allclose(apart[4:, 0], [0.0, 3.0])
    assert level.settled[0, 0] == 4.0


def test_an_outlier_moves_a_level_by_no_more_than_the_rate() -> None:
    _, level = followed([100.0, 0.0, 0.0], a_level(3.0))
    assert level.value[0, 0] == pytest.approx(0.1)


def test_a_missing_value_moves_no_level() -> None:
    apart, level = followed([float("nan"), float("nan"), 1.0], a_level(3.0))
    assert np.isnan(apart[:2, 0]).all()
    assert level.value[0, 0] == 0.0


@given(
    st.lists(st.floats(-3, 3) | st.just(float("nan")), min_size=1, max_size=30),
    st.integers(0, 30),
    st.sampled_from([0.0, 3.0]),
)
def test_a_level_followed_in_two_parts_is_followed_at_once(values: list[float], cut: int, settled: float) -> None:
    cut = min(cut, len(values))
    whole, end = followed(values, a_level(settled))
    first, between = followed(values[:cut], a_level(settled))
    second, last = followed(values[cut:], between, list(range(cut + 1, len(values) + 1)))
    np.testing.assert_allclose(np.concatenate([first, second]), whole, atol=1e-12)
    np.testing.assert_allclose(last.value, end.value, atol=1e-12)
