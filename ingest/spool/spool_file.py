"""The SQLite file of a spool: who may open it, durable transactions, and what its errors mean to a person."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ingest.errors import StoreBrokenError, StoreDamagedError, StoreLockedError, StoreUnavailableError

LAYOUT = 1
"""The version of these tables; a spool of another version is refused."""

_TABLES = """
create table if not exists entries (number integer primary key, size integer not null, readings blob not null,
    changes text not null);
create table if not exists snapshot (id integer primary key check (id = 1), content blob not null);
create table if not exists sensors (id integer primary key, equipment_type text not null, sensor text not null);
create table if not exists imports (equipment_type text not null, digest text not null, row_count integer not null,
    primary key (equipment_type, digest));
create table if not exists facts (name text primary key, value text not null);
create table if not exists dead_letters (id text primary key, account text not null, topic text not null,
    payload blob not null, size integer not null, reason text not null, detail text not null,
    first_seen_ns integer not null, last_seen_ns integer not null, count integer not null,
    settled_as text, settled_by text, settled_at_ns integer) without rowid;
create index if not exists dead_letters_by_age on dead_letters (last_seen_ns);
"""
_FSYNC_FAILED = frozenset({"SQLITE_IOERR_FSYNC", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_IOERR_TRUNCATE"})
_DAMAGED = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


class SpoolFile:
    """The file of a spool, open in this process and no other; threads take turns.

    Every transaction is on the disk when it ends (WAL, synchronous=FULL).
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._turn = threading.RLock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"{path.parent} cannot be made: {error.strerror}; choose another data_dir or mend its rights"
            raise StoreUnavailableError(reason) from error
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0.2)
        try:
            self._prepare()
        except BaseException:
            self._connection.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run the block in one durable transaction, or keep nothing of it.

        Raises
        ------
        StoreUnavailableError
            The disk is full, read-only or gone; the same transaction may succeed later.
        StoreBrokenError
            What was written could not be made durable: only a restart of the process can tell what is there.
        """
        with self._turn, self._translated():
            self._connection.execute("begin immediate")
            try:
                yield self._connection
                self._connection.execute("commit")
            except BaseException:
                with suppress(sqlite3.Error):  # the failure itself may have ended the transaction
                    self._connection.execute("rollback")
                raise

    def rows(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query's answer."""
        with self._turn, self._translated():
            return self._connection.execute(query, parameters).fetchall()

    def give_space_back(self) -> None:
        """Return pages that are free now to the file system."""
        with self._turn, self._translated():
            self._connection.execute("pragma incremental_vacuum").fetchall()

    def close(self) -> None:
        """Close the file; safe to repeat."""
        with self._turn:
            self._connection.close()

    def _prepare(self) -> None:
        with self._turn, self._translated():
            for pragma in ("locking_mode = exclusive", "auto_vacuum = incremental", "journal_mode = wal"):
                self._connection.execute(f"pragma {pragma}").fetchall()
            self._connection.execute("pragma synchronous = full")
            self._connection.execute("begin immediate")
            self._connection.execute("commit")
            found = self._connection.execute("pragma user_version").fetchone()[0]
            if found not in {0, LAYOUT}:
                raise StoreUnavailableError(
                    f"{self.path} was made by another version of Yeji (layout {found}, this one reads {LAYOUT});"
                    " use that version, or choose another data_dir"
                )
            self._connection.executescript(f"begin; {_TABLES} pragma user_version = {LAYOUT}; commit;")

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise translated(self.path, error) from error


def translated(path: Path, error: sqlite3.Error) -> StoreUnavailableError | StoreLockedError:
    """Return what an error of SQLite means to a person."""
    name = getattr(error, "sqlite_errorname", "")
    if name in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
        return StoreLockedError(f"{path} is in use by another process; stop it, or choose another data_dir")
    if name in _FSYNC_FAILED:
        return StoreBrokenError(f"{path}: the disk did not keep what was written ({error}); restart the service")
    if name in _DAMAGED:
        return StoreDamagedError(f"{path} is damaged ({error})")
    return StoreUnavailableError(f"{path} cannot be written or read now: {error}; look at the disk's space and rights")
