"""Transactions keep all or nothing, readers never wait, and trouble is one clear line."""

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from service.errors import StateUnavailableError
from service.state import counters
from service.state.database import StateDatabase, sqlite_url
from service.state.tables import CounterRow, OutboxRow
from tests.fakes.postgresql import PostgreSQL

SEOUL = timezone(timedelta(hours=9))


def count(database: StateDatabase) -> int:
    with database.reading() as session:
        return counters.value(session, "n")


def test_a_transaction_that_fails_leaves_nothing(database: StateDatabase) -> None:
    class StoppedError(Exception):
        pass

    def stop_half_way() -> None:
        with database.transaction() as session:
            counters.raise_by_one(session, "n")
            raise StoppedError

    with pytest.raises(StoppedError):
        stop_half_way()
    assert count(database) == 0


def test_writers_wait_for_each_other_and_lose_nothing(database: StateDatabase) -> None:
    def work() -> None:
        for _ in range(10):
            with database.transaction() as session:
                counters.raise_by_one(session, "n")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 40


def test_a_reader_sees_the_moment_before_and_does_not_wait(database: StateDatabase) -> None:
    with database.transaction() as session:
        counters.raise_by_one(session, "n")
        session.flush()
        assert count(database) == 0
    assert count(database) == 1


def test_a_reader_cannot_write(database: StateDatabase) -> None:
    with database.reading() as session:
        session.add(CounterRow(name="n", value=1))
        with pytest.raises(AssertionError, match="reading session"):
            session.flush()


def test_times_come_back_aware_in_utc(database: StateDatabase) -> None:
    at = datetime(2026, 11, 24, 17, 0, 0, 123456, tzinfo=SEOUL)
    row = {"key": "k", "kind": "k", "site": "s", "body": "", "queued_at": at, "not_before": at, "attempts": 0}
    with database.transaction() as session:
        session.add(OutboxRow(**row))
    with database.reading() as session:
        read = session.scalars(select(OutboxRow.queued_at)).one()
    assert (read, read.utcoffset(), read.hour) == (at, timedelta(0), 8)


def test_a_time_without_zone_is_refused(database: StateDatabase) -> None:
    naive = datetime(2026, 11, 24, 8, 0)  # noqa: DTZ001
    with pytest.raises(Exception, match="has no time zone"), database.transaction() as session:
        session.execute(select(OutboxRow).where(OutboxRow.queued_at > naive))


def test_foreign_keys_and_checks_hold(database: StateDatabase) -> None:
    orphan = text(
        "INSERT INTO sessions (digest, person_id, started_at, seen_at, ends_at) VALUES ('d', 'nobody', :at, :at, :at)"
    )
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(orphan, {"at": datetime(2026, 11, 24, tzinfo=UTC)})


def test_a_mistake_of_ours_is_not_called_trouble(database: StateDatabase) -> None:
    with pytest.raises((ProgrammingError, StateUnavailableError)) as raised, database.reading() as session:
        session.execute(text("SELECT nothing_of_that_name FROM counters"))
    assert "nothing_of_that_name" in str(raised.value)


def test_a_database_without_tables_says_what_to_run(empty_database: StateDatabase) -> None:
    with pytest.raises(StateUnavailableError, match="yeji db upgrade"):
        empty_database.check_writable()
    empty_database.migrate()
    empty_database.check_writable()


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    database = StateDatabase(sqlite_url(tmp_path / "state.sqlite"))
    database.migrate()
    assert {path.stat().st_mode & 0o777 for path in tmp_path.glob("state.sqlite*")} == {0o600}
    database.close()


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    database = StateDatabase(sqlite_url(tmp_path / "missing" / "state.sqlite"))
    with pytest.raises(StateUnavailableError, match="check that the folder exists"):
        database.migrate()


def test_a_database_that_may_only_be_read(sqlite_database: StateDatabase, tmp_path: Path) -> None:
    url = f"sqlite:///file:{tmp_path / 'state.sqlite'}?mode=ro&uri=true"
    with pytest.raises(StateUnavailableError, match="may not be written"):
        StateDatabase(url).check_writable()


def test_a_full_disk_says_so(sqlite_database: StateDatabase) -> None:
    def fill() -> None:
        with sqlite_database.transaction() as session:
            session.execute(text("PRAGMA max_page_count = 1"))
            for i in range(400):
                session.execute(text("INSERT INTO counters VALUES (:name, 1)"), {"name": str(i) * 500})

    with pytest.raises(StateUnavailableError, match="make room"):
        fill()


def test_a_damaged_file_says_so(sqlite_database: StateDatabase, tmp_path: Path) -> None:
    sqlite_database.close()
    path = tmp_path / "state.sqlite"
    pages = bytearray(path.read_bytes())
    pages[4096:] = b"\xff" * (len(pages) - 4096)
    path.write_bytes(pages)
    with pytest.raises(StateUnavailableError, match="damaged"):
        sqlite_database.check_writable()


@pytest.mark.parametrize("url", ["mysql://localhost/yeji", "sqlite://", "sqlite:///:memory:"])
def test_an_engine_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(StateUnavailableError, match="cannot be used"):
        StateDatabase(url)


def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(StateUnavailableError, match="not a database URL"):
        StateDatabase("state.sqlite")


def test_a_server_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    database = StateDatabase(f"postgresql://yeji:secret@/state?host={tmp_path}")
    with pytest.raises(StateUnavailableError) as raised:
        database.migrate()
    assert "does not answer" in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.postgresql
def test_a_server_that_stopped_is_trouble_and_comes_back(postgresql: PostgreSQL) -> None:
    postgresql.sql("CREATE DATABASE cut TEMPLATE migrated")
    database = StateDatabase(postgresql.url("cut"))

    def lose_the_connection() -> None:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
            postgresql.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'cut'")
            session.execute(text("SELECT 1"))

    with pytest.raises(StateUnavailableError):
        lose_the_connection()
    database.check_writable()
    database.close()


def test_a_second_close_is_harmless(sqlite_database: StateDatabase) -> None:
    sqlite_database.close()
    sqlite_database.close()


def test_the_file_survives_a_process_that_dies(sqlite_database: StateDatabase, tmp_path: Path) -> None:
    with sqlite_database.transaction() as session:
        counters.raise_by_one(session, "n")
    copy = tmp_path / "copy.sqlite"
    for suffix in ("", "-wal"):
        source = tmp_path / f"state.sqlite{suffix}"
        if source.exists():
            (tmp_path / f"copy.sqlite{suffix}").write_bytes(source.read_bytes())
    plain = sqlite3.connect(copy)
    assert plain.execute("SELECT value FROM counters").fetchall() == [(1,)]
    plain.close()
