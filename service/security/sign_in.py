"""Lets people in by name and password."""

from dataclasses import dataclass, field
from datetime import datetime

from service.errors import NotSignedInError
from service.security.passwords import Passwords
from service.security.people import is_name
from service.security.sessions import SessionLimits, SignedIn, open_session
from service.security.throttle import count_attempt, forgive, take_back
from service.security.tokens import digest_of
from service.state import audit, people
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.sign_in_attempts import AttemptKind

__all__ = ["Credentials", "SignedIn", "sign_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What somebody typed at sign-in, and the address that it came from."""

    name: str
    password: str = field(repr=False)
    address: str


def sign_in(
    database: StateDatabase, passwords: Passwords, credentials: Credentials, *, limits: SessionLimits, now: datetime
) -> SignedIn:
    """Begin a session for whoever knows name and password.

    Raises
    ------
    NotSignedInError
        Name or password is wrong, or the account is disabled; the message does not say which.
    TooManyAttemptsError
        Too many attempts on this account or from this address; it says how long to wait.
    """
    account = digest_of(people.fold(credentials.name))
    with database.transaction() as session:
        count_attempt(session, AttemptKind.ADDRESS, credentials.address, now=now)
        count_attempt(session, AttemptKind.ACCOUNT, account, now=now)
        person = people.find(session, credentials.name) if is_name(credentials.name) else None
        hashed = people.password_hash(session, person.id) if person else None
    if not passwords.matches(credentials.password, hashed) or person is None or person.disabled_at is not None:
        raise NotSignedInError("the name or the password is wrong")
    with database.transaction() as session:
        forgive(session, AttemptKind.ACCOUNT, account)
        take_back(session, AttemptKind.ADDRESS, credentials.address)
        act = AuditedAct(
            action="sign_in", object_kind="person", object_id=person.id, site=None, after=credentials.address
        )
        audit.append(session, person.actor(), act, now=now)
        return open_session(session, person, limits=limits, now=now)
