"""`yeji user`: people, their sign-in links, and keys for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from configs.errors import ConfigurationError
from configs.plant import SiteId
from configs.settings import Settings
from service.actor import SYSTEM, Role
from service.app.clock import utc_now
from service.app.running_file import read_whereabouts
from service.app.state import open_state
from service.operations.result import Output
from service.security import api_keys, links, people
from service.security.api_keys import NewKey
from service.security.passwords import Passwords
from service.security.people import NewPerson
from service.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What somebody may do, and where; no sites means every site."""

    role: Role
    sites: tuple[str, ...] = ()

    @property
    def scope(self) -> frozenset[SiteId] | None:
        """The sites, or None for every site."""
        return frozenset(map(SiteId, self.sites)) or None


def role_named(name: str) -> Role:
    """Return the role of that name; ConfigurationError with the names that there are."""
    try:
        return Role[name.upper()]
    except KeyError:
        known = ", ".join(role.name.lower() for role in Role)
        raise ConfigurationError("--role", (f"there is no role {name!r}; choose one of {known}",)) from None


def add_user(settings: Settings, name: str, *, display_name: str | None, rights: Rights, output: Output) -> None:
    """Add a person and show the link that lets him or her in once, to choose a password."""
    with _state(settings) as database:
        new = NewPerson(name=name, display_name=display_name or name, role=rights.role, sites=rights.scope)
        people.add_person(database, SYSTEM, new, now=utc_now())
        link = _link(settings, database, name)
    output.show({"name": name, "link": link}, f"{name} is added; sign-in link (15 minutes, once): {link}")


def list_users(settings: Settings, output: Output) -> None:
    """Show everybody."""
    with _state(settings) as database, database.reading() as session:
        found = people.list_people(session, SYSTEM)
    rows = [
        {
            "name": person.name,
            "display_name": person.display_name,
            "role": person.role.name.lower(),
            "sites": "all" if person.sites is None else ", ".join(sorted(person.sites)),
            "disabled": person.disabled_at is not None,
        }
        for person in found
    ]
    output.show_rows(rows, "nobody yet; add somebody with `yeji user add`")


def disable_user(settings: Settings, name: str, output: Output) -> None:
    """Let a person in no more; ends every session of theirs."""
    with _state(settings) as database:
        people.disable_person(database, SYSTEM, name, now=utc_now())
    output.show({"name": name, "disabled": True}, f"{name} is signed out and cannot sign in any more")


def set_user_password(settings: Settings, name: str, password: str, output: Output) -> None:
    """Give a person a new password."""
    with _state(settings) as database:
        people.set_password(database, Passwords(), SYSTEM, name=name, password=password, now=utc_now())
    output.show({"name": name}, f"{name} has a new password")


def link_user(settings: Settings, name: str, output: Output) -> None:
    """Show a link that lets a person in once."""
    with _state(settings) as database:
        link = _link(settings, database, name)
    output.show({"name": name, "link": link}, f"sign-in link (15 minutes, once): {link}")


def issue_user_key(settings: Settings, name: str, *, rights: Rights, valid_days: int | None, output: Output) -> None:
    """Show a new API key; it is stored as a hash and cannot be shown again."""
    now = utc_now()
    expires_at = None if valid_days is None else now + timedelta(days=valid_days)
    with _state(settings) as database:
        new = NewKey(name=name, role=rights.role, sites=rights.scope, expires_at=expires_at)
        issued = api_keys.issue_key(database, SYSTEM, new, now=now)
    output.show({"id": issued.key.id, "key": issued.text}, issued.text)


@contextmanager
def _state(settings: Settings) -> Iterator[StateDatabase]:
    if not settings.data_dir.exists() and settings.state.url is None and settings.state.url_file is None:
        mistake = "there is no such folder yet; start `yeji run` once, or name the folder with --data"
        raise ConfigurationError(f"data folder {settings.data_dir}", (mistake,))
    with open_state(settings.state, settings.data_dir) as database:
        yield database


def _link(settings: Settings, database: StateDatabase, name: str) -> str:
    token = links.issue_link(database, SYSTEM, name, now=utc_now())
    running = read_whereabouts(settings.data_dir)
    address = running.address if running else f"http://{settings.host}:{settings.port}"
    return f"{address}/sign-in/{token}"
