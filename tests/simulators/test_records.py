"""What people write down of what happened."""

from dataclasses import replace

import pytest

from simulators.records import Books, Standing, keep_books
from simulators.removal import Reason, TrueLife
from tests.simulators.scenarios import DAY_S, START_S, a_scenario

END_S = START_S + 365 * DAY_S
CAREFUL = (0.5,) * 10


def a_life(number: int = 0, **changes: object) -> TrueLife:
    fields = {
        "machine": "pump-01", "slot": "bearing", "install_no": number, "installed_s": START_S + number * 30 * DAY_S,
        "meter_at_install": 720.0 * number, "removed_s": START_S + (number + 1) * 30 * DAY_S,
        "meter_at_removal": 720.0 * (number + 1), "reason": Reason.FAILED, "true_life": 720.0, "damage": 1.0, "onset_s": None,
        "sudden": False, "restored": 0.0, "chance": CAREFUL, **changes,
    }  # fmt: skip
    return TrueLife(**fields)


def books_of(*lives: TrueLife) -> Books:
    meters = {("pump-01", "operating_hours"): 30_000.0}
    return keep_books(a_scenario(2).plant, lives, Standing(start_s=START_S, end_s=END_S, meters=meters))


def chance(**draws: float) -> tuple[float, ...]:
    places = {"late": 5, "vague": 6, "forgotten": 7}
    drawn = list(CAREFUL)
    for name, value in draws.items():
        drawn[places[name]] = value
    return tuple(drawn)


def test_failure_is_written_with_its_mode_and_labelled() -> None:
    books = books_of(a_life())
    record = books.lives[0]
    assert (record.removal_reason, record.failure_mode in {"VIB", "OHE"}, record.age_at_install) == (
        "failed",
        True,
        0.0,
    )
    assert [label.kind for label in books.labels] == ["real_failure"]
    assert [work.kind for work in books.works] == ["corrective"]


def test_planned_replacement_has_no_failure_mode_and_no_label() -> None:
    books = books_of(a_life(reason=Reason.PLANNED))
    assert (books.lives[0].removal_reason, books.lives[0].failure_mode, books.labels) == ("planned", None, ())


def test_late_record_bears_a_later_time_than_the_truth() -> None:
    life = a_life(chance=chance(late=0.01))
    assert books_of(life).lives[0].removed_s > life.removed_s


def test_vague_record_does_not_say_why() -> None:
    books = books_of(a_life(chance=chance(vague=0.01)))
    assert (books.lives[0].removal_reason, books.lives[0].failure_mode, books.labels) == ("unknown", None, ())
    assert books.lives[0].note


def test_forgotten_replacement_makes_two_lives_look_like_one() -> None:
    books = books_of(a_life(0, chance=chance(forgotten=0.01)), a_life(1))
    assert len(books.lives) == 1
    assert (books.lives[0].installed_s, books.lives[0].removed_s) == (a_life(0).installed_s, a_life(1).removed_s)


def test_part_from_before_the_books_has_no_known_age() -> None:
    old = a_life(
        3,
        installed_s=START_S - 2000 * DAY_S,
        meter_at_install=0.0,
        removed_s=START_S + 100 * DAY_S,
        meter_at_removal=2100.0,
    )
    record = books_of(old).lives[0]
    assert record.age_at_install is None
    assert record.installed_s == pytest.approx(START_S - 3 * 365 * DAY_S)
    assert 0 < record.meter_at_install < 2100.0


def test_open_part_from_before_the_books_starts_at_its_meter() -> None:
    old = a_life(
        3,
        installed_s=START_S - 2000 * DAY_S,
        meter_at_install=500.0,
        removed_s=None,
        meter_at_removal=None,
        reason=None,
    )
    record = books_of(old).lives[0]
    assert (record.age_at_install, record.removed_s, record.removal_reason) == (None, None, None)
    assert 500.0 < record.meter_at_install < 30_000.0


def test_part_after_a_late_record_starts_where_the_book_says_the_last_one_ended() -> None:
    late, following = books_of(a_life(0, chance=chance(late=0.01)), a_life(1)).lives
    assert following.installed_s == late.removed_s
    assert following.meter_at_install == late.meter_at_removal


def test_parts_gone_before_the_books_are_not_in_them() -> None:
    gone = a_life(0, installed_s=START_S - 3000 * DAY_S, removed_s=START_S - 2000 * DAY_S)
    assert books_of(gone, replace(a_life(1))).lives[0].id == "pump-01.bearing.1"


def test_wrong_reason_is_written_as_if_it_were_right() -> None:
    failed, planned = (
        books_of(a_life(reason=why, chance=chance(vague=0.13))) for why in (Reason.FAILED, Reason.PLANNED)
    )
    assert (failed.lives[0].removal_reason, failed.labels) == ("planned", ())
    assert (planned.lives[0].removal_reason, len(planned.labels)) == ("failed", 1)
