"""Answers to requests that carried an Idempotency-Key, so that a repeat is answered and not done again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from service.state.tables import IdempotencyRow
from service.state.upsert import insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What was answered to the request with that digest."""

    request_digest: str
    status: int
    body: bytes


def find(session: Session, caller: str, key: str) -> KeptAnswer | None:
    """Return the answer to the caller's request with that key, or None where it is new; each at most 64 characters."""
    row = session.get(IdempotencyRow, (caller, key))
    if row is None:
        return None
    return KeptAnswer(request_digest=row.request_digest, status=row.status, body=row.body)


def keep(session: Session, caller: str, key: str, answer: KeptAnswer, *, now: datetime) -> None:
    """Keep an answer; one that is kept already stays."""
    row = {
        "actor_id": caller,
        "key": key,
        "request_digest": answer.request_digest,
        "status": answer.status,
        "body": answer.body,
        "at": now,
    }
    insert_new(session, IdempotencyRow, [row])


def discard_before(session: Session, before: datetime) -> None:
    """Forget answers that were given before a time."""
    session.execute(delete(IdempotencyRow).where(IdempotencyRow.at < before))
