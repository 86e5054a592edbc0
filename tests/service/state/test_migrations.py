"""The migrations make the tables that the code expects, on both engines, there and back."""

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import CheckConstraint, inspect, text

from service.errors import StateUnavailableError
from service.state import schema
from service.state.database import StateDatabase, sqlite_url
from service.state.tables import Base


def test_migrations_leave_nothing_to_change(database: StateDatabase) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": Base.metadata})
        assert compare_metadata(context, Base.metadata) == []


def test_checks_and_partial_indexes_are_those_of_the_tables(database: StateDatabase) -> None:
    inspector = inspect(database.engine)
    for table in Base.metadata.sorted_tables:
        checks = [each for each in table.constraints if isinstance(each, CheckConstraint)]
        expected = {f"ck_{table.name}_{check.name}" for check in checks}
        assert {check["name"] for check in inspector.get_check_constraints(table.name)} == expected
        assert {index["name"] for index in inspector.get_indexes(table.name)} == {i.name for i in table.indexes}


def test_migrating_down_leaves_no_table_and_up_again_works(empty_database: StateDatabase) -> None:
    empty_database.migrate()
    with empty_database.engine.begin() as connection:
        schema.downgrade(connection, "base")
    assert set(inspect(empty_database.engine).get_table_names()) == {"alembic_version"}
    assert not empty_database.is_current()
    empty_database.migrate()
    assert empty_database.is_current()


def test_each_revision_goes_up_and_down_alone(empty_database: StateDatabase) -> None:
    with empty_database.engine.begin() as connection:
        schema.upgrade(connection, "0001")
    assert not empty_database.is_current()
    with empty_database.engine.begin() as connection:
        schema.upgrade(connection, "0002")
        schema.downgrade(connection, "-1")
    assert "cases" not in inspect(empty_database.engine).get_table_names()


def test_migrating_twice_changes_nothing(empty_database: StateDatabase) -> None:
    empty_database.migrate()
    empty_database.migrate()
    assert empty_database.is_current()


def test_two_that_migrate_at_once_both_find_the_tables(empty_database: StateDatabase) -> None:
    errors: list[Exception] = []

    def migrate() -> None:
        try:
            empty_database.migrate()
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=migrate) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert empty_database.is_current()


def test_a_database_of_a_newer_version_is_refused(empty_database: StateDatabase) -> None:
    database = empty_database
    database.migrate()
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StateUnavailableError, match="newer version of Yeji"):
        database.migrate()
    assert not database.is_current()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"this is a text file, and a long one at that; " * 40)
    with pytest.raises(StateUnavailableError, match="is damaged or is no database"):
        StateDatabase(sqlite_url(path)).migrate()


def test_a_locked_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    database = StateDatabase(sqlite_url(path) + "?timeout=0.05")
    database.migrate()
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    with (
        pytest.raises(StateUnavailableError, match="another program holds its lock"),
        database.transaction() as session,
    ):
        session.execute(text("SELECT 1"))
    holder.close()
    database.close()
