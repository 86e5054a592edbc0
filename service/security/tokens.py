"""Secrets that are handed out once: 256 random bits, of which only the digest is kept."""

import hashlib
import secrets

_BYTES = 32


def draw_token() -> str:
    """Return a fresh token of 256 random bits, as text that fits into a URL and a header."""
    return secrets.token_urlsafe(_BYTES)


def draw_id() -> str:
    """Return a fresh identifier of 64 random bits; it is no secret."""
    return secrets.token_hex(8)


def digest_of(token: str) -> str:
    """Return the SHA-256 of a token; no salt, for a token that cannot be guessed needs none."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_same(one: str, other: str) -> bool:
    """Whether two digests are equal, in a time that does not tell how far."""
    return secrets.compare_digest(one, other)
