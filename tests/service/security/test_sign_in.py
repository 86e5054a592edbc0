"""Coming in by password: right, wrong, too often, at once; on both engines."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from service.actor import SYSTEM, Role
from service.errors import InvalidRequestError, NotAllowedError, NotSignedInError, TooManyAttemptsError
from service.security import people
from service.security.passwords import Passwords, check_password
from service.security.people import NewPerson, Person
from service.security.sessions import SessionLimits, actor_of_session
from service.security.sign_in import Credentials, SignedIn, sign_in
from service.security.throttle import LONGEST_WAIT, wait_after
from service.state import audit
from service.state.database import StateDatabase
from tests.fakes.conclusions import NOW

LIMITS = SessionLimits(idle=timedelta(minutes=30), longest=timedelta(hours=12))
GOOD = "a horse with 4 wheels"
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    """Return passwords at the lowest cost, for tests that are not about the cost."""
    return Passwords(memory_kib=64, passes=1)


@pytest.fixture
def kim(database: StateDatabase, passwords: Passwords) -> Person:
    person = people.add_person(
        database, SYSTEM, NewPerson(name="Kim", display_name="Kim Min-su", role=Role.OPERATOR), now=NOW
    )
    people.set_password(database, passwords, SYSTEM, name="kim", password=GOOD, now=NOW)
    return person


def enter(database, passwords, password: str = GOOD, name: str = "kim", at=NOW, address: str = "10.0.0.1") -> SignedIn:
    credentials = Credentials(name=name, password=password, address=address)
    return sign_in(database, passwords, credentials, limits=LIMITS, now=at)


def test_name_and_password_open_a_session(database: StateDatabase, passwords: Passwords, kim: Person) -> None:
    signed = enter(database, passwords, name=" KIM ")
    assert (signed.actor, signed.expires_at) == (kim.actor(), NOW + LIMITS.longest)
    assert actor_of_session(database, signed.token, limits=LIMITS, now=NOW) == kim.actor()
    with database.reading() as session:
        last = audit.list_entries(session, SYSTEM)[0]
    assert (last.act.action, last.actor_name, last.act.after) == ("sign_in", "Kim Min-su", "10.0.0.1")


def test_every_sign_in_has_a_token_of_its_own(database: StateDatabase, passwords: Passwords, kim: Person) -> None:
    assert enter(database, passwords).token != enter(database, passwords).token


@pytest.mark.parametrize(("name", "password"), [("kim", "wrong"), ("nobody", GOOD), ("", ""), ("k\x00", "x\x00")])
def test_the_refusal_does_not_say_what_was_wrong(
    database: StateDatabase, passwords: Passwords, kim: Person, name: str, password: str
) -> None:
    with pytest.raises(NotSignedInError, match=r"^the name or the password is wrong$"):
        enter(database, passwords, password, name)


def test_a_person_without_password_or_disabled_does_not_come_in(
    database: StateDatabase, passwords: Passwords, kim: Person
) -> None:
    people.add_person(database, SYSTEM, NewPerson(name="new", display_name="New", role=Role.VIEWER), now=NOW)
    with pytest.raises(NotSignedInError):
        enter(database, passwords, name="new")
    people.disable_person(database, SYSTEM, "kim", now=NOW)
    with pytest.raises(NotSignedInError):
        enter(database, passwords)
    people.enable_person(database, SYSTEM, "kim", now=NOW)
    assert enter(database, passwords).actor == kim.actor()


def test_guessing_is_slowed_down_and_never_locked_for_good(
    database: StateDatabase, passwords: Passwords, kim: Person
) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedInError):
            enter(database, passwords, "wrong")
    with pytest.raises(TooManyAttemptsError, match="try again in 5 seconds") as raised:
        enter(database, passwords)
    assert raised.value.retry_after_s == 5.0
    at = NOW + 5 * SECOND
    with pytest.raises(NotSignedInError):
        enter(database, passwords, "wrong", at=at)
    with pytest.raises(TooManyAttemptsError, match="10 seconds"):
        enter(database, passwords, at=at)
    assert enter(database, passwords, at=at + 10 * SECOND).actor == kim.actor()
    assert enter(database, passwords, at=at + 10 * SECOND).actor == kim.actor()


def test_many_names_from_one_address_are_slowed_down_too(
    database: StateDatabase, passwords: Passwords, kim: Person
) -> None:
    for i in range(20):
        with pytest.raises(NotSignedInError):
            enter(database, passwords, name=f"guess{i}")
    with pytest.raises(TooManyAttemptsError):
        enter(database, passwords)
    assert enter(database, passwords, address="10.0.0.2").actor == kim.actor()


def test_one_good_account_does_not_clear_the_guesses_of_its_address(
    database: StateDatabase, passwords: Passwords, kim: Person
) -> None:
    for i in range(19):
        with pytest.raises(NotSignedInError):
            enter(database, passwords, name=f"guess{i}")
    enter(database, passwords)
    with pytest.raises(NotSignedInError):
        enter(database, passwords, name="guess20")
    with pytest.raises(TooManyAttemptsError):
        enter(database, passwords)


def test_guesses_are_forgotten_after_a_day(database: StateDatabase, passwords: Passwords, kim: Person) -> None:
    for i in range(30):
        with pytest.raises((NotSignedInError, TooManyAttemptsError)):
            enter(database, passwords, "wrong", at=NOW + i * timedelta(minutes=20))
    later = NOW + timedelta(days=2)
    with pytest.raises(NotSignedInError):
        enter(database, passwords, "wrong", at=later)
    assert enter(database, passwords, at=later).actor == kim.actor()


def test_guesses_at_once_do_not_slip_through(database: StateDatabase, passwords: Passwords, kim: Person) -> None:
    outcomes: list[str] = []

    def guess() -> None:
        try:
            enter(database, passwords, "wrong")
        except (NotSignedInError, TooManyAttemptsError) as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (outcomes.count("NotSignedInError"), len(outcomes)) == (5, 12)


def test_waits_double_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(n, 5) for n in range(60)]
    assert waits == sorted(waits)
    assert (waits[4], waits[5], waits[7], waits[59]) == (0 * SECOND, 5 * SECOND, 20 * SECOND, LONGEST_WAIT)


def test_a_new_password_ends_all_sessions(database: StateDatabase, passwords: Passwords, kim: Person) -> None:
    signed = enter(database, passwords)
    people.set_password(database, passwords, signed.actor, name="kim", password=GOOD + "!", now=NOW)
    assert actor_of_session(database, signed.token, limits=LIMITS, now=NOW) is None
    with pytest.raises(NotSignedInError):
        enter(database, passwords)


def test_nobody_changes_the_password_of_another(database: StateDatabase, passwords: Passwords, kim: Person) -> None:
    other = replace(kim.actor(), id="other")
    with pytest.raises(NotAllowedError):
        people.set_password(database, passwords, other, name="kim", password=GOOD, now=NOW)


@pytest.mark.parametrize(
    ("password", "message"),
    [
        ("short", "at least 10 characters; 15 or more are better"),
        ("x" * 257, "at most 256"),
        ("abababababab", "at least 5 different"),
        ("my name is KIM!", "must not contain the user's name"),
    ],
)
def test_a_weak_password_is_refused(password: str, message: str) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        check_password(password, "kim")


def test_long_passwords_and_any_script_are_welcome(passwords: Passwords) -> None:
    long = "예지보전은 고장 나기 전에 알려준다 " * 10
    check_password(long, "kim")
    assert passwords.matches(long, passwords.hash(long))


def test_a_hash_is_argon2id_with_its_costs_and_never_the_same_twice() -> None:
    strong = Passwords()
    one, two = strong.hash(GOOD), strong.hash(GOOD)
    assert one.startswith("$argon2id$v=19$m=65536,t=3,")
    assert one != two
    assert strong.matches(GOOD, one)
    assert not strong.matches("wrong", one)


def test_what_is_no_hash_matches_nothing(passwords: Passwords) -> None:
    assert not passwords.matches(GOOD, None)
    assert not passwords.matches(GOOD, "plain text")


def test_no_secret_is_shown_by_accident() -> None:
    assert GOOD not in repr(Credentials(name="kim", password=GOOD, address="a"))
