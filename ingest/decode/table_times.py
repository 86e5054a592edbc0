"""When a row of a table that people keep was written: the many ways to write a day and a time, in the zone of the site."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from ingest.decode.table_cells import Cell, CellError, CellProblem, is_blank, text_of
from ingest.reading import Times

HOUR_NS = 3_600_000_000_000
_EARLIEST = datetime(2000, 1, 1)  # noqa: DTZ001 (the site's own clock)
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001
_LATEST_SERIAL = 73_051.0
"""The serial number of 2100-01-01."""

_DAY = re.compile(
    r"(?:(?P<y>\d{4}|\d{2})\s*[-./년]\s*(?P<m>\d{1,2})\s*[-./월]\s*(?P<d>\d{1,2})|(?P<m2>\d{1,2})\s*[/월]\s*(?P<d2>\d{1,2}))"
    r"(?!\d)\s*[일.]?(?:\s*\(?[월화수목금토일](?:요일)?\)?)?"
    r"|(?P<y8>(?:19|20)\d{2})(?P<m8>\d{2})(?P<d8>\d{2})"
)
_CLOCK = re.compile(
    r"(?P<half>오전|오후|am|pm)?\s*(?P<h>\d{1,2})\s*(?:[:시]?\s*(?:(?P<mi>\d{1,2})\s*분?)?(?:\s*:?\s*(?P<s>\d{1,2}(?:\.\d+)?)\s*초?)?)?\s*(?P<after>am|pm)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(.*\d)\s*(z|[+-]\d{2}:?\d{2})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """How the times of a sheet are meant: in which zone, from which Excel epoch, and in which year where none is written."""

    zone: ZoneInfo
    from_1904: bool = False
    year: int | None = None


def local_time(cell: Cell, clock: Cell, calendar: Calendar) -> datetime:
    """Return the instant of a cell, or of a day and a `clock` cell, as the site's clock shows it; it has no zone.

    Raises
    ------
    CellError
        There is no time, or none that can be.

    Examples
    --------
    >>> local_time("2026.11.24", "오후 3시 5분", Calendar(zone=ZoneInfo("Asia/Seoul")))
    datetime.datetime(2026, 11, 24, 15, 5)
    >>> local_time("2026-11-24 24:00", None, Calendar(zone=ZoneInfo("Asia/Seoul")))
    datetime.datetime(2026, 11, 25, 0, 0)
    """
    if is_blank(cell):
        raise CellError(CellProblem.NO_TIME, text_of(cell))
    try:
        day = _moment(cell, calendar)
        return day if is_blank(clock) else datetime.combine(day.date(), time()) + clock_of(clock)
    except CellError:
        raise
    except (ValueError, OverflowError) as error:
        shown = f"{text_of(cell)} {text_of(clock)}".strip()
        raise CellError(CellProblem.BAD_TIME, shown[:48]) from error


def clock_of(cell: Cell) -> timedelta:
    """Return a time of the day, 24:00 too; ValueError where a cell holds none."""
    if isinstance(cell, datetime):
        since = cell - min(_EPOCHS.values(), key=lambda epoch: abs(cell - epoch - timedelta(hours=12)))
        return _within_day(since if since <= timedelta(days=2) else cell - datetime.combine(cell.date(), time()))
    if isinstance(cell, time):
        return timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second, microseconds=cell.microsecond)
    if isinstance(cell, timedelta):
        return _within_day(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _within_day(_rounded(cell) if cell < 1 or cell != int(cell) else timedelta(hours=int(cell)))
    return _written_clock(text_of(cell))


def is_time(cell: Cell) -> bool:
    """Whether a cell is a time by itself: a date or time of the workbook, or text that can be nothing else."""
    if isinstance(cell, str):
        text = text_of(cell)
        return _DAY.match(text) is not None and _is_written(text)
    return isinstance(cell, datetime | date | time | timedelta)


def instants_ns(local: Times, zone: ZoneInfo) -> Times:
    """Return nanoseconds UTC of the site's own times (n,), as nanoseconds of its clock.

    An hour that the clock shows twice is taken as the first one.
    """
    hours, which = np.unique(local // HOUR_NS, return_inverse=True)
    offsets = [_offset_ns(_EPOCH + timedelta(hours=int(hour)), zone) for hour in hours]
    return np.asarray(local - np.array(offsets, np.int64)[which], np.int64)


def local_ns(at: datetime) -> int:
    """Return a time of the site's clock as nanoseconds of that clock."""
    return (at - _EPOCH) // timedelta(microseconds=1) * 1_000


def utc_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant of a time of the site's clock."""
    return at.replace(tzinfo=zone).astimezone(UTC)


def quick_times(cells: Sequence[Cell]) -> Times | None:
    """Return a whole column of plain times as nanoseconds of the site's clock, None where one is written otherwise.

    For the usual case, a hundred times as fast as cell by cell.
    """
    first = cells[0] if cells else None
    if isinstance(first, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?", first):
        if any(not isinstance(cell, str) or len(cell) != len(first) or cell[10] not in " T" for cell in cells):
            return None
        try:
            return np.array(cells, "datetime64[ns]").astype(np.int64)
        except ValueError:
            return None
    return None


def _moment(cell: Cell, calendar: Calendar) -> datetime:
    if isinstance(cell, datetime):
        return _checked(cell)
    if isinstance(cell, date):
        return _checked(datetime.combine(cell, time()))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_number(float(cell), calendar)
    return _checked(_of_text(text_of(cell), calendar))


def _of_number(number: float, calendar: Calendar) -> datetime:
    """Read a serial day of Excel, or a day written as 20261124."""
    if number.is_integer() and 19_000_101 <= number <= 21_001_231:
        return _checked(_of_text(str(int(number)), calendar))
    if not 0 < number < _LATEST_SERIAL:
        raise ValueError(number)
    return _checked(_EPOCHS[calendar.from_1904] + _rounded(number))


def _of_text(text: str, calendar: Calendar) -> datetime:
    offset = _OFFSET.fullmatch(text)
    if offset is not None and ":" in offset[1]:
        aware = datetime.fromisoformat(text.replace("z", "Z"))
        return aware.astimezone(calendar.zone).replace(tzinfo=None)
    found = _DAY.match(text)
    if found is None:
        return _checked(_of_serial_text(text, calendar))
    day = datetime(_year(found["y"] or found["y8"], calendar), *_month_and_day(found))  # noqa: DTZ001
    rest = text[found.end() :].removeprefix("T").strip()
    return day + (_written_clock(rest) if rest else timedelta())


def _of_serial_text(text: str, calendar: Calendar) -> datetime:
    number = float(text)
    if "." not in text and number < 36_526:
        raise ValueError(text)
    return _of_number(number, calendar)


def _year(written: str | None, calendar: Calendar) -> int:
    if written is None:
        if calendar.year is None:
            raise ValueError("no year")
        return calendar.year
    return int(written) + (2000 if len(written) == 2 else 0)


def _month_and_day(found: "re.Match[str]") -> tuple[int, int]:
    return int(found["m"] or found["m2"] or found["m8"]), int(found["d"] or found["d2"] or found["d8"])


def _is_written(text: str) -> bool:
    try:
        _of_text(text, Calendar(zone=ZoneInfo("UTC"), year=2024))
    except (ValueError, OverflowError):
        return False
    return True


def _written_clock(text: str) -> timedelta:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour, minute, second = int(found["h"]), int(found["mi"] or 0), float(found["s"] or 0)
    half = (found["half"] or found["after"] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError(text)
    if half:
        hour = hour % 12 + (12 if half in {"오후", "pm"} else 0)
    if minute > 59 or second >= 60:
        raise ValueError(text)
    return _within_day(timedelta(hours=hour, minutes=minute, seconds=second))


def _within_day(span: timedelta) -> timedelta:
    if not timedelta() <= span <= timedelta(days=1):
        raise ValueError(span)
    return span


def _rounded(days: float) -> timedelta:
    """Return a fraction of days to the millisecond: a workbook keeps eight in the morning as 0.33333333333."""
    return timedelta(milliseconds=round(days * 86_400_000))


def _checked(at: datetime) -> datetime:
    if at < _EARLIEST:
        raise CellError(CellProblem.TOO_OLD, at.isoformat(sep=" "))
    return at


def _offset_ns(hour: datetime, zone: ZoneInfo) -> int:
    offset = hour.replace(tzinfo=zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) * 1_000_000_000
