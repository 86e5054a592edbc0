from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.numbers import figure, length_of, measured, percent, unit_sign


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.4567, "1.46"),
        (41.23, "41.2"),
        (-41.23, "-41.2"),
        (1234.5, "1,234"),
        (0.0, "0"),
        (0.0123, "0.012"),
        (0.5, "0.50"),
        (float("nan"), "–"),
        (float("inf"), "–"),
    ],
)
def test_figures_have_about_three_digits(value: float, shown: str) -> None:
    assert figure(value) == shown


@pytest.mark.parametrize(
    ("share", "shown"), [(0.614, "61%"), (0.001, "<1%"), (0.999, ">99%"), (0.0, "0%"), (1.0, "100%")]
)
def test_what_is_neither_impossible_nor_certain_is_never_shown_as_such(share: float, shown: str) -> None:
    assert percent(share) == shown


def test_units_are_written_as_people_write_them() -> None:
    assert measured(41.2, "degC") == "41.2 °C"
    assert measured(52.0, "%") == "52.0%"
    assert measured(3.1, "") == "3.10"
    assert unit_sign("bar") == "bar"


@pytest.mark.parametrize(
    ("span", "length"),
    [
        (timedelta(seconds=5), (1, "minutes")),
        (timedelta(minutes=26), (26, "minutes")),
        (timedelta(hours=5), (5, "hours")),
        (timedelta(days=6.1), (6, "days")),
        (timedelta(days=97), (3.2, "months")),
        (timedelta(days=400), (13, "months")),
        (timedelta(days=1500), (4.1, "years")),
        (timedelta(days=9000), (25, "years")),
        (timedelta(days=-3), (1, "minutes")),
    ],
)
def test_a_length_is_told_in_its_largest_fitting_unit(span: timedelta, length: tuple[float, str]) -> None:
    assert length_of(span) == length


@given(st.floats(0, 20_000), st.floats(0, 20_000))
def test_a_longer_time_is_never_told_in_a_smaller_unit(first: float, second: float) -> None:
    units = ("minutes", "hours", "days", "months", "years")
    short, long = sorted((first, second))
    told = [units.index(length_of(timedelta(days=days))[1]) for days in (short, long)]
    assert told == sorted(told)
