"""Names of time zones."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def check_time_zone(name: str) -> str:
    """Return a name that is a time zone; ValueError otherwise."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone; write one as Asia/Seoul") from None
    return name
