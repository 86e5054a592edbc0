"""Numbers that rise with every change of a kind of fact, so that a reader knows when to look again."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.state.tables import CounterRow
from service.state.upsert import upsert


def value(session: Session, name: str) -> int:
    """Return where a counter stands; 0 before the first change."""
    return session.scalar(select(CounterRow.value).where(CounterRow.name == name)) or 0


def raise_by_one(session: Session, name: str) -> None:
    """Count one change."""
    upsert(session, CounterRow, [{"name": name, "value": 1}], computed={"value": CounterRow.value + 1})
