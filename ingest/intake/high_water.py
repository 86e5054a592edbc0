"""What has once been durable, in a file beside the store: whatever becomes of the store, the true loss can be told.

A store may be cut short, lost, or put back from an old copy, and open without a word. This file remembers which
sequence numbers had been committed; what the store lacks of them when it is opened again become open gaps.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import structlog

from ingest.ports import IntakeBatch, IntakeState, IntakeStore
from ingest.sequence_ledger import LedgerBook, StreamLedger, recovered
from ingest.standing import ledger_content, ledger_from

REWRITE_AT_BYTES = 16_777_216
log = structlog.get_logger(__name__)


class HighWaterFile:
    """The ledgers of every stream as they last were durable: a line for each commit, rewritten when it gets long.

    It is not forced to the disk line by line: it outlives a killed process and a spoilt store, and after a power cut
    it may lack the last seconds, which then nobody is told of; what the store has, it has.

    Parameters
    ----------
    path
        The file; made where it is missing. Lines that cannot be read are passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._book = LedgerBook(_read(path))
        self._is_whole = False
        self._size = 0

    def ledgers(self) -> tuple[StreamLedger, ...]:
        """Return what was durable when last noted."""
        return tuple(self._book)

    def note(self, ledgers: Iterable[StreamLedger]) -> None:
        """Note ledgers that are durable now; where the file cannot be written, the next note writes it whole."""
        changed = tuple(ledgers)
        for ledger in changed:
            self._book.put(ledger)
        if not changed:
            return
        try:
            if self._is_whole and self._size < REWRITE_AT_BYTES:
                self._append(_line(changed))
            else:
                self._rewrite()
        except OSError as error:
            if self._is_whole:
                log.warning("high_water_not_written", file=str(self._path), reason=error.strerror)
            self._is_whole = False

    def _append(self, line: bytes) -> None:
        with self._path.open("ab", buffering=0) as file:
            file.write(line)
        self._size += len(line)

    def _rewrite(self) -> None:
        line = _line(self._book)
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("wb") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._is_whole, self._size = True, 0


class WatchedStore:
    """An `IntakeStore` in front of another that notes what was committed, and tells what has been lost since.

    Parameters
    ----------
    store
        What makes batches durable.
    high_water
        Where it is noted.
    clock_ns
        The time at which a loss is noticed, nanoseconds UTC.
    """

    def __init__(self, store: IntakeStore, high_water: HighWaterFile, clock_ns: Callable[[], int]) -> None:
        self._store = store
        self._high_water = high_water
        self._clock_ns = clock_ns
        self.lost = 0

    def load(self) -> IntakeState:
        """Return where everything stood; numbers that the store has lost are open gaps in it, and in the store."""
        state = self._store.load()
        kept = {(ledger.stream, ledger.boot): ledger for ledger in state.ledgers}
        known = {(ledger.stream, ledger.boot): ledger for ledger in self._high_water.ledgers()}
        now_ns = self._clock_ns()
        found = {at: recovered(kept.get(at), ledger, now_ns) for at, ledger in known.items()}
        mended = {at: ledger for at, (ledger, lost) in found.items() if lost}
        if mended:
            self.lost = sum(lost for _, lost in found.values())
            log.error("store_has_lost_messages", messages=self.lost, streams=sorted({stream for stream, _ in mended}))
            self.commit(IntakeBatch(readings=(), rejections=(), ledgers=tuple(mended.values()), meters=()))
        return replace(state, ledgers=tuple((kept | mended).values()))

    def commit(self, batch: IntakeBatch) -> None:
        """Make the batch durable, then note it."""
        self._store.commit(batch)
        self._high_water.note(batch.ledgers)


def _line(ledgers: Iterable[StreamLedger]) -> bytes:
    return orjson.dumps([ledger_content(ledger) for ledger in ledgers]) + b"\n"


def _read(path: Path) -> list[StreamLedger]:
    if not path.exists():
        return []
    return [ledger for line in path.read_bytes().splitlines() for ledger in _ledgers_of(line)]


def _ledgers_of(line: bytes) -> list[StreamLedger]:
    try:
        contents: list[list[Any]] = orjson.loads(line)
        return [ledger_from(content) for content in contents]
    except (ValueError, TypeError):
        return []
