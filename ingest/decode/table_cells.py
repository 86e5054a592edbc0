"""What a cell of a table that people keep may hold, and what is said of one that cannot be used."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from math import isfinite

from configs.units import unit_of

Cell = str | float | int | bool | datetime | date | time | timedelta | None
Row = tuple[Cell, ...]


class CellProblem(StrEnum):
    """Why a cell, or a row for want of it, is not taken in."""

    NOT_A_NUMBER = "not_a_number"
    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    FUTURE_TIME = "future_time"
    TOO_OLD = "too_old"
    UNKNOWN_MACHINE = "unknown_machine"
    AMBIGUOUS_MACHINE = "ambiguous_machine"
    UNKNOWN_SENSOR = "unknown_sensor"
    AMBIGUOUS_SENSOR = "ambiguous_sensor"
    WRONG_UNIT = "wrong_unit"
    UNIT_CHANGE = "unit_change"
    SAME_INSTANT = "same_instant"
    NOT_CALCULATED = "not_calculated"
    UNKNOWN_PART = "unknown_part"
    BAD_LIFE = "bad_life"
    UNKNOWN_TYPE = "unknown_type"
    NAMED_TWICE = "named_twice"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRejection:
    """One cell, or one row, that is not taken in: its row as the sheet numbers it, its column by name, and what stood there."""

    row: int
    column: str
    problem: CellProblem
    shown: str


class CellError(ValueError):
    """A cell cannot be used."""

    def __init__(self, problem: CellProblem, shown: str) -> None:
        super().__init__(f"{problem}: {shown}")
        self.problem = problem
        self.shown = shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A number, with the unit that its cell states, or ""."""

    value: float
    unit: str


_BLANKS = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "–",
        "—",
        "―",
        "/",
        ".",
        "n/a",
        "na",
        "nan",
        "none",
        "null",
        "없음",
        "미측정",
        "해당없음",
        "결측",
        "미실시",
        "〃",
    }
)
_NUMBER = re.compile(
    r"([+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|[+-]?\.\d+)(e[+-]?\d+)?\s*(.*)", re.DOTALL | re.IGNORECASE
)
_BRACKETED = re.compile(r"^(.*?)\s*[(\[{<]\s*([^()\[\]{}<>]*?)\s*[)\]}>]\s*$", re.DOTALL)
_PUNCTUATION = re.compile(r"[\s_\-./·:,()\[\]{}<>#~*]+")


def text_of(cell: Cell) -> str:
    """Return a cell as one line of text without compatibility forms: full-width digits and the like become plain ones."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return " ".join(unicodedata.normalize("NFKC", str(cell)).split())


def key_of(text: str) -> str:
    """Return what two spellings of one name have in common.

    Examples
    --------
    >>> key_of("CNC-03 호기") == key_of("cnc_03호기")
    True
    """
    return _PUNCTUATION.sub("", text_of(text).casefold())


def is_blank(cell: Cell) -> bool:
    """Whether a cell says that there is no value."""
    return cell is None or (isinstance(cell, str) and text_of(cell).casefold() in _BLANKS)


def amount_of(cell: Cell) -> Amount | None:
    """Return the number of a cell, None where it says that there is none.

    Raises
    ------
    CellError
        The cell holds something else.

    Examples
    --------
    >>> amount_of("1,234.5 ℃")
    Amount(value=1234.5, unit='degC')
    """
    if is_blank(cell):
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _finite(float(cell), text_of(cell))
    if isinstance(cell, str) and cell.startswith("#"):
        raise CellError(CellProblem.NOT_CALCULATED, text_of(cell)[:48])
    found = _NUMBER.fullmatch(text_of(cell)) if isinstance(cell, str) else None
    unit = known_unit(found[3]) if found and found[3] else ""
    if found is None or unit is None:
        raise CellError(CellProblem.NOT_A_NUMBER, text_of(cell)[:48])
    amount = _finite(float(found[1].replace(",", "") + (found[2] or "")), text_of(cell))
    return Amount(value=amount.value, unit=unit)


def known_unit(text: str) -> str | None:
    """Return the symbol of a unit however it is written, None where it is none that we know."""
    for spelling in (text.strip(), text_of(text), text_of(text).replace(" ", ""), _SPOKEN.get(key_of(text), "")):
        unit = unit_of(spelling) if spelling else None
        if unit is not None:
            return unit.symbol
    return None


def split_unit(text: str) -> tuple[str, str]:
    """Return the name in a heading and the unit that it states, "" where it states none.

    Examples
    --------
    >>> split_unit("주축 진동(mm/s)")
    ('주축 진동', 'mm/s')
    >>> split_unit("온도 ℃")
    ('온도', 'degC')
    """
    plain = text_of(text)
    bracketed = _BRACKETED.fullmatch(plain)
    if bracketed is not None:
        unit = known_unit(bracketed[2])
        if unit is not None:
            return bracketed[1], unit
    name, _, last = plain.rpartition(" ")
    unit = known_unit(last) if name and (len(last) > 1 or not last.isalpha()) else None
    if unit is not None:
        return name, unit
    return (plain, "") if known_unit(plain) is None else ("", known_unit(plain) or "")


def _finite(value: float, shown: str) -> Amount:
    if not isfinite(value):
        raise CellError(CellProblem.NOT_A_NUMBER, shown[:48])
    return Amount(value=value, unit="")


_SPOKEN = {
    "도": "degC", "섭씨": "degC", "화씨": "degF", "암페어": "A", "볼트": "V", "퍼센트": "%", "바": "bar", "시간": "h", "분": "min", "초": "s",
    "회전": "rpm", "킬로와트": "kW",
}  # fmt: skip
