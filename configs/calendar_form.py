"""A site's working calendar as it is written in the plant file, checked, and turned into the words of `configs.calendar`."""

from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from configs.calendar import COUNTRIES, WEEKDAYS, Shift, WorkCalendar, public_holidays
from configs.catalogue.forms import Form

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


def _check_country(country: str) -> str:
    if country not in COUNTRIES:
        raise ValueError(
            f"no public holidays are known; known are those of {', '.join(COUNTRIES)}: leave it out and list `closed` days"
        )
    return country


class ShiftForm(Form):
    """One shift, as `{ name = "주간", start = 08:00:00, end = 17:00:00, days = ["mon", "tue"] }`."""

    name: str = Field(min_length=1)
    start: time
    end: time
    days: tuple[Weekday, ...] = Field(default=("mon", "tue", "wed", "thu", "fri"), min_length=1)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("start and end are the site's local time; leave the offset out")
        if self.start == self.end:
            raise ValueError("start and end are the same; a shift around the clock is two shifts")
        return self

    def word(self) -> Shift:
        """Return the shift."""
        weekdays = tuple(sorted({WEEKDAYS.index(day) for day in self.days}))
        return Shift(name=self.name, start=self.start, end=self.end, weekdays=weekdays)


class CalendarForm(Form):
    """`calendar` of a site."""

    shifts: tuple[ShiftForm, ...] = Field(min_length=1)
    holidays: Annotated[str, AfterValidator(_check_country)] | None = None
    closed: tuple[date, ...] = ()
    opened: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if both := sorted(set(self.closed) & set(self.opened)):
            raise ValueError(f"{both[0]} is both closed and opened; remove one")
        return self

    def word(self) -> WorkCalendar:
        """Return the calendar."""
        return WorkCalendar(
            shifts=tuple(shift.word() for shift in self.shifts),
            holidays=public_holidays(self.holidays) if self.holidays else None,
            closed=tuple(sorted(set(self.closed))),
            opened=tuple(sorted(set(self.opened))),
        )


def written_calendar(calendar: WorkCalendar) -> dict[str, Any]:
    """Return the table that `CalendarForm` reads back as the calendar."""
    shifts = [
        {
            "name": shift.name,
            "start": shift.start,
            "end": shift.end,
            "days": [WEEKDAYS[day] for day in shift.weekdays],
        }
        for shift in calendar.shifts
    ]
    holidays = {} if calendar.holidays is None else {"holidays": calendar.holidays.country}
    return {"shifts": shifts} | holidays | {"closed": list(calendar.closed), "opened": list(calendar.opened)}
