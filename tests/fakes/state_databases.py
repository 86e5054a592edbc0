"""State databases for tests: each test that asks for `database` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from service.state.database import StateDatabase, sqlite_url
from service.state.tables import Base
from tests.fakes.postgresql import PostgreSQL, a_postgresql, is_installed

__all__ = ["database", "empty_database", "migrated_sqlite", "postgresql", "shared_postgresql", "sqlite_database"]

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Return a running cluster with a migrated database `migrated`, which serves as template."""
    if not is_installed():
        pytest.skip("PostgreSQL is not installed here (apt install postgresql)")
    with a_postgresql() as server:
        server.sql("CREATE DATABASE migrated")
        template = StateDatabase(server.url("migrated"))
        template.migrate()
        template.close()
        yield server


@pytest.fixture(scope="session")
def shared_postgresql(postgresql: PostgreSQL) -> Iterator[StateDatabase]:
    """Return a migrated database that tests share one after the other: making one for each takes too long."""
    postgresql.sql("CREATE DATABASE shared TEMPLATE migrated")
    opened = StateDatabase(postgresql.url("shared"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "state.sqlite"
    template = StateDatabase(sqlite_url(path))
    template.migrate()
    template.close()
    return path


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[StateDatabase]:
    """Return a migrated SQLite database, for tests that are about anything but the engine."""
    path = tmp_path / "state.sqlite"
    shutil.copy(migrated_sqlite, path)
    opened = StateDatabase(sqlite_url(path))
    yield opened
    opened.close()


@pytest.fixture(params=ENGINES)
def database(request: pytest.FixtureRequest) -> Iterator[StateDatabase]:
    """Return a migrated, empty state database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    shared: StateDatabase = request.getfixturevalue("shared_postgresql")
    yield shared
    with shared.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())


@pytest.fixture(params=ENGINES)
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateDatabase]:
    """Return a state database that has no tables yet."""
    if request.param == "sqlite":
        opened = StateDatabase(sqlite_url(tmp_path / "state.sqlite"))
        yield opened
        opened.close()
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"empty_{next(_numbers)}"
    server.sql(f"CREATE DATABASE {name}")
    opened = StateDatabase(server.url(name))
    yield opened
    opened.close()
