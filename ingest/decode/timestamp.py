"""Instants as devices write them: RFC 3339 with an offset, or whole milliseconds since 1970 UTC."""

import re
from datetime import UTC, datetime

from ingest.decode.refusal import Refused, refuse
from ingest.reading import RejectionReason

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant_ns(stamp: object, member: str) -> int:
    """Return `stamp` in nanoseconds since 1970 UTC; `member` names it in the refusal.

    Examples
    --------
    >>> instant_ns("1970-01-01T09:00:00.25+09:00", "ts")
    250000000
    >>> instant_ns(1500, "ts")
    1500000000
    """
    if type(stamp) is int:
        return stamp * 1_000_000
    if type(stamp) is not str:
        raise _unusable(member)
    if _RFC_3339.fullmatch(stamp) is None:
        raise _unusable(member)
    try:
        since = datetime.fromisoformat(stamp) - _EPOCH
    except (ValueError, OverflowError):
        raise _unusable(member) from None
    return (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1_000


def _unusable(member: str) -> Refused:
    detail = f'"{member}" must be RFC 3339 with an offset (2026-11-24T08:13:05.250Z) or whole milliseconds since 1970'
    return refuse(RejectionReason.BAD_TIME, detail)
