"""What was found and is not registered."""

from dataclasses import replace

from ingest.intake.found import MOST, FoundBook, recall
from ingest.ports import Delivery, SettledAs
from ingest.reading import RejectionReason
from ingest.sighting import InputFormat, Sighting
from tests.fakes.intake import an_examiner
from tests.fakes.plants import a_machine
from tests.fakes.readings import NOON_NS, TOPIC, a_payload
from tests.fakes.store import MemoryStore


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


def test_after_a_restart_the_dead_letters_tell_what_was_found() -> None:
    store, machine = MemoryStore(), a_machine()
    deliveries = [
        Delivery(TOPIC, a_payload(seq=1, values={"smell": 7.0, "vib": 1.0}), NOON_NS, (1, 1)),
        Delivery(TOPIC, b"no reading at all", NOON_NS, (1, 2)),
        Delivery("yeji/v1/busan/a/stranger/telemetry", a_payload(seq=1), NOON_NS, (1, 3)),
    ]
    store.commit(an_examiner(store).examine(deliveries).batch)
    book = FoundBook()
    recall(book, store.dead_letters(10), {machine.id: machine})
    found = {(each.newest.machine, each.newest.sensor): each.newest.value for each in book.all()}
    assert found["pump1", "smell"] == 7.0
    assert ("pump1", "vib") not in found
    assert any(name == "stranger" for name, _ in found)


def test_a_settled_dead_letter_is_not_found_again() -> None:
    store, machine = MemoryStore(), a_machine()
    delivery = Delivery(TOPIC, a_payload(seq=1, values={"smell": 7.0}), NOON_NS, (1, 1))
    store.commit(an_examiner(store).examine([delivery]).batch)
    settled = [replace(letter, settled_as=SettledAs.DISCARDED) for letter in store.dead_letters(10)]
    assert [letter.reason for letter in settled] == [RejectionReason.UNKNOWN_SENSOR]
    book = FoundBook()
    recall(book, settled, {machine.id: machine})
    assert book.all() == ()
