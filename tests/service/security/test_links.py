"""A sign-in link lets one person in, once, soon; on both engines."""

import threading
from datetime import timedelta

import pytest

from service.actor import SYSTEM, Actor, Role
from service.errors import ConflictError, NotAllowedError, NotFoundError, NotSignedInError
from service.security import links, people
from service.security.links import LINK_LIFE, issue_first_link, issue_link, redeem_link
from service.security.people import NewPerson
from service.security.sessions import SessionLimits, SignedIn
from service.state import audit
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW

LIMITS = SessionLimits(idle=timedelta(minutes=30), longest=timedelta(hours=12))


def redeem(database: StateDatabase, token: str, now=NOW) -> SignedIn:
    return redeem_link(database, token, limits=LIMITS, now=now)


def test_there_is_nobody_until_the_first_link_is_asked_for(database: StateDatabase) -> None:
    with database.reading() as session:
        assert people.list_people(session, SYSTEM) == ()
    signed = redeem(database, issue_first_link(database, now=NOW))
    assert (signed.actor.name, signed.actor.role) == ("admin", Role.ADMINISTRATOR)
    assert redeem(database, issue_first_link(database, now=NOW)).actor == signed.actor
    with database.reading() as session:
        found = people.list_people(session, SYSTEM)
        assert [(each.name, each.has_password) for each in found] == [("admin", False)]
        assert "sign_in_by_link" in [each.act.action for each in audit.list_entries(session, SYSTEM)]


def test_a_first_link_makes_an_administrator_beside_a_lesser_admin(database: StateDatabase) -> None:
    people.add_person(database, SYSTEM, NewPerson(name="admin", display_name="A", role=Role.VIEWER), now=NOW)
    actor = redeem(database, issue_first_link(database, now=NOW)).actor
    assert actor.role is Role.ADMINISTRATOR
    assert actor.name.startswith("admin-")


def test_a_link_works_once(database: StateDatabase) -> None:
    token = issue_first_link(database, now=NOW)
    redeem(database, token)
    with pytest.raises(NotSignedInError, match="has been used or is too old"):
        redeem(database, token)


def test_a_link_works_for_a_quarter_of_an_hour(database: StateDatabase) -> None:
    first, second = issue_first_link(database, now=NOW), issue_first_link(database, now=NOW)
    redeem(database, first, NOW + LINK_LIFE - timedelta(seconds=1))
    with pytest.raises(NotSignedInError):
        redeem(database, second, NOW + LINK_LIFE)


def test_of_many_who_try_a_link_at_once_one_comes_in(database: StateDatabase) -> None:
    token, barrier, outcomes = issue_first_link(database, now=NOW), threading.Barrier(6), []

    def enter() -> None:
        barrier.wait(10)
        try:
            outcomes.append(redeem(database, token).actor.name)
        except NotSignedInError:
            outcomes.append("refused")

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["admin", *["refused"] * 5]


def test_a_disabled_person_gets_no_link_and_cannot_use_one(database: StateDatabase) -> None:
    issue_first_link(database, now=NOW)
    people.add_person(database, SYSTEM, NewPerson(name="kim", display_name="Kim", role=Role.VIEWER), now=NOW)
    token = issue_link(database, SYSTEM, "kim", now=NOW)
    people.disable_person(database, SYSTEM, "kim", now=NOW)
    with pytest.raises(NotSignedInError):
        redeem(database, token)
    with pytest.raises(ConflictError, match="kim is disabled"):
        issue_link(database, SYSTEM, "kim", now=NOW)


def test_only_an_administrator_hands_out_links(database: StateDatabase) -> None:
    engineer = Actor(id="e", name="E", role=Role.ENGINEER, sites=None)
    with pytest.raises(NotAllowedError):
        issue_link(database, engineer, "kim", now=NOW)
    with pytest.raises(NotFoundError, match="no user kim"):
        issue_link(database, SYSTEM, "kim", now=NOW)


def test_a_token_has_256_random_bits(database: StateDatabase) -> None:
    tokens = {links.issue_first_link(database, now=NOW) for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) == 43 for token in tokens)
