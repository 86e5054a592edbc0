"""Sessions end by themselves and can be ended; of a token only its digest is kept; on both engines."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from configs.plant import SiteId
from service.actor import SYSTEM, Role
from service.errors import NotAllowedError, NotFoundError
from service.security import links, people, sessions
from service.security.people import NewPerson
from service.security.sessions import SessionLimits, SignedIn, actor_of_session, revoke_sessions, sign_out
from service.state import sessions as stored
from service.state.database import StateDatabase
from service.state.tables import SessionRow, SignInLinkRow
from tests.fakes.conclusions import NOW

LIMITS = SessionLimits(idle=timedelta(minutes=30), longest=timedelta(hours=12))
MINUTE = timedelta(minutes=1)


def enter(database: StateDatabase, name: str = "kim", role: Role = Role.OPERATOR, now=NOW) -> SignedIn:
    with database.reading() as session:
        known = {each.name for each in people.list_people(session, SYSTEM)}
    if name not in known:
        people.add_person(database, SYSTEM, NewPerson(name=name, display_name=name.title(), role=role), now=now)
    return links.redeem_link(database, links.issue_link(database, SYSTEM, name, now=now), limits=LIMITS, now=now)


def whose(database: StateDatabase, signed: SignedIn, now=NOW) -> str | None:
    actor = actor_of_session(database, signed.token, limits=LIMITS, now=now)
    return None if actor is None else actor.name


def test_an_idle_session_ends(database: StateDatabase) -> None:
    signed = enter(database)
    assert whose(database, signed, NOW + LIMITS.idle - MINUTE) == "Kim"
    assert whose(database, signed, NOW + 2 * LIMITS.idle - 2 * MINUTE) == "Kim"
    assert whose(database, signed, NOW + 3 * LIMITS.idle - 2 * MINUTE) is None


def test_a_busy_session_ends_after_its_longest_time(database: StateDatabase) -> None:
    signed, at = enter(database), NOW
    while at < NOW + LIMITS.longest - 20 * MINUTE:
        at += 20 * MINUTE
        assert whose(database, signed, at) == ("Kim" if at < NOW + LIMITS.longest else None)
    assert whose(database, signed, NOW + LIMITS.longest) is None


def test_use_is_written_down_once_a_minute(database: StateDatabase) -> None:
    signed = enter(database)
    for seconds in (1, 30, 59, 61, 90):
        whose(database, signed, NOW + timedelta(seconds=seconds))
    with database.reading() as session:
        assert session.scalars(select(SessionRow.seen_at)).one() == NOW + timedelta(seconds=61)


def test_a_token_is_kept_only_as_a_digest(database: StateDatabase) -> None:
    signed = enter(database)
    with database.reading() as session:
        row = session.scalars(select(SessionRow)).one()
        link = session.scalars(select(SignInLinkRow)).one()
    assert signed.token not in {row.digest, link.digest}
    assert len(row.digest) == len(link.digest) == 64
    assert len(signed.token) >= 43


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "'; DROP TABLE sessions; --", "\x00"])
def test_an_unknown_token_opens_nothing(database: StateDatabase, token: str) -> None:
    assert actor_of_session(database, token, limits=LIMITS, now=NOW) is None
    sign_out(database, token, now=NOW)


def test_signing_out_ends_the_session(database: StateDatabase) -> None:
    signed, other = enter(database), enter(database)
    sign_out(database, signed.token, now=NOW)
    assert (whose(database, signed), whose(database, other)) == (None, "Kim")


def test_a_disabled_person_is_out_at_once_and_stays_out(database: StateDatabase) -> None:
    signed = enter(database)
    people.disable_person(database, SYSTEM, "kim", now=NOW)
    assert whose(database, signed) is None
    people.enable_person(database, SYSTEM, "kim", now=NOW)
    assert whose(database, signed) is None


def test_a_changed_role_counts_from_the_next_request(database: StateDatabase) -> None:
    signed = enter(database)
    people.set_role(database, SYSTEM, "kim", Role.ENGINEER, sites=frozenset({SiteId("busan")}), now=NOW)
    actor = actor_of_session(database, signed.token, limits=LIMITS, now=NOW)
    assert actor is not None
    assert (actor.role, actor.sites) == (Role.ENGINEER, {"busan"})


def test_everybody_may_end_their_own_sessions_and_an_administrator_all(database: StateDatabase) -> None:
    kim, lee = enter(database), enter(database, "lee")
    with pytest.raises(NotAllowedError):
        revoke_sessions(database, lee.actor, "kim", now=NOW)
    assert revoke_sessions(database, kim.actor, "kim", now=NOW) == 1
    assert revoke_sessions(database, SYSTEM, "lee", now=NOW) == 1
    assert (whose(database, kim), whose(database, lee)) == (None, None)
    with pytest.raises(NotFoundError):
        revoke_sessions(database, SYSTEM, "nobody", now=NOW)


def test_sessions_of_a_person_are_listed_and_old_ones_forgotten(database: StateDatabase) -> None:
    enter(database)
    enter(database, now=NOW + LIMITS.longest + MINUTE)
    with database.reading() as session:
        person = people.list_people(session, SYSTEM)[0]
        assert [each.started_at for each in stored.of_person(session, person.id)] == [NOW + LIMITS.longest + MINUTE]


def test_a_short_idle_limit_is_kept_too(database: StateDatabase) -> None:
    short = SessionLimits(idle=timedelta(seconds=10), longest=LIMITS.longest)
    signed, at = enter(database), NOW
    for _ in range(4):
        at += timedelta(seconds=7)
        assert sessions.actor_of_session(database, signed.token, limits=short, now=at) is not None
    assert sessions.actor_of_session(database, signed.token, limits=short, now=at + short.idle) is None
