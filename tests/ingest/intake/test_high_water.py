"""Whatever becomes of the store, what had been durable and is not any more can be told exactly."""

from pathlib import Path

import pytest

from ingest.intake.high_water import HighWaterFile, WatchedStore
from ingest.intake.writer import Intake
from tests.fakes.intake import an_intake
from tests.fakes.readings import NOON_NS, TOPIC, a_ledger, a_payload, an_intake_batch
from tests.fakes.source import MemorySource
from tests.fakes.store import MemoryStore


def watched(store: MemoryStore, path: Path) -> WatchedStore:
    return WatchedStore(store, HighWaterFile(path), lambda: NOON_NS)


def taken_in(store: MemoryStore, path: Path, *seqs: int) -> tuple[WatchedStore, Intake]:
    source, over = MemorySource(), watched(store, path)
    for seq in seqs:
        source.publish(TOPIC, a_payload(seq=seq, ts=NOON_NS // 1_000_000 + seq), NOON_NS)
    intake = an_intake(source, over)
    while intake.take_in():
        pass
    return over, intake


def test_a_store_that_is_whole_has_lost_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    taken_in(store, tmp_path / "high", 1, 2, 4)
    again = watched(store, tmp_path / "high")
    assert (again.load(), again.lost) == (store.load(), 0)


def test_a_lost_store_is_told_by_its_numbers(tmp_path: Path) -> None:
    taken_in(MemoryStore(), tmp_path / "high", 1, 2, 4, 5)
    empty = MemoryStore()
    again = watched(empty, tmp_path / "high")
    (ledger,) = again.load().ledgers
    assert (again.lost, ledger.first, ledger.highest, ledger.gaps) == (4, 1, 5, ((1, 5, NOON_NS),))
    assert [(gap.first, gap.last) for gap in empty.gaps()] == [(1, 5)]


def test_a_store_from_an_old_copy_lacks_what_came_after_it(tmp_path: Path) -> None:
    taken_in(MemoryStore(), tmp_path / "high", 1, 2, 3, 4, 5, 7)
    old = MemoryStore()
    taken_in(old, tmp_path / "other", 1, 2, 3)
    again = watched(old, tmp_path / "high")
    (ledger,) = again.load().ledgers
    assert (again.lost, [gap[:2] for gap in ledger.gaps], ledger.highest) == (3, [(4, 7)], 7)
    assert watched(old, tmp_path / "high").load().ledgers == (ledger,)


def test_what_was_lost_is_welcome_when_it_is_sent_again(tmp_path: Path) -> None:
    taken_in(MemoryStore(), tmp_path / "high", 1, 2, 3)
    store = MemoryStore()
    _, intake = taken_in(store, tmp_path / "high", 1, 2, 3)
    assert (intake.status().messages, store.gaps()) == (3, [])


def test_a_torn_line_costs_no_more_than_itself(tmp_path: Path) -> None:
    path = tmp_path / "high"
    high = HighWaterFile(path)
    high.note([a_ledger("pump1")])
    high.note([a_ledger("pump2")])
    path.write_bytes(path.read_bytes()[:-9])
    assert [ledger.stream for ledger in HighWaterFile(path).ledgers()] == [a_ledger("pump1").stream]


def test_a_long_file_is_rewritten_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.intake.high_water.REWRITE_AT_BYTES", 300)
    high = HighWaterFile(tmp_path / "high")
    for seq in range(40):
        high.note([a_ledger(seq=seq)])
    assert (tmp_path / "high").stat().st_size < 500
    assert HighWaterFile(tmp_path / "high").ledgers() == (a_ledger(seq=39),)


def test_a_full_disk_delays_the_note_and_stops_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "away"
    store = watched(MemoryStore(), folder / "high")
    store.commit(an_intake_batch(ledgers=(a_ledger("pump1"),)))
    folder.mkdir()
    store.commit(an_intake_batch(ledgers=(a_ledger("pump2"),)))
    assert len(HighWaterFile(folder / "high").ledgers()) == 2
    (folder / "high").unlink()
    (folder / "high").mkdir()
    store.commit(an_intake_batch(ledgers=(a_ledger("pump1", 7),)))
