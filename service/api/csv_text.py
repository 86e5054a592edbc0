"""CSV that a spreadsheet opens without harm: no cell starts a formula, times are the site's own."""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from configs.instant import utc_of_ns
from models.prediction import Prediction
from service.api.decimation import Points

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BYTE_ORDER_MARK = "\ufeff"
CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""How a route says that it answers with CSV too."""


def guarded(cell: object) -> str:
    """Return the cell's text so that no spreadsheet takes it for a formula; numbers stay as they are.

    >>> guarded("=1+1"), guarded(-1.5)
    ("'=1+1", '-1.5')
    """
    text = "" if cell is None else str(cell)
    is_number = isinstance(cell, int | float)
    return f"'{text}" if not is_number and text.startswith(FORMULA_STARTS) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a CSV text that spreadsheets read as UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([guarded(cell) for cell in header])
    writer.writerows([guarded(cell) for cell in row] for row in rows)
    return BYTE_ORDER_MARK + out.getvalue()


def csv_response(name: str, text: str) -> Response:
    """Return a CSV text as a file of that name."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def local_time(at: datetime | None, zone: ZoneInfo) -> str | None:
    """Return a time in the site's zone, to the minute."""
    return None if at is None else at.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def points_as_csv(points: Points, *, name: str, unit: str, zone: ZoneInfo) -> str:
    """Return a series as CSV with times in the site's zone; a gap is a row without values."""
    columns = zip(
        points.times_ns.tolist(),
        points.low.tolist(),
        points.high.tolist(),
        points.mean.tolist(),
        points.good_share.tolist(),
        points.flags.tolist(),
        strict=True,
    )
    rows = (
        (_local(at, zone), _or_empty(low), _or_empty(high), _or_empty(mean), round(share, 4), flags)
        for at, low, high, mean, share, flags in columns
    )
    header = (f"time ({zone.key})", *(f"{name} {kind} [{unit}]" for kind in ("low", "high", "mean")))
    return csv_text((*header, "good share", "quality flags"), rows)


def degradation_as_csv(course: Points, prediction: Prediction | None, *, zone: ZoneInfo) -> str:
    """Return a slot's degradation and its forecast, in per cent of the failure limit, in the site's zone."""
    past = (
        (_local(at, zone), _or_empty(value), None, None, None)
        for at, value in zip(course.times_ns.tolist(), course.mean.tolist(), strict=True)
    )
    to_come = ((_shown(p.at, zone), None, p.p10, p.p50, p.p90) for p in (prediction.forecast if prediction else ()))
    header = (f"time ({zone.key})", "degradation [%]", *(f"forecast {name} [%]" for name in ("P10", "P50", "P90")))
    return csv_text(header, (*past, *to_come))


def _local(at_ns: int, zone: ZoneInfo) -> str:
    return _shown(utc_of_ns(at_ns), zone)


def _shown(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="milliseconds")


def _or_empty(value: float) -> float | None:
    return None if math.isnan(value) else value
