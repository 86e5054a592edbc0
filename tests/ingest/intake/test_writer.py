"""The writer: durable first, acknowledged after, and nothing acknowledged in trouble."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from ingest.errors import StoreBrokenError
from ingest.intake import writer
from ingest.intake.status import IntakeStatus, unready_because
from ingest.intake.writer import Intake
from ingest.ports import IntakeBatch, SourceStatus
from tests.fakes.intake import an_intake
from tests.fakes.readings import NOON_NS, TOPIC, a_payload
from tests.fakes.source import MemorySource
from tests.fakes.store import MemoryStore
from tests.fakes.waiting import wait_until


@pytest.fixture
def source() -> MemorySource:
    return MemorySource()


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def running(source: MemorySource, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Intake]:
    monkeypatch.setattr(writer, "FIRST_PAUSE_S", 0.01)
    intake = an_intake(source, store)
    intake.start()
    yield intake
    intake.stop(2.0)


def publish(source: MemorySource, *seqs: int) -> None:
    for seq in seqs:
        source.publish(TOPIC, a_payload(seq=seq), NOON_NS)


def test_what_is_durable_is_acknowledged_in_order(source: MemorySource, store: MemoryStore) -> None:
    intake = an_intake(source, store)
    publish(source, 1, 2)
    source.publish(TOPIC, b"poison", NOON_NS)
    publish(source, 3, 1)
    assert intake.take_in()
    assert [d.token[1] for d in source.acknowledged] == [1, 2, 3, 4, 5]
    assert len(store.dead_letters(9)) == 1
    status = intake.status()
    assert (status.messages, status.duplicates, status.acknowledged, status.commits) == (3, 1, 5, 1)
    assert (status.readings, status.rejected) == (3, (("malformed_json", 1),))


def test_nothing_to_do_is_no_commit(source: MemorySource, store: MemoryStore) -> None:
    assert not an_intake(source, store).take_in()
    assert store.committed == []


def test_in_trouble_nothing_is_acknowledged_and_all_is_tried_again(
    running: Intake, source: MemorySource, store: MemoryStore
) -> None:
    store.trouble = "the disk is full"
    publish(source, 1)
    wait_until(lambda: running.status().failed_commits >= 2)
    assert source.acknowledged == []
    assert unready_because(running.status()) == "the disk is full"
    store.trouble = None
    wait_until(lambda: source.outstanding == 0)
    wait_until(lambda: unready_because(running.status()) is None)
    assert [len(batch.readings) for batch in store.committed] == [1]


def test_messages_of_an_earlier_connection_are_stored_and_come_again(source: MemorySource, store: MemoryStore) -> None:
    intake = an_intake(source, store)
    publish(source, 1)
    source.reconnect()
    assert intake.take_in()
    assert (intake.status().acknowledged, intake.status().duplicates) == (1, 1)
    assert source.outstanding == 0


class BrokenStore(MemoryStore):
    def commit(self, batch: IntakeBatch) -> None:
        raise StoreBrokenError("a write failed; restart the service")


def test_a_broken_store_ends_the_writer_without_an_acknowledgement(source: MemorySource) -> None:
    intake = an_intake(source, BrokenStore())
    publish(source, 1)
    intake.start()
    wait_until(lambda: not intake.status().alive)
    status = intake.status()
    assert (status.broken, source.acknowledged) == (True, [])
    assert unready_because(status) == "a write failed; restart the service"
    intake.stop(1.0)


class FaultyStore(MemoryStore):
    def commit(self, batch: IntakeBatch) -> None:
        raise ZeroDivisionError


def test_a_fault_of_our_own_is_told_and_acknowledges_nothing(source: MemorySource) -> None:
    intake = an_intake(source, FaultyStore())
    publish(source, 1)
    intake.start()
    wait_until(lambda: not intake.status().alive)
    assert "ZeroDivisionError" in (unready_because(intake.status()) or "")
    assert source.acknowledged == []
    intake.stop(1.0)


def test_stopping_in_trouble_is_quick_and_loses_nothing(
    running: Intake, source: MemorySource, store: MemoryStore
) -> None:
    store.trouble = "the disk is full"
    publish(source, 1)
    wait_until(lambda: running.status().failed_commits >= 1)
    stopping = threading.Thread(target=running.stop, args=(2.0,))
    stopping.start()
    stopping.join(2.0)
    assert not stopping.is_alive()
    assert (source.acknowledged, source.stopped) == ([], True)
    running.stop(0.1)


def test_a_burst_is_committed_together(source: MemorySource, store: MemoryStore) -> None:
    intake = an_intake(source, store, commit_messages=80, batch_messages=100)
    publish(source, *range(1, 131))
    while intake.take_in():
        pass
    assert [batch.readings[0].seqs.size for batch in store.committed] == [100, 30]


def test_stragglers_join_the_batch_while_they_come(store: MemoryStore) -> None:
    class Trickle(MemorySource):
        def take(self, limit: int, wait_s: float) -> list:
            return super().take(1, wait_s)

    source = Trickle()
    publish(source, *range(1, 6))
    intake = an_intake(source, store, commit_messages=80, linger_s=5.0, quiet_s=0.0)
    assert intake.take_in()
    assert [batch.readings[0].seqs.tolist() for batch in store.committed] == [[1, 2, 3, 4, 5]]


class Scripted(MemorySource):
    """Hands out as many messages at each asking as it is told."""

    def __init__(self, *sizes: int) -> None:
        super().__init__()
        self.sizes = list(sizes)

    def take(self, limit: int, wait_s: float) -> list:
        size = self.sizes.pop(0) if self.sizes else 0
        return super().take(min(limit, size), wait_s) if size else []


def test_a_trickle_right_after_a_commit_is_gathered_for_a_while(store: MemoryStore) -> None:
    source = Scripted(1, 0, 1, 0, 1, 0)
    publish(source, 1, 2, 3)
    intake = an_intake(source, store, commit_messages=80, quiet_s=0.0, linger_s=0.05, rest_s=3_600.0)
    assert intake.take_in()
    assert intake.take_in()
    assert [batch.readings[0].seqs.tolist() for batch in store.committed] == [[1], [2, 3]]


def test_a_broker_that_waits_for_our_acknowledgements_is_not_kept_waiting(store: MemoryStore) -> None:
    """It hands out as many as its window holds, again and again; nothing more comes before a commit."""
    source = Scripted(3, 0, 3, 0, 1)
    publish(source, *range(1, 8))
    intake = an_intake(source, store, commit_messages=80, quiet_s=0.0, linger_s=3_600.0, rest_s=3_600.0)
    assert intake.take_in()
    assert intake.take_in()
    assert [batch.readings[0].seqs.tolist() for batch in store.committed] == [[1, 2, 3], [4, 5, 6]]


def test_who_listens_hears_of_durable_batches_only(source: MemorySource, store: MemoryStore) -> None:
    heard = []
    examiner = an_intake(source, store)._examiner
    intake = Intake(
        source, examiner, store, on_commit=lambda examined: heard.append((examined.messages, source.outstanding))
    )
    publish(source, 1, 2)
    intake.take_in()
    assert heard == [(2, 0)]


SOUND = SourceStatus(alive=True, connected=True, subscribed=True, received=0, waiting=0, reconnects=0, trouble=None)
READY = IntakeStatus(
    source=SOUND,
    alive=True,
    broken=False,
    trouble=None,
    seconds_since_progress=0.0,
    last_commit_s=0.0,
    commits=0,
    failed_commits=0,
    messages=0,
    readings=0,
    duplicates=0,
    acknowledged=0,
    rejected=(),
)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (READY, None),
        (replace(READY, alive=False), "writer has ended"),
        (replace(READY, trouble="the disk is full"), "the disk is full"),
        (replace(READY, source=replace(SOUND, alive=False)), "connection's thread"),
        (replace(READY, source=replace(SOUND, subscribed=False)), "not subscribed"),
        (replace(READY, source=replace(SOUND, subscribed=False, trouble="broker away")), "broker away"),
        (replace(READY, seconds_since_progress=11.0), "waiting for 11 s"),
        (replace(READY, source=replace(SOUND, unanswered_s=31.0)), "nothing has come round for 31 s"),
    ],
)
def test_readiness_is_progress(status: IntakeStatus, reason: str | None) -> None:
    """A connection that stands is not enough: what comes must be stored."""
    found = unready_because(status)
    assert (found is None) if reason is None else (reason in (found or ""))
