"""The state database: transactions for what changes, a read view for what is shown."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event, text
from sqlalchemy.exc import DataError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from service.errors import InvalidRequestError, StateUnavailableError
from service.state.engines import WRITES, explain, is_trouble, make_engine, make_private, parse_url, sqlite_url
from service.state.schema import is_at_head, upgrade

__all__ = ["StateDatabase", "sqlite_url"]


class StateDatabase:
    """Opens transactions on the state database; safe to share between threads.

    Nothing is connected before it is first used. Every engine error that a person can mend is raised as a
    StateUnavailableError that says in one line what is wrong and what to do.
    """

    def __init__(self, url: str) -> None:
        self._url = parse_url(url)
        self._engine = make_engine(url)
        self._writing = self._engine.execution_options(**{WRITES: True})

    @property
    def engine(self) -> Engine:
        """The engine underneath, for migrations and their tests."""
        return self._engine

    def migrate(self) -> None:
        """Bring the tables to the newest revision; nothing happens where they are there already."""
        make_private(self._url)
        with self._explained(), self._writing.begin() as connection:
            upgrade(connection)

    def is_current(self) -> bool:
        """Whether the tables are at the newest revision."""
        with self._explained(), self._engine.connect() as connection:
            return is_at_head(connection)

    def check_writable(self) -> None:
        """Raise StateUnavailableError where nothing can be written now."""
        with self.transaction() as session:
            session.execute(text("UPDATE counters SET value = value WHERE name = ''"))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Give a session that commits at the end, or keeps nothing where anything was raised."""
        with self._explained(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one moment of the database, never waits for a writer, and writes nothing."""
        with self._explained(), Session(self._engine, expire_on_commit=False) as session:
            event.listen(session, "before_flush", _refuse_flush)
            yield session

    def close(self) -> None:
        """Give all connections back; safe to repeat."""
        self._engine.dispose()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise StateUnavailableError("state database: too many requests at once; try again in a moment") from error
        except DataError as error:
            raise InvalidRequestError(
                "a text or number cannot be kept: it has a NUL character or is too large"
            ) from error
        except DBAPIError as error:
            if not is_trouble(error):
                raise
            raise explain(error, self._url) from error


def _refuse_flush(session: Session, *rest: object) -> None:  # noqa: ARG001
    raise AssertionError("a reading session was given something to write")
