from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.calendar import Shift, Turn, WorkCalendar, last_turn, next_turn, public_holidays, turns_on

SEOUL = ZoneInfo("Asia/Seoul")
WEEK = (0, 1, 2, 3, 4)
DAY_SHIFT = Shift(name="day", start=time(8), end=time(17), weekdays=WEEK)
NIGHT_SHIFT = Shift(name="night", start=time(20), end=time(5), weekdays=WEEK)
PLAIN = WorkCalendar(shifts=(DAY_SHIFT,), holidays=public_holidays("KR"))
BOTH = WorkCalendar(shifts=(NIGHT_SHIFT, DAY_SHIFT))
TUESDAY = datetime(2026, 11, 24, 9, tzinfo=SEOUL)


def seoul(day: int, hour: int, *, month: int = 11, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=SEOUL)


def test_the_last_shift_before_a_time_is_over_by_then() -> None:
    turn = last_turn(PLAIN, SEOUL, seoul(27, 12), now=TUESDAY)
    assert turn == Turn(name="day", start=seoul(26, 8), end=seoul(26, 17))
    assert turn.start.tzinfo is UTC


def test_a_date_on_a_weekend_goes_to_the_friday_before() -> None:
    turn = last_turn(PLAIN, SEOUL, seoul(29, 12), now=TUESDAY)
    assert turn is not None
    assert turn.start == seoul(27, 8)


def test_a_date_in_the_new_year_holiday_goes_before_it() -> None:
    by = datetime(2027, 2, 9, 18, tzinfo=SEOUL)
    turn = last_turn(PLAIN, SEOUL, by, now=TUESDAY)
    assert turn is not None
    assert turn.start == seoul(5, 8, month=2, year=2027)


def test_what_is_overdue_goes_to_the_shift_under_way_or_the_next() -> None:
    assert last_turn(PLAIN, SEOUL, seoul(20, 9), now=TUESDAY) == next_turn(PLAIN, SEOUL, TUESDAY)
    after_work = next_turn(PLAIN, SEOUL, seoul(27, 18))
    assert after_work is not None
    assert after_work.start == seoul(30, 8)


def test_a_shift_over_midnight_ends_on_the_next_day_and_counts_while_under_way() -> None:
    assert [turn.name for turn in turns_on(BOTH, SEOUL, date(2026, 11, 24))] == ["day", "night"]
    turn = next_turn(BOTH, SEOUL, seoul(25, 2))
    assert turn == Turn(name="night", start=seoul(24, 20), end=seoul(25, 5))


def test_a_site_closes_and_opens_on_days_of_its_own() -> None:
    own = WorkCalendar(
        shifts=(DAY_SHIFT,),
        holidays=public_holidays("KR"),
        closed=(date(2026, 11, 25),),
        opened=(date(2026, 11, 28), date(2026, 12, 25)),
    )
    assert own.closure(date(2026, 11, 25)) == ""
    assert turns_on(own, SEOUL, date(2026, 11, 25)) == ()
    assert len(turns_on(own, SEOUL, date(2026, 11, 28))) == 1
    assert own.closure(date(2026, 12, 25)) is None
    assert PLAIN.closure(date(2026, 12, 25)) == "기독탄신일"


def test_where_nobody_works_for_two_months_there_is_no_shift() -> None:
    asleep = WorkCalendar(shifts=(DAY_SHIFT,), closed=tuple(date(2026, 11, 1) + timedelta(days=i) for i in range(120)))
    assert last_turn(asleep, SEOUL, seoul(27, 12), now=TUESDAY) is None


def test_a_calendar_of_holidays_says_where_it_ends() -> None:
    assert PLAIN.covers(date(2031, 12, 31))
    assert not PLAIN.covers(date(2032, 1, 1))
    assert turns_on(PLAIN, SEOUL, date(2032, 1, 1))
    assert BOTH.covers(date(2050, 1, 1))


def test_the_holidays_of_korea_hold_the_lunar_ones_and_their_substitutes() -> None:
    days = public_holidays("KR").days
    assert days[date(2026, 9, 25)] == "추석"
    assert date(2026, 8, 17) in days
    assert date(2027, 2, 9) in days
    assert {day.year for day in days} == set(range(2025, 2032))
    assert hash(public_holidays("KR")) == hash("KR")


@given(st.integers(0, 24 * 200), st.integers(0, 24 * 200))
def test_a_planned_shift_is_never_over_already_and_never_late_without_need(now_h: int, by_h: int) -> None:
    now, by = TUESDAY + timedelta(hours=now_h), TUESDAY + timedelta(hours=by_h)
    turn = last_turn(PLAIN, SEOUL, by, now=now)
    assert turn is not None
    assert turn.end > now
    first = next_turn(PLAIN, SEOUL, now)
    assert turn.end <= by or turn == first


@pytest.mark.parametrize("day", [date(2026, 11, 28), date(2026, 11, 29)])
def test_nobody_works_at_the_weekend_unless_told(day: date) -> None:
    assert turns_on(PLAIN, SEOUL, day) == ()
