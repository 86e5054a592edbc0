"""Forgets what has served its time. The trail, cases, lives, labels and kept predictions stay."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.state import idempotency, outbox, sessions, sign_in_attempts, sign_in_links

ANSWERS_KEPT = timedelta(days=1)
ATTEMPTS_KEPT = timedelta(days=1)
NOTICES_KEPT = timedelta(days=90)


def tidy(session: Session, *, now: datetime) -> None:
    """Forget ended sessions and links, old answers, failed sign-ins and notices."""
    sessions.discard_before(session, now)
    sign_in_links.discard_before(session, now)
    idempotency.discard_before(session, now - ANSWERS_KEPT)
    sign_in_attempts.discard_before(session, now - ATTEMPTS_KEPT)
    outbox.discard_before(session, now - NOTICES_KEPT)
