"""One-time sign-in links, by the digest of their token."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from service.state.tables import SignInLinkRow


def add(session: Session, digest: str, person_id: str, *, made_at: datetime, ends_at: datetime) -> None:
    """Keep a new link."""
    session.add(SignInLinkRow(digest=digest, person_id=person_id, made_at=made_at, ends_at=ends_at, used_at=None))
    session.flush()


def use(session: Session, digest: str, *, now: datetime) -> str | None:
    """Use a link up and return whose it is; None where it is unknown, used or too old. Only one of many can."""
    return session.scalar(
        update(SignInLinkRow)
        .where(SignInLinkRow.digest == digest, SignInLinkRow.used_at.is_(None), SignInLinkRow.ends_at > now)
        .values(used_at=now)
        .returning(SignInLinkRow.person_id)
    )


def remove_of_person(session: Session, person_id: str) -> None:
    """Forget all links of a person."""
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.person_id == person_id))


def discard_before(session: Session, before: datetime) -> None:
    """Forget links that ended before a time."""
    session.execute(delete(SignInLinkRow).where(SignInLinkRow.ends_at < before))
