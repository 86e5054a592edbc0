"""When a Korean factory works: shifts, lunch, weekends and public holidays."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from simulators.errors import SimulatorError

HOUR_S = 3600
DAY_S = 86_400

_LUNAR_HOLIDAYS = {
    2022: ("01-31", "02-01", "02-02", "05-08", "09-09", "09-10", "09-11", "09-12"),
    2023: ("01-21", "01-22", "01-23", "01-24", "05-27", "05-29", "09-28", "09-29", "09-30"),
    2024: ("02-09", "02-10", "02-11", "02-12", "05-15", "09-16", "09-17", "09-18"),
    2025: ("01-28", "01-29", "01-30", "05-05", "10-05", "10-06", "10-07", "10-08"),
    2026: ("02-16", "02-17", "02-18", "05-24", "05-25", "09-24", "09-25", "09-26"),
    2027: ("02-06", "02-07", "02-08", "02-09", "05-13", "09-14", "09-15", "09-16"),
    2028: ("01-26", "01-27", "01-28", "05-02", "10-02", "10-03", "10-04", "10-05"),
}
"""New Year, Buddha's Birthday and the harvest festival by the Korean lunar calendar, with their substitute days."""

_FIXED_HOLIDAYS = ("01-01", "03-01", "05-01", "05-05", "06-06", "08-15", "10-03", "10-09", "12-25")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """The hours of local time in which a machine is manned, as (first, last) pairs that may pass midnight.

    `break_hours` are hours in which it stands powered but idle.
    """

    name: str
    spans: tuple[tuple[int, int], ...]
    break_hours: tuple[int, ...]
    weekends: bool
    holidays: bool

    def __post_init__(self) -> None:
        for first, last in self.spans:
            if not (0 <= first < 24 and first < last <= first + 24):
                raise SimulatorError(
                    f"shift calendar {self.name}: a shift from {first} to {last} o'clock is impossible; "
                    "start within 0-23 and end at most 24 hours later"
                )


ONE_SHIFT = Shifts(name="one_shift", spans=((8, 17),), break_hours=(12,), weekends=False, holidays=False)
TWO_SHIFTS = Shifts(name="two_shifts", spans=((8, 17), (20, 29)), break_hours=(0, 12), weekends=False, holidays=False)
THREE_SHIFTS = Shifts(name="three_shifts", spans=((6, 30),), break_hours=(), weekends=False, holidays=False)
CONTINUOUS = Shifts(name="continuous", spans=((0, 24),), break_hours=(), weekends=True, holidays=True)

SHIFTS = {shifts.name: shifts for shifts in (ONE_SHIFT, TWO_SHIFTS, THREE_SHIFTS, CONTINUOUS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What a machine does in each hour of a span: `powered` and `working` are booleans of shape (hours,)."""

    powered: NDArray[np.bool_]
    working: NDArray[np.bool_]


def is_holiday(day: date) -> bool:
    """Tell whether Korea has a public holiday on that day (lunar ones from 2022 to 2028)."""
    month_day = f"{day:%m-%d}"
    return month_day in _FIXED_HOLIDAYS or month_day in _LUNAR_HOLIDAYS.get(day.year, ())


def utc_offset_s(zone: ZoneInfo, day: date) -> int:
    """Give the zone's distance from UTC at noon of a day, in seconds."""
    offset = datetime(day.year, day.month, day.day, 12, tzinfo=zone).utcoffset()
    return int((offset or timedelta()).total_seconds())


def shift_hours(shifts: Shifts, first_hour: int, count: int, offset_s: int) -> Hours:
    """Tell for `count` hours after epoch hour `first_hour` whether a machine on those shifts is powered and working.

    A shift belongs to the day that it starts on: a Friday night shift goes on into Saturday morning.
    """
    local = np.arange(first_hour, first_hour + count) + offset_s // HOUR_S
    day, hour = np.divmod(local, 24)
    powered = np.zeros(count, dtype=np.bool_)
    for start, end in shifts.spans:
        powered |= (hour >= start) & (hour < end) & _open_days(shifts, day)
        powered |= (hour + 24 >= start) & (hour + 24 < end) & _open_days(shifts, day - 1)
    return Hours(powered=powered, working=powered & ~np.isin(hour, shifts.break_hours))


def _open_days(shifts: Shifts, days: NDArray[np.int64]) -> NDArray[np.bool_]:
    first = int(days.min())
    table = np.array([_is_open(shifts.weekends, shifts.holidays, d) for d in range(first, int(days.max()) + 1)])
    return np.asarray(table[days - first])


@cache
def _is_open(weekends: bool, holidays: bool, epoch_day: int) -> bool:
    day = date(1970, 1, 1) + timedelta(days=epoch_day)
    return (weekends or day.weekday() < 5) and (holidays or not is_holiday(day))
