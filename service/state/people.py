"""People who may sign in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actor import Actor, Role
from service.errors import ConflictError, NotFoundError
from service.state.codec import decode_sites, encode_sites
from service.state.tables import PersonRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person; `name` is what is typed at sign-in, `sites` is None for every site."""

    id: str
    name: str
    display_name: str
    role: Role
    sites: frozenset[SiteId] | None
    created_at: datetime
    disabled_at: datetime | None
    has_password: bool

    def actor(self) -> Actor:
        """Return the person as who asks."""
        return Actor(id=self.id, name=self.display_name, role=self.role, sites=self.sites)


def list_people(session: Session) -> tuple[Person, ...]:
    """Return everybody, disabled people too, by name."""
    return tuple(_person(row) for row in session.scalars(select(PersonRow).order_by(PersonRow.name)))


def find(session: Session, name: str) -> Person | None:
    """Return the person who signs in under a name, or None."""
    row = session.scalar(select(PersonRow).where(PersonRow.name == fold(name)))
    return None if row is None else _person(row)


def get(session: Session, name: str) -> Person:
    """Return the person who signs in under a name; NotFoundError where there is none."""
    person = find(session, name)
    if person is None:
        raise NotFoundError(f"there is no user {name}; `yeji user list` shows all")
    return person


def by_id(session: Session, person_id: str) -> Person | None:
    """Return a person by identifier, or None."""
    row = session.get(PersonRow, person_id)
    return None if row is None else _person(row)


def password_hash(session: Session, person_id: str) -> str | None:
    """Return the hash of a person's password, or None where none is set."""
    return session.scalar(select(PersonRow.password_hash).where(PersonRow.id == person_id))


def add(session: Session, person: Person) -> None:
    """Keep a new person; ConflictError where the name is taken."""
    if find(session, person.name) is not None:
        raise ConflictError(f"there is a user {person.name} already; choose another name")
    session.add(
        PersonRow(
            id=person.id,
            name=person.name,
            display_name=person.display_name,
            role=int(person.role),
            sites=encode_sites(person.sites),
            password_hash=None,
            created_at=person.created_at,
            disabled_at=None,
            version=1,
        )
    )
    session.flush()


def set_password_hash(session: Session, person_id: str, hashed: str) -> None:
    """Keep the hash of a person's new password."""
    _change(session, person_id, password_hash=hashed)


def set_role(session: Session, person_id: str, role: Role, sites: frozenset[SiteId] | None) -> None:
    """Keep a person's new role and sites."""
    _change(session, person_id, role=int(role), sites=encode_sites(sites))


def set_disabled(session: Session, person_id: str, disabled_at: datetime | None) -> None:
    """Keep from when on a person may no longer come in, or None to let them in again."""
    _change(session, person_id, disabled_at=disabled_at)


def active_administrators(session: Session) -> tuple[Person, ...]:
    """Return the administrators who may come in, the first made first; nobody can change them meanwhile."""
    rows = session.scalars(
        select(PersonRow)
        .where(PersonRow.role == int(Role.ADMINISTRATOR), PersonRow.disabled_at.is_(None))
        .order_by(PersonRow.created_at, PersonRow.id)
        .with_for_update()
    )
    return tuple(_person(row) for row in rows)


def fold(name: str) -> str:
    """Return a sign-in name as it is compared: without blanks around it, in lower case."""
    return name.strip().casefold()


def _change(session: Session, person_id: str, **columns: object) -> None:
    session.execute(update(PersonRow).where(PersonRow.id == person_id).values(version=PersonRow.version + 1, **columns))


def _person(row: PersonRow) -> Person:
    return Person(
        id=row.id,
        name=row.name,
        display_name=row.display_name,
        role=Role(row.role),
        sites=decode_sites(row.sites),
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        has_password=row.password_hash is not None,
    )
