"""Dead letters are stored after a fix or given up, once, and the trail says by whom."""

from dataclasses import replace

import pytest

from configs.plant import MachineId
from ingest.ports import Delivery, SettledAs
from service.actions import dead_letters
from service.actor import SYSTEM, Actor, Role
from service.errors import InvalidRequestError, NotAllowedError, NotFoundError
from service.state import audit
from tests.fakes.houses import House
from tests.fakes.intake import a_letter_desk, an_examiner
from tests.fakes.plants import a_machine, a_plant, a_sensor, a_type
from tests.fakes.readings import NOON_NS, SECOND_NS, TOPIC, a_payload

SPAN = (MachineId("pump1"), NOON_NS, NOON_NS + 3600 * SECOND_NS)


def refused(house: House, *payloads: bytes) -> None:
    """Let messages be examined that the house's plant cannot read."""
    deliveries = [Delivery(TOPIC, payload, NOON_NS, (1, i)) for i, payload in enumerate(payloads, 1)]
    house.store.commit(an_examiner(house.store).examine(deliveries).batch)


def a_mended_plant():
    kind = a_type(sensors=(a_sensor("vib"), a_sensor("smell")))
    return a_plant(a_machine("pump1", kind), kinds=(kind,))


def test_a_letter_is_stored_after_the_fix_and_only_once(house: House) -> None:
    refused(house, a_payload(seq=1, values={"smell": 3.0}), b"not json")
    desk = a_letter_desk(house.store, a_mended_plant())
    letters = house.store.dead_letters(9)
    before = dead_letters.preview(SYSTEM, desk, letters)
    assert (len(before.stored), len(before.refused), house.store.read_series(*SPAN).values.size) == (1, 1, 0)
    done = dead_letters.replay(house.database, SYSTEM, desk, letters, now=house.now[0])
    assert done.stored == before.stored
    again = dead_letters.replay(house.database, SYSTEM, desk, house.store.dead_letters(9), now=house.now[0])
    assert (again.stored, min(again.refused.values())) == ((), "is replayed already")
    series = house.store.read_series(*SPAN)
    assert series.values[:, series.sensors.index("smell")].tolist() == [3.0]
    assert house.store.gaps() == []
    with house.database.reading() as session:
        (entry,) = audit.list_entries(session, SYSTEM)
    assert (entry.act.action, entry.act.site, entry.actor_name) == ("dead_letter_replayed", "busan", "Yeji")


def test_a_letter_of_a_stream_without_numbers_or_ledger_is_stored_too(house: House) -> None:
    refused(house, a_payload(boot=..., seq=..., values={"smell": 3.0}))
    desk = a_letter_desk(house.store, a_mended_plant())
    done = dead_letters.replay(house.database, SYSTEM, desk, house.store.dead_letters(9), now=house.now[0])
    assert len(done.stored) == 1


def test_a_number_that_was_missing_is_found_in_a_letter(house: House) -> None:
    """Its bytes did not show the number when it came; a later version of the decoder can read it."""
    refused(house, a_payload(seq=1), a_payload(seq=3))
    desk = a_letter_desk(house.store)
    house.store.commit(
        an_examiner(house.store).examine([Delivery("elsewhere", a_payload(seq=2), NOON_NS, (1, 1))]).batch
    )
    (letter,) = house.store.dead_letters(9)
    dead_letters.replay(house.database, SYSTEM, desk, [replace(letter, topic=TOPIC)], now=house.now[0])
    assert house.store.gaps() == []


def test_a_letter_that_is_given_up_stays_in_the_list_with_its_reason(house: House) -> None:
    refused(house, b"not json", b"nor this")
    desk, letters = a_letter_desk(house.store), house.store.dead_letters(9)
    count = dead_letters.discard(house.database, SYSTEM, desk, letters, because=" test bench ", now=house.now[0])
    assert count == 2
    assert {(each.settled_as, each.settled_by) for each in house.store.dead_letters(9)} == {
        (SettledAs.DISCARDED, "Yeji")
    }
    with house.database.reading() as session:
        assert {entry.act.after for entry in audit.list_entries(session, SYSTEM)} == {"test bench"}
    again = house.store.dead_letters(9)
    assert dead_letters.discard(house.database, SYSTEM, desk, again, because="again", now=house.now[0]) == 0


def test_a_letter_that_comes_again_is_open_again(house: House) -> None:
    refused(house, b"not json")
    desk = a_letter_desk(house.store)
    dead_letters.discard(house.database, SYSTEM, desk, house.store.dead_letters(9), because="x", now=house.now[0])
    refused(house, b"not json")
    (letter,) = house.store.dead_letters(9)
    assert (letter.settled_as, letter.settled_by, letter.count) == (SettledAs.OPEN, None, 2)


def test_a_payload_that_is_not_whole_cannot_be_replayed(house: House) -> None:
    refused(house, b"x" * 70_000)
    desk, letters = a_letter_desk(house.store), house.store.dead_letters(9)
    (why,) = dead_letters.preview(SYSTEM, desk, letters).refused.values()
    assert "only a part of its bytes" in why


@pytest.mark.parametrize("because", ["", "   ", "x" * 201, "a\nb"])
def test_giving_up_needs_a_reason_in_one_line(house: House, because: str) -> None:
    with pytest.raises(InvalidRequestError, match="because"):
        dead_letters.discard(house.database, SYSTEM, a_letter_desk(house.store), [], because=because, now=house.now[0])


def test_only_engineers_settle(house: House) -> None:
    technician = Actor(id="t", name="Kim", role=Role.TECHNICIAN, sites=None)
    with pytest.raises(NotAllowedError):
        dead_letters.preview(technician, a_letter_desk(house.store), [])


def test_letters_are_chosen_by_the_beginning_of_their_id_or_by_reason(house: House) -> None:
    refused(house, b"not json", a_payload(values={"smell": 1}))
    letters = house.store.dead_letters(9)
    assert [each.reason for each in dead_letters.choose(letters, (), "unknown_sensor")] == ["unknown_sensor"]
    assert dead_letters.choose(letters, (letters[0].id[:8],), None) == [letters[0]]
    with pytest.raises(NotFoundError, match="no such"):
        dead_letters.choose(letters, ("nothing-",), None)
    with pytest.raises(NotFoundError, match="more than one"):
        dead_letters.choose([letters[0], letters[0]], (letters[0].id[:8],), None)
