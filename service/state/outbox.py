"""Notices that wait to be sent: queued in the transaction of what they tell, and told apart by their key."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.state.tables import OutboxRow
from service.state.upsert import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that people or machines should hear of; `body` is JSON, `key` is what a receiver tells repeats by."""

    key: str
    kind: str
    site: SiteId
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNotice:
    """A notice in the queue, with how often it was tried."""

    id: int
    notice: Notice
    queued_at: datetime
    attempts: int
    trouble: str | None


def queue(session: Session, notice: Notice, *, now: datetime, not_before: datetime | None = None) -> None:
    """Queue a notice; one whose key is known already is left out."""
    row = {
        "key": notice.key,
        "kind": notice.kind,
        "site": notice.site,
        "body": notice.body,
        "queued_at": now,
        "not_before": not_before or now,
        "attempts": 0,
    }
    insert_new(session, OutboxRow, [row])


def pending(session: Session, now: datetime, *, limit: int = 100) -> tuple[WaitingNotice, ...]:
    """Return the notices that may be sent now, oldest first."""
    rows = session.scalars(
        select(OutboxRow)
        .where(OutboxRow.sent_at.is_(None), OutboxRow.not_before <= now)
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return tuple(
        WaitingNotice(
            id=row.id,
            notice=Notice(key=row.key, kind=row.kind, site=SiteId(row.site), body=row.body),
            queued_at=row.queued_at,
            attempts=row.attempts,
            trouble=row.trouble,
        )
        for row in rows
    )


def mark_sent(session: Session, notice_id: int, *, now: datetime) -> None:
    """Write down that the receiver has confirmed a notice."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == notice_id)
        .values(sent_at=now, attempts=OutboxRow.attempts + 1, trouble=None)
    )


def mark_failed(session: Session, notice_id: int, *, trouble: str, not_before: datetime) -> None:
    """Write down that a notice could not be delivered, and when to try again."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == notice_id)
        .values(attempts=OutboxRow.attempts + 1, trouble=trouble, not_before=not_before)
    )


def discard_before(session: Session, before: datetime) -> int:
    """Forget notices that were queued before a time, sent or not; return how many."""
    gone = session.execute(delete(OutboxRow).where(OutboxRow.queued_at < before).returning(OutboxRow.id))
    return len(gone.all())
