"""Shifts, weekends and holidays."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from simulators.calendar import (
    CONTINUOUS,
    ONE_SHIFT,
    THREE_SHIFTS,
    TWO_SHIFTS,
    Shifts,
    is_holiday,
    shift_hours,
    utc_offset_s,
)
from simulators.errors import SimulatorError

KST_S = 9 * 3600


def working_hours(shifts: Shifts, year: int, month: int, day: int) -> list[int]:
    """The local hours of one Korean day in which a machine works."""
    midnight = datetime(year, month, day, tzinfo=ZoneInfo("Asia/Seoul"))
    hours = shift_hours(shifts, int(midnight.timestamp()) // 3600, 24, KST_S)
    return [hour for hour in range(24) if hours.working[hour]]


def test_day_shift_works_from_eight_to_five_with_a_lunch_break() -> None:
    assert working_hours(ONE_SHIFT, 2026, 11, 24) == [8, 9, 10, 11, 13, 14, 15, 16]


def test_machine_stays_powered_over_lunch() -> None:
    noon = int(datetime(2026, 11, 24, 3, tzinfo=UTC).timestamp()) // 3600
    hours = shift_hours(ONE_SHIFT, noon, 1, KST_S)
    assert (hours.powered[0], hours.working[0]) == (True, False)


def test_day_shift_rests_on_weekends_and_holidays() -> None:
    assert working_hours(ONE_SHIFT, 2026, 11, 28) == []
    assert working_hours(ONE_SHIFT, 2026, 12, 25) == []
    assert working_hours(ONE_SHIFT, 2026, 9, 25) == []


def test_friday_night_shift_goes_on_into_saturday() -> None:
    assert working_hours(TWO_SHIFTS, 2026, 11, 28) == [1, 2, 3, 4]
    assert working_hours(THREE_SHIFTS, 2026, 11, 28) == [0, 1, 2, 3, 4, 5]


def test_continuous_machine_never_rests() -> None:
    assert working_hours(CONTINUOUS, 2026, 1, 1) == list(range(24))


def test_korean_holidays_are_known() -> None:
    assert is_holiday(date(2026, 2, 17))
    assert is_holiday(date(2025, 10, 6))
    assert not is_holiday(date(2026, 11, 24))


def test_offset_of_a_zone_is_its_offset_of_that_day() -> None:
    assert utc_offset_s(ZoneInfo("Asia/Seoul"), date(2026, 11, 24)) == KST_S
    assert utc_offset_s(ZoneInfo("Europe/Berlin"), date(2026, 7, 1)) == 7200


@pytest.mark.parametrize("span", [(8, 38), (24, 30), (9, 9)])
def test_impossible_shift_is_refused_in_one_line(span: tuple[int, int]) -> None:
    with pytest.raises(SimulatorError, match="impossible"):
        Shifts(name="x", spans=(span,), break_hours=(), weekends=False, holidays=False)
