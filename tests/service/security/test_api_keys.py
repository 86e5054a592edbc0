"""Keys of programs: shown once, kept as a digest, ended at will; on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from configs.plant import SiteId
from service.actor import SYSTEM, Actor, Role
from service.errors import InvalidRequestError, NotAllowedError, NotFoundError
from service.security.api_keys import IssuedKey, NewKey, actor_of_key, issue_key, list_keys, revoke_key
from service.state import audit
from service.state.database import StateDatabase
from service.state.tables import ApiKeyRow
from tests.fakes.conclusions import NOW

DAY = timedelta(days=1)
ENGINEER = Actor(id="e", name="E", role=Role.ENGINEER, sites=None)


def issued(database: StateDatabase, **changes: object) -> IssuedKey:
    new_key = NewKey(**{"name": "gateway", "role": Role.TECHNICIAN, **changes})
    return issue_key(database, SYSTEM, new_key, now=NOW)


def test_a_key_is_an_actor_with_its_role_and_sites(database: StateDatabase) -> None:
    key = issued(database, sites=frozenset({SiteId("busan")}))
    assert actor_of_key(database, key.text, now=NOW) == Actor(
        id=f"key:{key.key.id}", name="gateway", role=Role.TECHNICIAN, sites=frozenset({SiteId("busan")})
    )


def test_a_key_says_what_it_is_and_is_kept_only_as_a_digest(database: StateDatabase) -> None:
    key = issued(database)
    prefix, key_id, secret = key.text.split("_", 2)
    assert (prefix, key_id, len(secret)) == ("yj", key.key.id, 43)
    with database.reading() as session:
        row = session.scalars(select(ApiKeyRow)).one()
        trail = audit.list_entries(session, SYSTEM)
    assert secret not in row.digest
    assert secret not in repr(key)
    assert secret not in repr(trail)


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: t + "x", lambda t: "yk" + t[2:], lambda t: "", str.upper]
)
def test_a_key_that_is_not_exactly_right_opens_nothing(database: StateDatabase, spoil) -> None:
    assert actor_of_key(database, spoil(issued(database).text), now=NOW) is None


@pytest.mark.parametrize(
    "text",
    ["yj_", "yj__", "yj_x_y", "yj_\x00_" + "x" * 43, "yj_" + "a" * 16 + "_" + "x" * 43, "Bearer", "\x00_\x00_\x00"],
)
def test_what_is_no_key_opens_nothing(database: StateDatabase, text: str) -> None:
    assert actor_of_key(database, text, now=NOW) is None


def test_a_key_ends_when_it_says_and_when_it_is_revoked(database: StateDatabase) -> None:
    ending, revoked = issued(database, expires_at=NOW + DAY), issued(database)
    assert actor_of_key(database, ending.text, now=NOW + DAY) is None
    assert actor_of_key(database, ending.text, now=NOW + DAY / 2) is not None
    revoke_key(database, SYSTEM, revoked.key.id, now=NOW)
    revoke_key(database, SYSTEM, revoked.key.id, now=NOW + DAY)
    assert actor_of_key(database, revoked.text, now=NOW) is None
    with database.reading() as session:
        keys = {each.id: each for each in list_keys(session, SYSTEM)}
    assert keys[revoked.key.id].revoked_at == NOW


def test_use_is_written_down_once_a_minute(database: StateDatabase) -> None:
    key = issued(database)
    for seconds in (0, 30, 61, 90):
        actor_of_key(database, key.text, now=NOW + timedelta(seconds=seconds))
    with database.reading() as session:
        assert list_keys(session, SYSTEM)[0].used_at == NOW + timedelta(seconds=61)


def test_a_key_needs_a_name_and_a_future(database: StateDatabase) -> None:
    with pytest.raises(InvalidRequestError, match="name: give the key a name"):
        issued(database, name="  ")
    with pytest.raises(InvalidRequestError, match="expires_at: lies in the past"):
        issued(database, expires_at=NOW)


def test_only_an_administrator_deals_with_keys(database: StateDatabase) -> None:
    with pytest.raises(NotAllowedError):
        issue_key(database, ENGINEER, NewKey(name="k", role=Role.VIEWER), now=NOW)
    with pytest.raises(NotAllowedError):
        revoke_key(database, ENGINEER, "k", now=NOW)
    with database.reading() as session, pytest.raises(NotAllowedError):
        list_keys(session, ENGINEER)
    with pytest.raises(NotFoundError, match="no key k"):
        revoke_key(database, SYSTEM, "k", now=NOW)
