"""Where the rows of a sheet begin, and what stands above them: titles, and headings of one row or several."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ingest.decode.table_cells import Cell, CellError, Row, amount_of, is_blank, key_of, known_unit, split_unit, text_of
from ingest.decode.table_names import Role, role_of
from ingest.decode.table_times import clock_of, is_time

HEAD_ROWS = 60
"""How many rows of a sheet are looked at for its headings."""

SHORTEST_AXIS = 4
"""How many days or times in a row, side by side, make a heading of them."""

Numbered = tuple[int, Row]
"""A row with its number in the sheet, from 1."""

_DAY = re.compile(r"(20\d{2})\s*[년.\-/]\s*(\d{1,2})\s*[월.\-/]\s*(\d{1,2})")
_MONTH = re.compile(r"(20\d{2})\s*[년.\-/_]\s*(\d{1,2})(?:\s*월|\b)")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands above one column: the texts from top to bottom, without the unit that they state."""

    position: int
    parts: tuple[str, ...]
    unit: str

    @property
    def name(self) -> str:
        """The heading in one line."""
        return " · ".join(self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class AxisCell:
    """A day of the month, a date or a time of the day as the heading of a column."""

    position: int
    cell: Cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above the rows of a sheet; `first_row` is the number of the first one.

    `axis` holds the columns that are headed by days or times, where the sheet lies on its side.
    """

    titles: tuple[str, ...]
    headings: tuple[Heading, ...]
    axis: tuple[AxisCell, ...]
    first_row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleDay:
    """What titles say of the day, as far as they do."""

    day: date | None
    month: tuple[int, int] | None
    year: int | None


def find_head(rows: Sequence[Numbered]) -> Head | None:
    """Return the head of a sheet by its first rows, merged cells filled in; None where it has none."""
    filled = [(number, row) for number, row in rows if not all(map(is_blank, row))]
    at = next((at for at in range(len(filled)) if _is_last_heading(filled, at)), None)
    if at is None:
        return None
    last = at
    while last + 1 < len(filled) and _goes_on(filled[at][1], filled[last + 1][1]):
        last += 1
    first = at
    while first > 0 and filled[first - 1][0] == filled[first][0] - 1 and _is_group(filled[first - 1][1], filled[at][1]):
        first -= 1
    axis = _axis(filled[at][1])
    above = [row for _, row in filled[first : last + 1]]
    return Head(
        titles=tuple(dict.fromkeys(text_of(cell) for _, row in filled[:first] for cell in row if not is_blank(cell))),
        headings=_headings(above, {each.position for each in axis}),
        axis=axis,
        first_row=filled[last][0] + 1,
    )


def title_day(titles: Sequence[str]) -> TitleDay:
    """Return the day, month or year that titles name, the first of each.

    Examples
    --------
    >>> title_day(["일일점검표", "2026년 11월"]).month
    (2026, 11)
    """
    text = "\n".join(titles)
    days = [_day_or_none(*map(int, found.groups())) for found in _DAY.finditer(text)]
    months = [(int(y), int(m)) for y, m in _MONTH.findall(text) if 1 <= int(m) <= 12]
    years = [int(found) for found in _YEAR.findall(text)]
    return TitleDay(
        day=next((day for day in days if day is not None), None),
        month=months[0] if months else None,
        year=years[0] if years else None,
    )


def is_heading_again(row: Row, head: Head) -> bool:
    """Whether a row further down repeats the headings, perhaps with other units."""
    parts = {each.position: {key_of(part) for part in each.parts} for each in head.headings if each.parts}
    same = [at for at, own in parts.items() if at < len(row) and key_of(split_unit(text_of(row[at]))[0]) in own]
    return len(same) >= 2 and 2 * len(same) > len(parts)


def _is_last_heading(filled: Sequence[Numbered], at: int) -> bool:
    row = filled[at][1]
    if at + 1 == len(filled):
        return False
    if _axis(row):
        return True
    if not _is_heading(row):
        return False
    roles = {role_of(split_unit(text_of(cell))[0]) for cell in row} - {None, Role.IGNORED}
    below = filled[at + 1][1]
    return len(roles) >= 2 or (_has_value(below) and not _axis(below))


def _is_heading(row: Row) -> bool:
    return not _has_value(row) and len({text_of(cell) for cell in row if not is_blank(cell)}) >= 2


def _has_value(row: Row) -> bool:
    return any(_is_value(cell) for cell in row)


def _is_value(cell: Cell) -> bool:
    if is_time(cell):
        return True
    try:
        return amount_of(cell) is not None
    except CellError:
        return False


def _goes_on(above: Row, below: Row) -> bool:
    """Whether a row under the headings belongs to them: sub-headings, or units alone."""
    if _has_value(below) or all(map(is_blank, below)):
        return False
    for upper, lower in zip(above, below, strict=False):
        is_named = role_of(text_of(upper)) is not None or is_blank(upper)
        if is_named and not is_blank(lower) and text_of(lower) != text_of(upper) and known_unit(text_of(lower)) is None:
            return False
    return any(not is_blank(cell) for cell in below)


def _is_group(above: Row, heading: Row) -> bool:
    """Whether a row above the headings groups them, as merged cells do; a title, or a name and its value, does not."""
    texts = [text_of(cell) for cell in above if not is_blank(cell)]
    if len(set(texts)) < 2 or any(text.endswith(":") for text in texts) or _has_value(above):
        return False
    return 5 * len(texts) >= 3 * sum(not is_blank(cell) for cell in heading)


def _headings(above: Sequence[Row], axis: set[int]) -> tuple[Heading, ...]:
    found = []
    for position in range(max(map(len, above))):
        texts = [text_of(row[position]) for row in above if position < len(row) and not is_blank(row[position])]
        split = [split_unit(text) for text in dict.fromkeys(texts)]
        parts = tuple(dict.fromkeys(name for name, _ in split if name))
        if position not in axis and (parts or texts):
            unit = next((unit for _, unit in reversed(split) if unit), "")
            found.append(Heading(position=position, parts=parts, unit=unit))
    return tuple(found)


def _axis(row: Row) -> tuple[AxisCell, ...]:
    """Return the longest run of days or times that rise from cell to cell."""
    best: list[AxisCell] = []
    run: list[AxisCell] = []
    before: float | None = None
    for position, cell in enumerate(row):
        place = _place(cell)
        if place is None or (before is not None and place <= before):
            run = []
        before = place
        if place is not None:
            run = [*run, AxisCell(position=position, cell=cell)]
            best = max(best, run, key=len)
    return tuple(best) if len(best) >= SHORTEST_AXIS else ()


def _place(cell: Cell) -> float | None:
    """Return where a heading lies on a time axis: a date, a time of the day or a day of the month."""
    if isinstance(cell, datetime) and cell.year > 1904:
        return cell.timestamp()
    if isinstance(cell, time | timedelta | datetime) or (isinstance(cell, str) and re.search(r"\d\s*[:시]", cell)):
        try:
            return clock_of(cell) / timedelta(days=1)
        except ValueError:
            return None
    try:
        number = float(text_of(cell).removesuffix("일") or "nan")
    except ValueError:
        return None
    return number if number in range(1, 32) else None


def _day_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
