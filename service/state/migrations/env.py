"""How Alembic runs the migrations: on the connection that it is given, as part of its transaction."""

from alembic import context
from sqlalchemy import Connection

from service.state.tables import Base


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    context.run_migrations()


run(context.config.attributes["connection"])
