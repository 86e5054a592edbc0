"""What was found and is not registered."""

from ingest.intake.found import MOST, FoundBook
from ingest.sighting import InputFormat, Sighting


def a_sighting(sensor: str = "rpm", value: float = 1.0) -> Sighting:
    return Sighting(
        format=InputFormat.NATIVE, topic="t", machine="m", known_machine=None, sensor=sensor, unit=None, value=value,
        event_time_ns=5,
    )  # fmt: skip


def test_the_newest_value_and_the_count_are_kept() -> None:
    book = FoundBook()
    book.note([a_sighting(value=1.0), a_sighting("other")], 10)
    book.note([a_sighting(value=2.0)], 20)
    newest, other = book.all()
    assert (newest.key, newest.newest.value, newest.count) == (("t", "m", "rpm"), 2.0, 2)
    assert (newest.first_seen_ns, newest.last_seen_ns) == (10, 20)
    assert other.newest.sensor == "other"


def test_what_was_registered_is_left_out_until_it_reports_again() -> None:
    book = FoundBook()
    book.note([a_sighting()], 10)
    book.forget(("t", "m", "rpm"))
    book.forget(("t", "m", "rpm"))
    assert book.all() == ()


def test_memory_is_bounded() -> None:
    book = FoundBook()
    book.note([a_sighting(f"s{i}") for i in range(MOST + 5)], 10)
    assert len(book.all()) == MOST
    assert book.all()[-1].newest.sensor == "s5"
