"""Shapes of what intake could not store or never received, and of the state of the program."""

import base64
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from ingest.ports import DeadLetter, Gap, SettledAs
from ingest.reading import RejectionReason
from service.actions.dead_letters import Replayed


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
    is_whole: bool
    settled_as: SettledAs
    settled_by: str | None
    settled_at: datetime | None

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
            is_whole=letter.is_whole,
            settled_as=letter.settled_as,
            settled_by=letter.settled_by,
            settled_at=letter.settled_at,
        )


class DeadLetterReplay(BaseModel):
    """Which messages are to be stored after all: by id (or its beginning), or every open one of a reason."""

    model_config = ConfigDict(extra="forbid")

    ids: tuple[Annotated[str, Field(min_length=8, max_length=64)], ...] = Field(default=(), max_length=1000)
    reason: RejectionReason | None = None
    dry_run: bool = False


class DeadLetterDiscard(BaseModel):
    """Which messages are given up, and why."""

    model_config = ConfigDict(extra="forbid")

    ids: tuple[Annotated[str, Field(min_length=8, max_length=64)], ...] = Field(default=(), max_length=1000)
    reason: RejectionReason | None = None
    because: str = Field(min_length=1, max_length=200)


class RefusedLetterSchema(BaseModel):
    """A message that still cannot be stored, and what to do."""

    id: str
    detail: str


class ReplayedSchema(BaseModel):
    """What a replay came to, or would: the messages stored, and those that still cannot be."""

    stored: tuple[str, ...]
    refused: tuple[RefusedLetterSchema, ...]

    @classmethod
    def of(cls, found: Replayed) -> Self:
        """Return the shape of what a replay came to."""
        refused = tuple(RefusedLetterSchema(id=letter, detail=detail) for letter, detail in found.refused.items())
        return cls(stored=found.stored, refused=refused)


class DiscardedSchema(BaseModel):
    """How many open messages were given up."""

    discarded: int


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
