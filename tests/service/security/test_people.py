"""People are added, changed and shut out; there is always an administrator left; on both engines."""

from collections.abc import Callable

import pytest

from configs.plant import SiteId
from service.actor import SYSTEM, Actor, Role
from service.errors import ConflictError, InvalidRequestError, NotAllowedError, NotFoundError
from service.security.api_keys import NewKey, actor_of_key, issue_key, revoke_key
from service.security.links import issue_link
from service.security.people import NewPerson, add_person, disable_person, enable_person, list_people, set_role
from service.security.sessions import revoke_sessions
from service.state import audit
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW

BUSAN = frozenset({SiteId("busan")})
ENGINEER = Actor(id="e", name="E", role=Role.ENGINEER, sites=None)


def add(database: StateDatabase, name: str = "kim", role: Role = Role.OPERATOR, **more: object):
    new = NewPerson(**{"name": name, "display_name": f"{name} shown", "role": role, **more})
    return add_person(database, SYSTEM, new, now=NOW)


def names(database: StateDatabase) -> list[tuple[str, bool]]:
    with database.reading() as session:
        return [(each.name, each.disabled_at is None) for each in list_people(session, SYSTEM)]


def test_a_person_is_known_by_a_folded_name(database: StateDatabase) -> None:
    person = add(database, " Kim.Min@Busan ", sites=BUSAN)
    assert (person.name, person.display_name, person.sites) == ("kim.min@busan", "Kim.Min@Busan  shown", BUSAN)
    assert names(database) == [("kim.min@busan", True)]
    assert add(database, "김민수").name == "김민수"


def test_a_name_is_taken_once(database: StateDatabase) -> None:
    add(database)
    with pytest.raises(ConflictError, match="there is a user kim already"):
        add(database, "KIM")


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "-dash", "<b>", "a\nb"])
def test_a_name_that_cannot_be_typed_is_refused(database: StateDatabase, name: str) -> None:
    with pytest.raises(InvalidRequestError, match="name: 1 to 64 letters"):
        add(database, name)


@pytest.mark.parametrize("shown", ["", "  ", "x" * 101])
def test_a_name_to_show_is_needed(database: StateDatabase, shown: str) -> None:
    with pytest.raises(InvalidRequestError, match="display name"):
        add(database, display_name=shown)


def test_the_last_administrator_stays(database: StateDatabase) -> None:
    add(database, "boss", Role.ADMINISTRATOR)
    with pytest.raises(ConflictError, match="boss is the last administrator"):
        disable_person(database, SYSTEM, "boss", now=NOW)
    with pytest.raises(ConflictError, match="last administrator"):
        set_role(database, SYSTEM, "boss", Role.VIEWER, sites=None, now=NOW)
    add(database, "second", Role.ADMINISTRATOR)
    assert disable_person(database, SYSTEM, "boss", now=NOW).disabled_at == NOW
    assert disable_person(database, SYSTEM, "boss", now=NOW).disabled_at == NOW
    with pytest.raises(ConflictError):
        disable_person(database, SYSTEM, "second", now=NOW)
    assert enable_person(database, SYSTEM, "boss", now=NOW).disabled_at is None
    assert set_role(database, SYSTEM, "second", Role.ADMINISTRATOR, sites=BUSAN, now=NOW).sites == BUSAN
    assert set_role(database, SYSTEM, "second", Role.VIEWER, sites=None, now=NOW).role is Role.VIEWER


def test_every_change_leaves_a_trail(database: StateDatabase) -> None:
    add(database, "boss", Role.ADMINISTRATOR)
    add(database)
    set_role(database, SYSTEM, "kim", Role.ENGINEER, sites=None, now=NOW)
    disable_person(database, SYSTEM, "kim", now=NOW)
    with database.reading() as session:
        found = [(each.act.action, each.act.after) for each in audit.list_entries(session, SYSTEM)]
    assert found[:3] == [
        ("disable_person", None),
        ("set_role", "operator -> engineer"),
        ("add_person", "kim, operator"),
    ]


@pytest.mark.parametrize(
    "deed",
    [
        lambda d: add_person(d, ENGINEER, NewPerson(name="n", display_name="N", role=Role.VIEWER), now=NOW),
        lambda d: disable_person(d, ENGINEER, "kim", now=NOW),
        lambda d: enable_person(d, ENGINEER, "kim", now=NOW),
        lambda d: set_role(d, ENGINEER, "kim", Role.ADMINISTRATOR, sites=None, now=NOW),
    ],
)
def test_only_an_administrator_deals_with_people(database: StateDatabase, deed: Callable) -> None:
    add(database)
    with pytest.raises(NotAllowedError, match="needs the role administrator"):
        deed(database)
    with database.reading() as session, pytest.raises(NotAllowedError):
        list_people(session, ENGINEER)


def test_somebody_who_is_not_there_cannot_be_changed(database: StateDatabase) -> None:
    with pytest.raises(NotFoundError, match="no user nobody"):
        disable_person(database, SYSTEM, "nobody", now=NOW)


LOCAL = Actor(id="l", name="Local", role=Role.ADMINISTRATOR, sites=BUSAN)
SEOUL = frozenset({SiteId("seoul")})


@pytest.mark.parametrize(
    "deed",
    [
        lambda d: add_person(d, LOCAL, NewPerson(name="n", display_name="N", role=Role.VIEWER), now=NOW),
        lambda d: add_person(d, LOCAL, NewPerson(name="n", display_name="N", role=Role.VIEWER, sites=SEOUL), now=NOW),
        lambda d: disable_person(d, LOCAL, "boss", now=NOW),
        lambda d: enable_person(d, LOCAL, "boss", now=NOW),
        lambda d: set_role(d, LOCAL, "boss", Role.VIEWER, sites=BUSAN, now=NOW),
        lambda d: set_role(d, LOCAL, "kim", Role.ADMINISTRATOR, sites=None, now=NOW),
        lambda d: issue_link(d, LOCAL, "boss", now=NOW),
        lambda d: revoke_sessions(d, LOCAL, "boss", now=NOW),
        lambda d: issue_key(d, LOCAL, NewKey(name="k", role=Role.ADMINISTRATOR), now=NOW),
    ],
)
def test_an_administrator_of_one_site_reaches_no_further(sqlite_database: StateDatabase, deed: Callable) -> None:
    add(sqlite_database, "boss", Role.ADMINISTRATOR)
    add(sqlite_database, sites=BUSAN)
    with pytest.raises(NotAllowedError, match="only within busan"):
        deed(sqlite_database)


def test_an_administrator_of_one_site_deals_with_its_people(sqlite_database: StateDatabase) -> None:
    add(sqlite_database, sites=BUSAN)
    assert set_role(sqlite_database, LOCAL, "kim", Role.ENGINEER, sites=BUSAN, now=NOW).role is Role.ENGINEER
    key = issue_key(sqlite_database, LOCAL, NewKey(name="k", role=Role.VIEWER, sites=BUSAN), now=NOW)
    revoke_key(sqlite_database, LOCAL, key.key.id, now=NOW)
    foreign = issue_key(sqlite_database, SYSTEM, NewKey(name="k", role=Role.VIEWER), now=NOW)
    with pytest.raises(NotAllowedError):
        revoke_key(sqlite_database, LOCAL, foreign.key.id, now=NOW)
    assert actor_of_key(sqlite_database, foreign.text, now=NOW) is not None
