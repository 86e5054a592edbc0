"""What differs between the engines: how a connection is set up, how a transaction begins, what their errors mean."""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError, ProgrammingError

from service.errors import StateUnavailableError

BUSY_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 5
POOL_SIZE = 8
POOL_OVERFLOW = 40
WRITES = "yeji_writes"
"""Execution option of a connection whose transactions write."""

_MEANINGS = (
    ("database is locked", "another program holds its lock; stop that program, then try again"),
    ("readonly", "it may not be written; give this user the right to write the file and its folder"),
    ("read-only", "it may not be written; give this user the right to write the file and its folder"),
    ("unable to open", "the file cannot be opened; check that the folder exists and that this user may write to it"),
    ("disk is full", "the disk is full; make room"),
    ("no space left", "the disk is full; make room"),
    ("not a database", "the file is damaged or is no database; put the last backup in its place"),
    ("malformed", "the file is damaged; put the last backup in its place"),
    ("no such table", "it has no tables yet; run `yeji db upgrade`"),
    ("does not exist", "the database, its role or a table is missing; create it, then run `yeji db upgrade`"),
    ("too many", "the server takes no more connections; raise max_connections there"),
    ("password authentication failed", "it refused the name or the password; check the URL in the settings"),
    ("connection", "the server does not answer; check that it runs and that the URL in the settings is right"),
)


def make_engine(url: str) -> Engine:
    """Return an engine for a database URL; StateUnavailableError where the URL is of no engine that Yeji knows."""
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        waits = parsed if "timeout" in parsed.query else parsed.update_query_dict({"timeout": str(BUSY_TIMEOUT_S)})
        engine = create_engine(waits, pool_size=POOL_SIZE, max_overflow=POOL_OVERFLOW)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(
        parsed,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_pre_ping=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "yeji", "options": "-c timezone=UTC"},
    )


def parse_url(url: str) -> URL:
    """Return the URL with the driver that is used here."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StateUnavailableError("state.url: not a database URL; write sqlite:///… or postgresql://…") from None
    name = parsed.get_backend_name()
    if name in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if name == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed.set(drivername="sqlite+pysqlite")
    raise StateUnavailableError(f"state.url: {name} cannot be used; write sqlite:///path/of/file or postgresql://…")


def sqlite_url(path: Path) -> str:
    """Return the URL of a SQLite file."""
    return URL.create("sqlite", database=str(path.absolute())).render_as_string(hide_password=False)


def make_private(url: URL) -> None:
    """Make the file of a SQLite database, where there is none yet, so that its owner alone can read it."""
    if url.get_backend_name() != "sqlite" or "uri" in url.query or url.database is None:
        return
    with suppress(OSError):
        os.close(os.open(url.database, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def is_trouble(error: DBAPIError) -> bool:
    """Whether an error tells of the engine (away, locked, damaged, without tables), not of what was asked of it."""
    if isinstance(error, OperationalError) or error.connection_invalidated or type(error) is DatabaseError:
        return True
    return isinstance(error, ProgrammingError) and "relation" in str(error.orig) and "not exist" in str(error.orig)


def explain(error: DBAPIError, url: URL) -> StateUnavailableError:
    """Return what an engine's error means to a person, in one line."""
    told = " ".join(str(error.orig).split())
    meaning = next((words for sign, words in _MEANINGS if sign in told.lower()), told)
    return StateUnavailableError(f"state database {url.render_as_string(hide_password=True)}: {meaning}")


def _set_up_sqlite(connection: Any, record: object) -> None:  # noqa: ARG001
    # Transactions are begun by `_begin_sqlite`; the driver must not begin its own.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # Writers take the lock at once: one that begins as a reader and then writes fails without waiting.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
