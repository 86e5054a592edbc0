import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.api.decimation import Points, closed_off, decimate, join

SECOND = 1_000_000_000


def points(times_s: list[float], values: list[float], flags: list[int] | None = None) -> Points:
    array = np.array(values, dtype=float)
    marks = np.array(flags or [0] * len(values), dtype=np.int64)
    return Points(
        times_ns=(np.array(times_s, dtype=float) * SECOND).astype(np.int64),
        low=array,
        high=array,
        mean=array,
        good_share=(marks == 0).astype(float),
        flags=marks,
    )


@given(
    values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300),
    columns=st.integers(1, 40),
)
def test_extremes_survive_and_there_are_no_more_points_than_columns(values: list[float], columns: int) -> None:
    thinned = decimate(points(list(range(len(values))), values), columns=columns, gap_ns=10_000 * SECOND)
    assert thinned.times_ns.size <= max(columns, 1)
    assert np.nanmin(thinned.low) == min(values)
    assert np.nanmax(thinned.high) == max(values)
    assert np.all(np.diff(thinned.times_ns) > 0)
    assert np.all(thinned.low <= thinned.high)


def test_few_points_stay_as_they_are() -> None:
    series = points([0, 1, 2], [1.0, 5.0, 2.0], [0, 2, 0])
    thinned = decimate(series, columns=10, gap_ns=5 * SECOND)
    assert thinned.low.tolist() == [1.0, 5.0, 2.0]
    assert thinned.flags.tolist() == [0, 2, 0]
    assert thinned.good_share.tolist() == [1.0, 0.0, 1.0]


def test_a_gap_is_a_point_without_values_between_its_neighbours() -> None:
    thinned = decimate(points([0, 1, 2, 60, 61], [1.0] * 5), columns=10, gap_ns=5 * SECOND)
    assert (thinned.times_ns / SECOND).tolist() == [0, 1, 2, 31, 60, 61]
    assert np.isnan(thinned.low).tolist() == [False, False, False, True, False, False]


def test_a_slow_sensor_is_not_all_gaps() -> None:
    thinned = decimate(points([0, 600, 1200, 1800], [1.0, 2.0, 3.0, 4.0]), columns=10, gap_ns=5 * SECOND)
    assert not np.isnan(thinned.low).any()


def test_flags_of_a_column_are_united() -> None:
    thinned = decimate(points([0, 1, 2, 3], [1.0, 2.0, 3.0, 4.0], [1, 2, 0, 0]), columns=2, gap_ns=100 * SECOND)
    assert thinned.flags.tolist() == [3, 0]
    assert thinned.good_share.tolist() == [0.0, 1.0]


def test_points_without_a_value_are_dropped() -> None:
    thinned = decimate(points([0, 1, 2], [1.0, float("nan"), 2.0]), columns=10, gap_ns=100 * SECOND)
    assert thinned.low.tolist() == [1.0, 2.0]
    assert decimate(points([], []), columns=10, gap_ns=1).times_ns.size == 0


def test_joined_series_follow_each_other() -> None:
    assert join(points([0], [1.0]), points([1], [2.0])).low.tolist() == [1.0, 2.0]


def test_holes_lie_before_around_and_after_what_is_known() -> None:
    series = decimate(points([10, 11, 60, 61], [1.0] * 4), columns=10, gap_ns=5 * SECOND)
    assert [(a // SECOND, b // SECOND) for a, b in series.holes(0, 100 * SECOND)] == [(0, 10), (11, 60), (61, 100)]


def test_a_series_without_values_is_one_hole() -> None:
    assert points([], []).holes(3, 9) == ((3, 9),)


def test_a_series_is_closed_off_where_what_follows_is_too_far_away() -> None:
    series = points([0, 1], [1.0, 2.0])
    assert closed_off(series, 3 * SECOND, 5 * SECOND) is series
    assert np.isnan(closed_off(series, 31 * SECOND, 5 * SECOND).low).tolist() == [False, False, True]
    assert closed_off(points([], []), 31 * SECOND, 5 * SECOND).times_ns.size == 0
