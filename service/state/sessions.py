"""Signed-in browsers, by the digest of their token."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from service.state.tables import SessionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedInSession:
    """A person is signed in since `started_at`, was last seen at `seen_at`, and in any case until `ends_at`."""

    digest: str
    person_id: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime


def add(session: Session, opened: SignedInSession) -> None:
    """Keep a new session."""
    session.add(
        SessionRow(
            digest=opened.digest,
            person_id=opened.person_id,
            started_at=opened.started_at,
            seen_at=opened.seen_at,
            ends_at=opened.ends_at,
        )
    )
    session.flush()


def find(session: Session, digest: str) -> SignedInSession | None:
    """Return a session by the digest of its token, or None."""
    row = session.get(SessionRow, digest)
    return None if row is None else _session(row)


def of_person(session: Session, person_id: str) -> tuple[SignedInSession, ...]:
    """Return a person's sessions, newest first."""
    rows = session.scalars(
        select(SessionRow).where(SessionRow.person_id == person_id).order_by(SessionRow.started_at.desc())
    )
    return tuple(_session(row) for row in rows)


def set_seen(session: Session, digest: str, seen_at: datetime) -> None:
    """Write down when a session was last used."""
    session.execute(update(SessionRow).where(SessionRow.digest == digest).values(seen_at=seen_at))


def remove(session: Session, digest: str) -> None:
    """End a session."""
    session.execute(delete(SessionRow).where(SessionRow.digest == digest))


def remove_of_person(session: Session, person_id: str) -> int:
    """End all sessions of a person; return how many there were."""
    gone = session.execute(delete(SessionRow).where(SessionRow.person_id == person_id).returning(SessionRow.digest))
    return len(gone.all())


def discard_before(session: Session, before: datetime) -> None:
    """Forget sessions that had to end before a time."""
    session.execute(delete(SessionRow).where(SessionRow.ends_at < before))


def _session(row: SessionRow) -> SignedInSession:
    return SignedInSession(
        digest=row.digest,
        person_id=row.person_id,
        started_at=row.started_at,
        seen_at=row.seen_at,
        ends_at=row.ends_at,
    )
