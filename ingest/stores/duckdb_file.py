"""One DuckDB file: who may open it, a cursor for every thread, and what its errors mean to a person."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from ingest.errors import StoreBrokenError, StoreDamagedError, StoreLockedError, StoreUnavailableError

Columns = Mapping[str, NDArray[Any]]

_HOLDER = re.compile(r"PID (\d+)")
_DAMAGED = ("not a valid DuckDB database file", "Could not read enough bytes", "Corrupt database file")


class DuckDBFile:
    """The file of an embedded store, open in this process and no other.

    Parameters
    ----------
    path
        The file; it and its folder are made where they are missing.
    threads
        How many threads DuckDB may use for a query.
    memory_mib
        What DuckDB may keep in memory; what needs more passes through a folder beside the file.
    """

    def __init__(self, path: Path, threads: int, memory_mib: int) -> None:
        self.path = path
        self._connection = _open(path, {"threads": threads, "memory_limit": f"{memory_mib}MiB"})
        self._local = threading.local()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return this thread's cursor."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is None:
            cursor = self._local.cursor = self._connection.cursor()
        return cursor

    @contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Run the block in one durable transaction of this thread, or keep nothing of it.

        Raises
        ------
        StoreUnavailableError
            The disk is full, read-only or gone; the same transaction may succeed later.
        StoreBrokenError
            A failed write has invalidated the open database: only a restart of the process can help.
        """
        cursor = self.cursor()
        try:
            cursor.execute("begin")
            yield cursor
            cursor.execute("commit")
        except duckdb.Error as error:
            _roll_back(cursor)
            raise _translated(self.path, error) from error
        except BaseException:
            _roll_back(cursor)
            raise

    def fetch(self, query: str, parameters: list[object] | None = None) -> dict[str, NDArray[Any]]:
        """Return the columns of a query's answer; a NULL is None, or NaN where the column holds numbers."""
        try:
            found = self.cursor().execute(query, parameters or []).fetchnumpy()
        except duckdb.Error as error:
            raise _translated(self.path, error) from error
        return {name: _plain(column) for name, column in found.items()}

    def rows(self, query: str, parameters: list[object] | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a query's answer."""
        try:
            found: list[tuple[Any, ...]] = self.cursor().execute(query, parameters or []).fetchall()
        except duckdb.Error as error:
            raise _translated(self.path, error) from error
        return found

    def close(self) -> None:
        """Close the file; safe to repeat."""
        cursor: duckdb.DuckDBPyConnection | None = getattr(self._local, "cursor", None)
        if cursor is not None:
            cursor.close()
        self._connection.close()


@contextmanager
def registered(cursor: duckdb.DuckDBPyConnection, name: str, columns: Columns) -> Iterator[None]:
    """Let queries of this cursor see numpy columns as a table called `name`."""
    cursor.register(name, dict(columns))
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # an aborted transaction does not even let go; what failed is what matters
            cursor.unregister(name)
        raise
    cursor.unregister(name)


def quoted(identifier: str) -> str:
    """Return an SQL identifier that can hold any name."""
    return '"' + identifier.replace('"', '""') + '"'


def texts(values: list[str]) -> NDArray[np.object_]:
    """Return a column of texts."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _open(path: Path, config: Mapping[str, str | int]) -> duckdb.DuckDBPyConnection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return duckdb.connect(str(path), config=dict(config))
    except OSError as error:
        reason = f"{path.parent} cannot be made: {error.strerror}; choose another data_dir or mend its rights"
        raise StoreUnavailableError(reason) from error
    except duckdb.Error as error:
        raise _translated(path, error) from error


def _translated(path: Path, error: duckdb.Error) -> StoreUnavailableError | StoreLockedError:
    said = " ".join(str(error).split())
    if "Conflicting lock" in said or "set lock on file" in said:
        holder = _HOLDER.search(said)
        who = f"process {holder[1]}" if holder else "another process"
        return StoreLockedError(f"{path} is in use by {who}; stop it, or choose another data_dir")
    if isinstance(error, duckdb.FatalException) or "database has been invalidated" in said:
        return StoreBrokenError(
            f"{path}: a write failed, so nothing more can be stored; restart the service ({said[:200]})"
        )
    if any(sign in said for sign in _DAMAGED):
        return StoreDamagedError(f"{path} is cut short or altered ({said[:200]})")
    return StoreUnavailableError(
        f"{path} cannot be written or read now: {said[:300]}; look at the disk's space and rights"
    )


def _roll_back(cursor: duckdb.DuckDBPyConnection) -> None:
    with suppress(duckdb.Error):  # the failure itself may have ended the transaction
        cursor.execute("rollback")


def _plain(column: Any) -> NDArray[Any]:
    if not isinstance(column, np.ma.MaskedArray):
        return np.asarray(column)
    if column.dtype.kind == "f":
        return np.asarray(column.filled(np.nan))
    if column.dtype == object:
        return np.asarray(column.filled(None))
    return np.asarray(column.data)
