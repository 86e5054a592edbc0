"""The trail of what was done, what waits to be sent, and answers to repeated requests."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from service.state.tables.base import ID, KIND, NAME, Base, UtcTime

_IS_WAITING = text("sent_at IS NULL")


class AuditRow(Base):
    """Who did what to what; rows are added and never changed, and each carries the hash of the one before."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_object_kind_object_id", "object_kind", "object_id"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UtcTime)
    actor_id: Mapped[str] = mapped_column(ID)
    actor_name: Mapped[str] = mapped_column(NAME)
    action: Mapped[str] = mapped_column(KIND)
    object_kind: Mapped[str] = mapped_column(KIND)
    object_id: Mapped[str] = mapped_column(NAME)
    site: Mapped[str | None] = mapped_column(ID)
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    previous_hash: Mapped[str] = mapped_column(ID)
    hash: Mapped[str] = mapped_column(ID)


class OutboxRow(Base):
    """A notice that waits to be sent; `key` is what a receiver tells repeats by."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("uq_outbox_key", "key", unique=True),
        Index("ix_outbox_waiting", "not_before", sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(NAME)
    kind: Mapped[str] = mapped_column(KIND)
    site: Mapped[str] = mapped_column(ID)
    body: Mapped[str] = mapped_column(Text)
    queued_at: Mapped[datetime] = mapped_column(UtcTime)
    not_before: Mapped[datetime] = mapped_column(UtcTime)
    attempts: Mapped[int] = mapped_column(Integer)
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime)
    trouble: Mapped[str | None] = mapped_column(Text)


class IdempotencyRow(Base):
    """The answer to a request that carried an Idempotency-Key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_at", "at"),)

    actor_id: Mapped[str] = mapped_column(ID, primary_key=True)
    key: Mapped[str] = mapped_column(NAME, primary_key=True)
    request_digest: Mapped[str] = mapped_column(ID)
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(UtcTime)


class CounterRow(Base):
    """A number that rises whenever a kind of fact changes, so that readers know when to look again."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(KIND, primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)
