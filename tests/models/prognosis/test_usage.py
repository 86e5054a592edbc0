import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import LifeUnit
from models.prognosis.usage import estimate_rate


@pytest.mark.parametrize("unit", list(LifeUnit))
def test_a_machine_that_was_never_seen_has_a_typical_rate_with_a_wide_margin(unit: LifeUnit) -> None:
    rate = estimate_rate(unit, 0.0, 0.0)
    assert rate.per_day > 0
    assert rate.cv > 0.5 or unit is LifeUnit.CALENDAR_DAYS


def test_four_weeks_of_use_outweigh_what_is_typical() -> None:
    rate = estimate_rate(LifeUnit.OPERATING_HOURS, 28 * 20.0, 28.0)
    assert rate.per_day == pytest.approx(20.0, rel=0.02)
    assert rate.cv < 0.2


def test_a_machine_that_stands_still_keeps_a_small_positive_rate() -> None:
    assert 0 < estimate_rate(LifeUnit.OPERATING_HOURS, 0.0, 28.0).per_day < 1.0


def test_calendar_days_pass_by_one_a_day() -> None:
    rate = estimate_rate(LifeUnit.CALENDAR_DAYS, 3.0, 28.0)
    assert (rate.per_day, rate.cv) == (1.0, 0.0)


@pytest.mark.parametrize("bad", [math.nan, -5.0, math.inf])
def test_a_gain_that_is_no_use_counts_as_none(bad: float) -> None:
    assert estimate_rate(LifeUnit.SHOTS, bad, 28.0) == estimate_rate(LifeUnit.SHOTS, 0.0, 28.0)
    assert estimate_rate(LifeUnit.SHOTS, 0.0, bad) == estimate_rate(LifeUnit.SHOTS, 0.0, 0.0)


@given(gained=st.floats(0, 1e6), more=st.floats(1, 1e6), days=st.floats(0.1, 60))
def test_more_use_means_a_higher_rate(gained: float, more: float, days: float) -> None:
    less_used = estimate_rate(LifeUnit.STROKES, gained, days)
    assert estimate_rate(LifeUnit.STROKES, gained + more, days).per_day > less_used.per_day
