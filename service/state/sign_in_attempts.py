"""How often sign-in has failed, by account and by address, since it last went well."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.orm import Session

from service.state.tables import SignInAttemptsRow
from service.state.upsert import upsert


class AttemptKind(StrEnum):
    """What attempts are counted by."""

    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """So many attempts without success, the last at `last_at`."""

    failures: int
    last_at: datetime


def find(session: Session, kind: AttemptKind, subject: str) -> Attempts | None:
    """Return how often a subject has tried in vain, or None."""
    row = session.get(SignInAttemptsRow, (kind.value, subject), with_for_update=True)
    return None if row is None else Attempts(failures=row.failures, last_at=row.last_at)


def save(session: Session, kind: AttemptKind, subject: str, attempts: Attempts) -> None:
    """Keep how often a subject has tried in vain."""
    row = {
        "kind": kind.value,
        "subject": subject,
        "failures": attempts.failures,
        "last_at": attempts.last_at,
    }
    upsert(session, SignInAttemptsRow, [row])
    session.expire_all()


def remove(session: Session, kind: AttemptKind, subject: str) -> None:
    """Forget a subject's attempts."""
    session.execute(
        delete(SignInAttemptsRow).where(SignInAttemptsRow.kind == kind.value, SignInAttemptsRow.subject == subject)
    )


def discard_before(session: Session, before: datetime) -> None:
    """Forget attempts that were last made before a time."""
    session.execute(delete(SignInAttemptsRow).where(SignInAttemptsRow.last_at < before))
