"""Delimited text with a header into columns of numbers on a time axis."""

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from service.errors import InvalidRequestError

ENCODINGS = ("utf-8-sig", "cp949")
DELIMITERS = (";", "\t", ",", "|")
TIME_NAMES = ("timestamp", "datetime", "time", "ts", "date", "t", "일시", "시간", "시각", "측정일시", "측정시각")
_MILLISECONDS_FROM = 1e11
"""Numbers from here on are milliseconds since 1970 and not seconds: as seconds they lie beyond the year 5000."""


def read_text(path: Path) -> str:
    """Return a file's text; InvalidRequestError where it is none."""
    try:
        content = path.read_bytes()
    except IsADirectoryError:
        raise InvalidRequestError(f"{path}: is a folder; name a file in it") from None
    except OSError as error:
        raise InvalidRequestError(
            f"{path}: cannot be read ({error.strerror}); correct the path or its rights"
        ) from None
    for encoding in ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidRequestError(f"{path}: is no text in UTF-8 or CP949; save it as UTF-8")


def read_table(path: Path) -> pd.DataFrame:
    """Return a file's table, every cell as text; InvalidRequestError where it has no header and rows."""
    text = read_text(path)
    header = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=header.count)
    try:
        table = pd.read_csv(StringIO(text), sep=delimiter, dtype=str, skip_blank_lines=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InvalidRequestError(f"{path}: is no table with a header ({error})") from None
    table.columns = [str(column).strip() for column in table.columns]
    if table.empty or len(table.columns) < 2:
        raise InvalidRequestError(f"{path}: needs a header, a time column and a value column, and at least one row")
    return table


def time_column(path: Path, columns: Sequence[str], wanted: str | None) -> str:
    """Return which column holds the time: the wanted one, or one with a usual name."""
    if wanted is not None:
        if wanted in columns:
            return wanted
        raise InvalidRequestError(f"{path}: has no column {wanted!r}; it has {', '.join(columns)}")
    for column in columns:
        if column.lower() in TIME_NAMES:
            return column
    raise InvalidRequestError(
        f"{path}: which column is the time? name it with --time-column; it has {', '.join(columns)}"
    )


def times_of(path: Path, column: pd.Series) -> NDArray[np.int64]:
    """Return a column's instants in nanoseconds; text without an offset counts as UTC, since only spacing matters."""
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.notna().all():
        stamps = numbers.to_numpy(np.float64)
        scale = 1e6 if float(np.median(np.abs(stamps))) >= _MILLISECONDS_FROM else 1e9
        return np.asarray(np.rint(stamps * scale), np.int64)
    instants = pd.to_datetime(column, utc=True, errors="coerce", format="ISO8601")
    if instants.isna().any():
        row = int(np.flatnonzero(instants.isna().to_numpy())[0])
        told = (
            f"{path}: line {row + 2}, column {column.name}: {column.iloc[row]!r} is no time; write 2026-11-24 08:13:05"
        )
        raise InvalidRequestError(told)
    return np.asarray(instants.to_numpy(dtype="datetime64[ns]"), np.int64)


def numbers_of(column: pd.Series) -> NDArray[np.float64]:
    """Return a column's numbers; NaN where a cell is empty or is no finite number."""
    numbers = pd.to_numeric(column.str.replace(",", ""), errors="coerce").to_numpy(np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)
