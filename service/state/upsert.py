"""Insert or update many rows at once, on either engine."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ColumnElement, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from service.state.tables import Base

Rows = Sequence[Mapping[str, Any]]
Computed = Mapping[str, ColumnElement[Any]]


def upsert(session: Session, table: type[Base], rows: Rows, *, computed: Computed | None = None) -> None:
    """Insert the rows; where one of that primary key is there already, replace its other columns.

    `computed` gives columns that are not simply replaced; `incoming(session, table, column)` names the new value.
    """
    if not rows:
        return
    target = _table(table)
    statement = _insert(session, target)
    keys = [column.name for column in target.primary_key]
    changed: dict[str, Any] = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    changed.update(computed or {})
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), list(rows))


def insert_new(session: Session, table: type[Base], rows: Rows) -> int:
    """Insert those rows that break no unique index; return how many there were."""
    if not rows:
        return 0
    target = _table(table)
    keys = list(target.primary_key)
    statement = _insert(session, target).on_conflict_do_nothing().returning(*keys)
    return len(session.execute(statement, list(rows)).all())


def incoming(session: Session, table: type[Base], column: str) -> ColumnElement[Any]:
    """Return the value that an upsert brings for a column."""
    return _insert(session, _table(table)).excluded[column]


def _insert(session: Session, target: Table) -> sqlite.Insert | postgresql.Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(target)
    return sqlite.insert(target)


def _table(table: type[Base]) -> Table:
    return cast("Table", table.__table__)
