"""One-time sign-in links: how somebody comes in who has no password yet, or has forgotten it."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from service.actor import SYSTEM, Actor, Role
from service.errors import ConflictError, NotSignedInError
from service.security.rights import Right, require, require_reach
from service.security.sessions import SessionLimits, SignedIn, open_session
from service.security.tokens import digest_of, draw_id, draw_token
from service.state import audit, people, sign_in_links
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.people import Person

LINK_LIFE = timedelta(minutes=15)
FIRST_NAME = "admin"


def issue_link(database: StateDatabase, actor: Actor, name: str, *, now: datetime) -> str:
    """Return the token of a link that lets a person in once within 15 minutes; ConflictError where it is disabled."""
    require(actor, Right.MANAGE_PEOPLE)
    with database.transaction() as session:
        person = people.get(session, name)
        require_reach(actor, Right.MANAGE_PEOPLE, person.sites)
        if person.disabled_at is not None:
            raise ConflictError(f"{person.name} is disabled; enable the account first")
        return _issue(session, actor, person, now=now)


def issue_first_link(database: StateDatabase, *, now: datetime) -> str:
    """Return the token of a link for the first administrator, who is made, without a password, where there is none."""
    with database.transaction() as session:
        administrators = people.active_administrators(session)
        person = administrators[0] if administrators else _first_administrator(session, now)
        return _issue(session, SYSTEM, person, now=now)


def redeem_link(database: StateDatabase, token: str, *, limits: SessionLimits, now: datetime) -> SignedIn:
    """Begin a session for whoever has the link, and use the link up.

    Raises
    ------
    NotSignedInError
        The link is unknown, too old or used already; of many who try it at once one comes in.
    """
    with database.transaction() as session:
        person_id = sign_in_links.use(session, digest_of(token), now=now)
        person = people.by_id(session, person_id) if person_id else None
        if person is None or person.disabled_at is not None:
            raise NotSignedInError("this link has been used or is too old; ask for a new one (`yeji user link`)")
        act = AuditedAct(action="sign_in_by_link", object_kind="person", object_id=person.id, site=None)
        audit.append(session, person.actor(), act, now=now)
        return open_session(session, person, limits=limits, now=now)


def _issue(session: Session, actor: Actor, person: Person, *, now: datetime) -> str:
    token = draw_token()
    sign_in_links.discard_before(session, now)
    sign_in_links.add(session, digest_of(token), person.id, made_at=now, ends_at=now + LINK_LIFE)
    act = AuditedAct(action="issue_link", object_kind="person", object_id=person.id, site=None)
    audit.append(session, actor, act, now=now)
    return token


def _first_administrator(session: Session, now: datetime) -> Person:
    name = FIRST_NAME if people.find(session, FIRST_NAME) is None else f"{FIRST_NAME}-{draw_id()}"
    person = Person(
        id=draw_id(),
        name=name,
        display_name=name,
        role=Role.ADMINISTRATOR,
        sites=None,
        created_at=now,
        disabled_at=None,
        has_password=False,
    )
    people.add(session, person)
    act = AuditedAct(action="add_person", object_kind="person", object_id=person.id, site=None, after=name)
    audit.append(session, SYSTEM, act, now=now)
    return person
