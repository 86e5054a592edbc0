"""Who has come and who has gone."""

from ingest.intake.presence_book import PresenceBook
from ingest.reading import Presence
from tests.fakes.plants import a_machine


def a_presence(alive: bool, at_ns: int) -> Presence:
    return Presence(stream="s", machine=a_machine().id, alive=alive, received_time_ns=at_ns)


def test_a_death_counts_until_a_birth() -> None:
    book, machine = PresenceBook(), a_machine().id
    assert book.gone_ns(machine) is None
    book.note([a_presence(True, 1), a_presence(False, 2)])
    assert book.gone_ns(machine) == 2
    book.note([a_presence(True, 3)])
    assert book.gone_ns(machine) is None
