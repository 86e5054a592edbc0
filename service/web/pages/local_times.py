"""Times that a person types, in the zone of the site."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from service.errors import InvalidRequestError


def typed_time(text: str, zone: ZoneInfo, field: str) -> datetime | None:
    """Return the instant of a `datetime-local` field, None where it was left empty; InvalidRequestError otherwise."""
    if not text.strip():
        return None
    try:
        local = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InvalidRequestError(f"{field}: {text!r} is no time; write it like 2026-11-24T17:05") from None
    return local.replace(tzinfo=local.tzinfo or zone).astimezone(UTC)


def typed_number(text: str, field: str) -> float | None:
    """Return the number of a field, with or without thousands separators; None where it was left empty."""
    plain = text.strip().replace(",", "")
    if not plain:
        return None
    try:
        return float(plain)
    except ValueError:
        raise InvalidRequestError(f"{field}: {text!r} is no number") from None
