"""Identifiers of facts that come without one: the same fact gets the same identifier, so it is kept once."""

import hashlib
from datetime import UTC, datetime


def digest_of(*parts: str | datetime | None) -> str:
    """Return an identifier of 32 hexadecimal digits for what the parts say together."""
    return hashlib.sha256("\n".join(map(_text, parts)).encode()).hexdigest()[:32]


def _text(part: str | datetime | None) -> str:
    if isinstance(part, datetime):
        return part.astimezone(UTC).isoformat()
    return "" if part is None else str(part)
