"""Shapes of what intake could not store or never received, and of the state of the program."""

import base64
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from ingest.ports import DeadLetter, Gap


class DeadLetterSchema(BaseModel):
    """A message that could not be stored: why, and what to do. `payload` is text, or base64 where it is not."""

    id: str
    topic: str
    reason: str
    detail: str
    first_seen: datetime
    last_seen: datetime
    count: int
    payload: str
    is_base64: bool

    @classmethod
    def of(cls, letter: DeadLetter) -> Self:
        """Return the shape of a dead letter."""
        try:
            payload, is_base64 = letter.payload.decode(), False
        except UnicodeDecodeError:
            payload, is_base64 = base64.b64encode(letter.payload).decode(), True
        return cls(
            id=letter.id,
            topic=letter.topic,
            reason=letter.reason,
            detail=letter.detail,
            first_seen=letter.first_seen,
            last_seen=letter.last_seen,
            count=letter.count,
            payload=payload,
            is_base64=is_base64,
        )


class GapSchema(BaseModel):
    """Sequence numbers of a stream that never arrived, first to last."""

    stream: str
    boot: str
    first: int
    last: int
    since: datetime

    @classmethod
    def of(cls, gap: Gap) -> Self:
        """Return the shape of a gap."""
        return cls(stream=gap.stream, boot=gap.boot, first=gap.first, last=gap.last, since=gap.since)


class PartStatusSchema(BaseModel):
    """One part of the program: whether it works, and if not, why."""

    name: str
    ready: bool
    detail: str


class StatusSchema(BaseModel):
    """How the program is: what works, what it watches, and what it could not take in."""

    version: str
    simulated: bool
    ready: bool
    at: datetime
    parts: tuple[PartStatusSchema, ...]
    machines: int
    machines_reporting: int
    newest_received_at: datetime | None
    open_pages: int
    open_gaps: int
