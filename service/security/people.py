"""Adds people, changes what they may do, and shuts them out; there is no account that is there by default."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actor import Actor, Role
from service.errors import ConflictError, InvalidRequestError
from service.security.passwords import Passwords, check_password
from service.security.rights import Right, require, require_reach
from service.security.tokens import draw_id
from service.state import audit, people, sessions, sign_in_links
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.people import Person

__all__ = [
    "NewPerson",
    "Person",
    "add_person",
    "disable_person",
    "enable_person",
    "is_name",
    "list_people",
    "set_password",
    "set_role",
]

NAME = re.compile(r"[\w][\w.@-]{0,63}")
LONGEST_DISPLAY_NAME = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Somebody who shall come in: `name` is typed at sign-in, `display_name` is what others read."""

    name: str
    display_name: str
    role: Role
    sites: frozenset[SiteId] | None = None


def add_person(database: StateDatabase, actor: Actor, new: NewPerson, *, now: datetime) -> Person:
    """Add a person, who comes in by a one-time link first; ConflictError where the name is taken."""
    require_reach(actor, Right.MANAGE_PEOPLE, new.sites)
    name, shown = people.fold(new.name), new.display_name.strip()
    if not is_name(name):
        raise InvalidRequestError("name: 1 to 64 letters, digits, dots, hyphens, underscores or @")
    if not (0 < len(shown) <= LONGEST_DISPLAY_NAME and shown.isprintable()):
        raise InvalidRequestError(f"display name: 1 to {LONGEST_DISPLAY_NAME} characters, all of them visible")
    person = Person(
        id=draw_id(),
        name=name,
        display_name=shown,
        role=new.role,
        sites=new.sites,
        created_at=now,
        disabled_at=None,
        has_password=False,
    )
    with database.transaction() as session:
        people.add(session, person)
        _audit(session, actor, "add_person", person, now=now, after=f"{name}, {new.role.name.lower()}")
    return person


def is_name(name: str) -> bool:
    """Whether anybody can be called so."""
    return NAME.fullmatch(people.fold(name)) is not None


def list_people(session: Session, actor: Actor) -> tuple[Person, ...]:
    """Return everybody, disabled people too, by name."""
    require(actor, Right.MANAGE_PEOPLE)
    return people.list_people(session)


def disable_person(database: StateDatabase, actor: Actor, name: str, *, now: datetime) -> Person:
    """Shut a person out at once: sessions and links end. ConflictError where no administrator would be left."""
    require(actor, Right.MANAGE_PEOPLE)
    with database.transaction() as session:
        person = people.get(session, name)
        require_reach(actor, Right.MANAGE_PEOPLE, person.sites)
        _refuse_last_administrator(session, person)
        people.set_disabled(session, person.id, now)
        sessions.remove_of_person(session, person.id)
        sign_in_links.remove_of_person(session, person.id)
        _audit(session, actor, "disable_person", person, now=now)
        session.expire_all()
        return people.get(session, name)


def enable_person(database: StateDatabase, actor: Actor, name: str, *, now: datetime) -> Person:
    """Let a person in again."""
    require(actor, Right.MANAGE_PEOPLE)
    with database.transaction() as session:
        person = people.get(session, name)
        require_reach(actor, Right.MANAGE_PEOPLE, person.sites)
        people.set_disabled(session, person.id, None)
        _audit(session, actor, "enable_person", person, now=now)
        session.expire_all()
        return people.get(session, name)


def set_role(
    database: StateDatabase, actor: Actor, name: str, role: Role, *, sites: frozenset[SiteId] | None, now: datetime
) -> Person:
    """Change what a person may do and see, from the next request on."""
    require(actor, Right.MANAGE_PEOPLE)
    with database.transaction() as session:
        person = people.get(session, name)
        require_reach(actor, Right.MANAGE_PEOPLE, person.sites)
        require_reach(actor, Right.MANAGE_PEOPLE, sites)
        if role is not Role.ADMINISTRATOR:
            _refuse_last_administrator(session, person)
        people.set_role(session, person.id, role, sites)
        before, after = person.role.name.lower(), role.name.lower()
        _audit(session, actor, "set_role", person, now=now, after=f"{before} -> {after}")
        session.expire_all()
        return people.get(session, name)


def set_password(
    database: StateDatabase, passwords: Passwords, actor: Actor, *, name: str, password: str, now: datetime
) -> None:
    """Give a person a new password and end all of the person's sessions; everybody may change their own."""
    with database.reading() as session:
        person = people.get(session, name)
    if person.id != actor.id:
        require_reach(actor, Right.MANAGE_PEOPLE, person.sites)
    check_password(password, person.name)
    hashed = passwords.hash(password)
    with database.transaction() as session:
        people.set_password_hash(session, person.id, hashed)
        sessions.remove_of_person(session, person.id)
        _audit(session, actor, "set_password", person, now=now)


def _refuse_last_administrator(session: Session, person: Person) -> None:
    left = [each for each in people.active_administrators(session) if each.id != person.id]
    if person.role is Role.ADMINISTRATOR and person.disabled_at is None and not left:
        raise ConflictError(f"{person.name} is the last administrator; make another one first")


def _audit(
    session: Session, actor: Actor, action: str, person: Person, *, now: datetime, after: str | None = None
) -> None:
    act = AuditedAct(action=action, object_kind="person", object_id=person.id, site=None, after=after)
    audit.append(session, actor, act, now=now)
