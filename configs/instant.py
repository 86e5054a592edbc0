"""Instants: aware UTC datetimes in words, nanoseconds since 1970 in arrays."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def utc_of_ns(at_ns: int) -> datetime:
    """Return the instant of so many nanoseconds since 1970, to the microsecond.

    >>> utc_of_ns(1_795_594_385_250_000_000).isoformat()
    '2026-11-24T08:13:05.250000+00:00'
    """
    return EPOCH + timedelta(microseconds=at_ns // 1000)


def ns_of(at: datetime) -> int:
    """Return the nanoseconds since 1970 of an aware time."""
    delta = at - EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000_000 + delta.microseconds * 1000
