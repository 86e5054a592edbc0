"""Which sequence numbers of a stream have arrived: tells duplicates from news, and makes silent loss visible."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLedger:
    """One (stream, boot): the first and highest `seq` seen, and the ranges in between that are missing.

    `gaps` holds (first, last, since_ns), in order, not touching.
    """

    stream: str
    boot: str
    first: int
    highest: int
    gaps: tuple[tuple[int, int, int], ...]
