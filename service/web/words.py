"""Words of the pages in the reader's language, with times in the site's zone.

Sentences live in `locales/<language>/LC_MESSAGES/messages.po` under a key; Korean is the source of truth. A placeholder
may ask for the particle that fits its value: its format is then a pair of particles, as in the Korean file.
"""

import gettext
import re
import string
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from configs.plant import Text
from service.http.language import Language
from service.web.numbers import length_of
from service.web.particles import with_particle


def key(name: str) -> str:
    """Mark a catalogue key that stands in a table, so that the extraction finds it."""
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Says things in one language, to people in one time zone, at one moment `now` (aware)."""

    language: Language
    zone: ZoneInfo
    now: datetime

    def say(self, name: str, /, **values: object) -> str:
        """Return the sentence of that key with its placeholders filled."""
        return _FORMATTER.vformat(_catalogue(self.language).gettext(name), (), values)

    def raw(self, name: str) -> str:
        """Return the sentence of that key with its placeholders, for the scripts to fill."""
        return _catalogue(self.language).gettext(name)

    def count(self, name: str, number: int, /, **values: object) -> str:
        """Return the sentence of that key for a number of things, which it may name as `{number}`."""
        sentence = _catalogue(self.language).ngettext(name, name, number)
        return _FORMATTER.vformat(sentence, (), {"number": number, **values})

    def text(self, text: Text) -> str:
        """Return a name of the plant file in the reader's language; its number is never left alone on a line."""
        return _LAST_NUMBER.sub(_NO_BREAK, text.ko if self.language == "ko" else text.en)

    def within(self, text: Text) -> str:
        """Return a name as it stands inside a sentence: in English without its capital, unless it is an acronym."""
        name = self.text(text)
        is_plain = self.language == "en" and name[:1].isupper() and name[1:2].islower()
        return name[:1].lower() + name[1:] if is_plain else name

    def day(self, at: datetime) -> str:
        """Return the day with its weekday; with the year where it is not this one."""
        return self._written(at, key("date.day") if self._is_this_year(at) else key("date.day_of_year"))

    def short_day(self, at: datetime) -> str:
        """Return month and day as short as an axis wants them."""
        return self._written(at, key("date.short_day"))

    def moment(self, at: datetime) -> str:
        """Return day, weekday, hour and minute."""
        return self._written(at, key("date.moment") if self._is_this_year(at) else key("date.moment_of_year"))

    def month(self, at: datetime) -> str:
        """Return the name of the month."""
        return self._written(at, key("date.month"))

    def clock(self, at: datetime) -> str:
        """Return hour and minute."""
        return self._written(at, key("date.clock"))

    def until(self, at: datetime) -> str:
        """Return the clock time where it is today, day and clock time where not."""
        return self.clock(at) if self.local_day(at) == self.today else self.moment(at)

    def stamp(self, at: datetime) -> str:
        """Return the time as tables write it, to the second."""
        return at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")

    @property
    def today(self) -> date:
        """The day at the site."""
        return self.local_day(self.now)

    def local_day(self, at: datetime) -> date:
        """Return the day at the site at that instant."""
        return at.astimezone(self.zone).date()

    def length(self, span: timedelta) -> str:
        """Return a length of time in its largest fitting unit."""
        number, name = length_of(span)
        return self.count(LENGTHS[name], round(number), amount=_plain(number))

    def lasting(self, span: timedelta) -> str:
        """Return how long something has lasted, in at most two units."""
        whole_seconds = max(0, int(span.total_seconds()))
        minutes = whole_seconds // 60
        if minutes < 1:
            return self.say("lasting.seconds", seconds=whole_seconds)
        if minutes < 60:
            return self.say("lasting.minutes", minutes=minutes)
        hours, rest = divmod(minutes, 60)
        if hours < 24:
            return self.say("lasting.hours", hours=hours, minutes=rest)
        return self.count("lasting.days", hours // 24)

    def ago(self, at: datetime) -> str:
        """Return how long ago it was."""
        return self.say("lasting.ago", lasting=self.lasting(self.now - at))

    def between(self, low: timedelta, high: timedelta) -> str:
        """Return a range of lengths, with the unit once where both have the same."""
        (first, unit), (last, same) = length_of(low), length_of(high)
        if unit != same:
            return self.say("range.mixed", low=self.length(low), high=self.length(high))
        return self.say(RANGES[unit], low=_plain(first), high=_plain(last))

    def money(self, krw: float) -> str:
        """Return an amount of won, rounded as people say it."""
        if krw < 10_000:
            return self.say("money.small", whole=f"{round(krw, -2):,.0f}")
        rounded = round(krw, -4 if krw < 10_000_000 else -5)
        return self.say("money.large", whole=f"{rounded:,.0f}", ten_thousands=f"{rounded / 10_000:,.0f}")

    def _written(self, at: datetime, pattern: str) -> str:
        return format_datetime(at, self.say(pattern), tzinfo=self.zone, locale=self.language)

    def _is_this_year(self, at: datetime) -> bool:
        return self.local_day(at).year == self.today.year


_NO_BREAK = "\N{NO-BREAK SPACE}"
_LAST_NUMBER = re.compile(r" (?=\d\S{0,3}$)")

LENGTHS = {
    "minutes": key("length.minutes"),
    "hours": key("length.hours"),
    "days": key("length.days"),
    "months": key("length.months"),
    "years": key("length.years"),
}
RANGES = {
    "minutes": key("range.minutes"),
    "hours": key("range.hours"),
    "days": key("range.days"),
    "months": key("range.months"),
    "years": key("range.years"),
}


class _Formatter(string.Formatter):
    def format_field(self, value: object, format_spec: str) -> str:
        if "/" in format_spec:
            return with_particle(str(value), format_spec)
        formatted: str = super().format_field(value, format_spec)
        return formatted


_FORMATTER = _Formatter()


def _plain(number: float) -> str:
    return f"{number:,.0f}" if number == round(number) else f"{number:,.1f}"


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    folder = Path(str(files("service.web") / "locales"))
    return gettext.translation("messages", localedir=folder, languages=[language])
