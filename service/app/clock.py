"""The clock of this computer, for everything that takes one."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the time now, aware, in UTC."""
    return datetime.now(UTC)
