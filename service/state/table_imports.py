"""Imports of tables that people keep, and what they said of tables of one shape."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from configs.plant import SiteId
from ingest.decode.table_layout import Answers
from service.actor import Actor
from service.errors import NotFoundError
from service.state.tables import ImportState, TableAnswersRow, TableImportRow
from service.state.upsert import upsert

__all__ = ["Added", "ImportState", "TableImport"]


INTERRUPTED = "the service was stopped meanwhile; store it again, it goes on where it stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableImport:
    """One file that was handed in.

    `total` values and records of it are to be stored, `done` of them are, `known` were stored before; `rejected` cells
    and rows are not taken in. `trouble` says in one line why an import failed. `sites` are those that it is about, none
    while nothing of it is understood.
    """

    id: str
    file_name: str
    digest: str
    at: datetime
    by: str
    state: ImportState
    total: int
    done: int
    known: int
    rejected: int
    trouble: str | None
    undone_at: datetime | None
    undone_by: str | None
    sites: frozenset[SiteId] = frozenset()

    def is_open_to(self, actor: Actor) -> bool:
        """Whether someone may know of it: of what is about no site yet, only who handed it in."""
        if actor.sites is None:
            return True
        return self.sites <= actor.sites if self.sites else self.by == actor.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What an import added beside readings: to meters, by "machine unit", and the ids of records and machines."""

    meters: dict[str, float] = field(default_factory=dict)
    lives: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)


def add(session: Session, new: TableImport) -> None:
    """Keep a new import."""
    session.add(TableImportRow(**asdict(new) | {"sites": json.dumps(sorted(new.sites))}, summary="{}"))
    session.flush()


def get(session: Session, import_id: str, actor: Actor) -> TableImport:
    """Return an import; NotFoundError where there is none of that id, or none that the actor may know of."""
    found = _import(_row(session, import_id))
    if not found.is_open_to(actor):
        raise _no_import(import_id)
    return found


def list_imports(session: Session, actor: Actor, *, limit: int = 100) -> tuple[TableImport, ...]:
    """Return what was handed in and the actor may know of, newest first."""
    rows = session.scalars(select(TableImportRow).order_by(TableImportRow.at.desc(), TableImportRow.id))
    return tuple(islice((found for found in map(_import, rows) if found.is_open_to(actor)), limit))


def change(session: Session, import_id: str, *, sites: Iterable[SiteId] | None = None, **values: object) -> None:
    """Keep how an import stands now."""
    row = _row(session, import_id)
    if sites is not None:
        row.sites = json.dumps(sorted(sites))
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()


def end_interrupted(session: Session) -> int:
    """Mark what was at work when the service ended; return how many there were."""
    found = session.execute(
        update(TableImportRow)
        .where(TableImportRow.state == ImportState.WORKING)
        .values(
            state=ImportState.FAILED,
            trouble="the service was stopped meanwhile; import it again: what is stored stays stored once",
        )
    )
    return int(found.rowcount)  # type: ignore[attr-defined]


def added_by(session: Session, import_id: str) -> Added:
    """Return what an import added beside readings."""
    return Added(**json.loads(_row(session, import_id).summary))


def keep_added(session: Session, import_id: str, added: Added) -> None:
    """Keep what an import added beside readings."""
    _row(session, import_id).summary = json.dumps(asdict(added))
    session.flush()


def known_answers(session: Session) -> dict[str, Answers]:
    """Return what was said last of tables, by their shape."""
    rows = session.scalars(select(TableAnswersRow))
    return {row.shape: Answers(**json.loads(row.answers)) for row in rows}


def keep_answers(session: Session, shape: str, answers: Answers, *, by: str, now: datetime) -> None:
    """Remember what was said for the next table of that shape."""
    values = {"shape": shape, "answers": json.dumps(asdict(answers), ensure_ascii=False), "at": now, "by": by}
    upsert(session, TableAnswersRow, [values])


def _row(session: Session, import_id: str) -> TableImportRow:
    row = session.get(TableImportRow, import_id)
    if row is None:
        raise _no_import(import_id)
    return row


def _no_import(import_id: str) -> NotFoundError:
    return NotFoundError(f"there is no import {import_id}")


def _import(row: TableImportRow) -> TableImport:
    return TableImport(
        id=row.id,
        file_name=row.file_name,
        digest=row.digest,
        at=row.at,
        by=row.by,
        state=ImportState(row.state),
        total=row.total,
        done=row.done,
        known=row.known,
        rejected=row.rejected,
        trouble=row.trouble,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        sites=frozenset(map(SiteId, json.loads(row.sites))),
    )
