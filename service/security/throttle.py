"""Slows down whoever guesses passwords: by account and by address, and never locks anybody out for good."""

import math
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.errors import TooManyAttemptsError
from service.state import sign_in_attempts
from service.state.sign_in_attempts import AttemptKind, Attempts

FREE_ATTEMPTS = {AttemptKind.ACCOUNT: 5, AttemptKind.ADDRESS: 20}
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=24)


def wait_after(failures: int, free: int) -> timedelta:
    """Return how long to wait after so many failures: nothing for the free ones, then twice as long each time.

    >>> [wait_after(n, 5).total_seconds() for n in (4, 5, 6, 20)]
    [0.0, 5.0, 10.0, 900.0]
    """
    if failures < free:
        return timedelta(0)
    factor = math.ldexp(1.0, min(failures - free, 16))
    return min(FIRST_WAIT * factor, LONGEST_WAIT)


def count_attempt(session: Session, kind: AttemptKind, subject: str, *, now: datetime) -> None:
    """Count an attempt before it is known to fail, so that many at once cannot slip through.

    Raises
    ------
    TooManyAttemptsError
        The subject must wait; the attempt was not counted and must not be made.
    """
    known = sign_in_attempts.find(session, kind, subject)
    failures = known.failures if known and now - known.last_at < FORGOTTEN_AFTER else 0
    if known is not None:
        ends = known.last_at + wait_after(failures, FREE_ATTEMPTS[kind])
        if now < ends:
            seconds = (ends - now).total_seconds()
            raise TooManyAttemptsError(
                f"too many failed sign-ins; try again in {seconds:.0f} seconds", retry_after_s=seconds
            )
    sign_in_attempts.save(session, kind, subject, Attempts(failures=failures + 1, last_at=now))


def take_back(session: Session, kind: AttemptKind, subject: str) -> None:
    """Take the last attempt off the count, for it went well; the failures before it stay."""
    known = sign_in_attempts.find(session, kind, subject)
    if known is not None:
        fewer = Attempts(failures=max(known.failures - 1, 0), last_at=known.last_at)
        sign_in_attempts.save(session, kind, subject, fewer)


def forgive(session: Session, kind: AttemptKind, subject: str) -> None:
    """Forget the failures of a subject that has got in."""
    sign_in_attempts.remove(session, kind, subject)
