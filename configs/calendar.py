"""When a factory works: its shifts, its holidays, and the days that differ.

A calendar of public holidays ends with its last year. Later days count as they would without holidays, and whoever plans
with them is told (`covers`).
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from zoneinfo import ZoneInfo

COUNTRIES = ("KR",)
"""Countries whose public holidays come with the program."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = timedelta(days=1)
_LONGEST_CLOSURE_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Holidays:
    """The public holidays of a country by day, known from `first_year` to `last_year`."""

    country: str
    first_year: int
    last_year: int
    source: str
    days: Mapping[date, str]

    def __hash__(self) -> int:
        """Return one hash for a country: its holidays come from one file."""
        return hash(self.country)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A shift in the site's local time on some weekdays (0 = Monday); one whose end is not after its start ends a day later."""

    name: str
    start: time
    end: time
    weekdays: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """When a site works. On days in `opened` all its shifts work whatever the day is, on days in `closed` none."""

    shifts: tuple[Shift, ...]
    holidays: Holidays | None = None
    closed: tuple[date, ...] = ()
    opened: tuple[date, ...] = ()

    def covers(self, day: date) -> bool:
        """Whether public holidays are known for that day; true where the site keeps none."""
        return self.holidays is None or self.holidays.first_year <= day.year <= self.holidays.last_year

    def closure(self, day: date) -> str | None:
        """Return why nobody works on a day whatever its weekday: the holiday's name, "" for a day of the site's own."""
        if day in self.opened:
            return None
        if day in self.closed:
            return ""
        return self.holidays.days.get(day) if self.holidays is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One shift on one day, in UTC."""

    name: str
    start: datetime
    end: datetime


@cache
def public_holidays(country: str) -> Holidays:
    """Return the public holidays of one of `COUNTRIES`."""
    text = files("configs").joinpath(f"holidays_{country.lower()}.toml").read_text(encoding="utf-8")
    table = tomllib.loads(text)
    days = {date.fromisoformat(day): name for year in table["years"].values() for day, name in year.items()}
    return Holidays(
        country=country,
        first_year=table["first_year"],
        last_year=table["last_year"],
        source=table["source"],
        days=MappingProxyType(days),
    )


def turns_on(calendar: WorkCalendar, zone: ZoneInfo, day: date) -> tuple[Turn, ...]:
    """Return the shifts that begin on a local day, first to last."""
    if calendar.closure(day) is not None:
        return ()
    every = day in calendar.opened
    shifts = [shift for shift in calendar.shifts if every or day.weekday() in shift.weekdays]
    return tuple(sorted((_turn(shift, zone, day) for shift in shifts), key=lambda turn: turn.start))


def last_turn(calendar: WorkCalendar, zone: ZoneInfo, by: datetime, *, now: datetime) -> Turn | None:
    """Return the last shift from now on that is over by a time; where there is none, the next one from now.

    A shift that is under way counts. None where nobody works for two months.
    """
    for turn in _backwards(calendar, zone, by, now):
        if turn.end <= by and turn.end > now:
            return turn
    return next_turn(calendar, zone, now)


def next_turn(calendar: WorkCalendar, zone: ZoneInfo, now: datetime) -> Turn | None:
    """Return the shift that is under way, or the next one; None where nobody works for two months."""
    first = now.astimezone(zone).date() - _DAY
    for offset in range(_LONGEST_CLOSURE_DAYS + 2):
        for turn in turns_on(calendar, zone, first + offset * _DAY):
            if turn.end > now:
                return turn
    return None


def _backwards(calendar: WorkCalendar, zone: ZoneInfo, by: datetime, now: datetime) -> Iterator[Turn]:
    """Give the shifts that end by a time, the latest first, as far back as now but no longer than two months."""
    day = by.astimezone(zone).date()
    first = max(now.astimezone(zone).date() - _DAY, day - _LONGEST_CLOSURE_DAYS * _DAY)
    while day >= first:
        yield from reversed(turns_on(calendar, zone, day))
        day -= _DAY


def _turn(shift: Shift, zone: ZoneInfo, day: date) -> Turn:
    last = day if shift.end > shift.start else day + _DAY
    return Turn(
        name=shift.name,
        start=datetime.combine(day, shift.start, zone).astimezone(UTC),
        end=datetime.combine(last, shift.end, zone).astimezone(UTC),
    )
