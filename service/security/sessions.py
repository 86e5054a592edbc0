"""Sessions of people: opaque tokens, kept on the server, that end by themselves and can be ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.actor import Actor
from service.security.rights import Right, require_reach
from service.security.tokens import digest_of, draw_token
from service.state import audit, people, sessions
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.people import Person
from service.state.sessions import SignedInSession

COARSE = timedelta(minutes=1)
"""How exactly it is kept when a session was last used: a write a minute, not one a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """A session ends after so long without a request, and after so long in any case."""

    idle: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session has begun: its token, which is shown nowhere else, who it is for, and when it ends at the latest."""

    token: str
    actor: Actor
    expires_at: datetime


def open_session(session: Session, person: Person, *, limits: SessionLimits, now: datetime) -> SignedIn:
    """Begin a session with a token of its own."""
    token = draw_token()
    ends_at = now + limits.longest
    sessions.discard_before(session, now)
    sessions.add(
        session,
        SignedInSession(digest=digest_of(token), person_id=person.id, started_at=now, seen_at=now, ends_at=ends_at),
    )
    return SignedIn(token=token, actor=person.actor(), expires_at=ends_at)


def actor_of_session(database: StateDatabase, token: str, *, limits: SessionLimits, now: datetime) -> Actor | None:
    """Return who is signed in with a token, as the person stands now; None where the session is over or unknown."""
    found = _signed_in(database, token, limits=limits, now=now)
    if found is None:
        return None
    kept, person = found
    if now - kept.seen_at >= min(COARSE, limits.idle / 2):
        with database.transaction() as session:
            sessions.set_seen(session, kept.digest, now)
    return person.actor()


def is_signed_in(database: StateDatabase, token: str, *, limits: SessionLimits, now: datetime) -> bool:
    """Whether a session lasts; to ask does not count as use of it."""
    return _signed_in(database, token, limits=limits, now=now) is not None


def sign_out(database: StateDatabase, token: str, *, now: datetime) -> None:
    """End a session; nothing happens where it is over already."""
    digest = digest_of(token)
    with database.transaction() as session:
        found = sessions.find(session, digest)
        person = people.by_id(session, found.person_id) if found else None
        if person is not None:
            sessions.remove(session, digest)
            act = AuditedAct(action="sign_out", object_kind="person", object_id=person.id, site=None)
            audit.append(session, person.actor(), act, now=now)


def revoke_sessions(database: StateDatabase, actor: Actor, name: str, *, now: datetime) -> int:
    """End all sessions of a person; return how many there were. Everybody may end their own."""
    with database.transaction() as session:
        person = people.get(session, name)
        if person.id != actor.id:
            require_reach(actor, Right.MANAGE_PEOPLE, person.sites)
        ended = sessions.remove_of_person(session, person.id)
        act = AuditedAct(
            action="revoke_sessions", object_kind="person", object_id=person.id, site=None, after=str(ended)
        )
        audit.append(session, actor, act, now=now)
    return ended


def _signed_in(
    database: StateDatabase, token: str, *, limits: SessionLimits, now: datetime
) -> tuple[SignedInSession, Person] | None:
    with database.reading() as session:
        found = sessions.find(session, digest_of(token))
        person = people.by_id(session, found.person_id) if found else None
    if found is None or person is None or person.disabled_at is not None:
        return None
    return None if now >= min(found.ends_at, found.seen_at + limits.idle) else (found, person)
