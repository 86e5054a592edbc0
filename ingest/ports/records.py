"""What intake could not store, and what it never received."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ingest.ports.intake import SettledAs


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A message that could not be stored, with how often it came, and who settled it how.

    `is_whole` is False where only the beginning of the payload is kept, or where the letter stands for all those that
    were over the quota: such a letter cannot be replayed. One that comes again after it was settled is open again.
    """

    id: str
    topic: str
    payload: bytes
    reason: str
    detail: str
    first_seen: datetime
    last_seen: datetime
    count: int
    is_whole: bool = True
    settled_as: SettledAs = SettledAs.OPEN
    settled_by: str | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A range of sequence numbers that a stream lacks: first to last, both missing."""

    stream: str
    boot: str
    first: int
    last: int
    since: datetime


class IntakeRecords(Protocol):
    """What intake could not store, and what it never received."""

    def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters, settled ones too."""

    def gaps(self) -> Sequence[Gap]:
        """Return the gaps that are open now."""
