"""Brings the tables to the newest revision: Alembic, from migrations that are part of the package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text

from service.errors import StateUnavailableError

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate up to a revision, within the connection's transaction."""
    if connection.dialect.name == "postgresql":
        # Two services that start at once must not both create the tables.
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('yeji.migrations'))"))
    try:
        command.upgrade(_configuration(connection), revision)
    except CommandError as error:
        raise _newer(error) from error


def downgrade(connection: Connection, revision: str) -> None:
    """Migrate down to a revision, within the connection's transaction."""
    command.downgrade(_configuration(connection), revision)


def is_at_head(connection: Connection) -> bool:
    """Whether the tables are at the newest revision."""
    heads = ScriptDirectory.from_config(_configuration(connection)).get_heads()
    return MigrationContext.configure(connection).get_current_heads() == tuple(heads)


def _configuration(connection: Connection) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    configuration.attributes["connection"] = connection
    return configuration


def _newer(error: CommandError) -> StateUnavailableError:
    return StateUnavailableError(
        f"state database: it was made by another, newer version of Yeji ({error}); install that version again"
    )
