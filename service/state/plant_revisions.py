"""What people changed of the plant: who, when, and what, one revision a change."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from configs.plant_change import ChangedKind, PlantChange
from service.state.tables import PlantRevisionRow

FIRST = 1
"""The revision of the plant file itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantRevision:
    """One change, with the revision of the plant that has it."""

    revision: int
    at: datetime
    by: str
    change: PlantChange


def newest(session: Session) -> int:
    """Return the revision of the plant as it stands."""
    return int(session.scalar(select(func.max(PlantRevisionRow.revision))) or FIRST)


def list_revisions(session: Session) -> tuple[PlantRevision, ...]:
    """Return every change, oldest first."""
    rows = session.scalars(select(PlantRevisionRow).order_by(PlantRevisionRow.revision))
    return tuple(
        PlantRevision(
            revision=row.revision,
            at=row.at,
            by=row.by,
            change=PlantChange(
                kind=ChangedKind(row.object_kind), id=row.object_id, table=json.loads(row.after or "{}")
            ),
        )
        for row in rows
    )


def add(session: Session, change: PlantChange, *, by: str, before: str | None, now: datetime) -> int:
    """Keep a change; return the revision that it makes."""
    revision = newest(session) + 1
    session.add(
        PlantRevisionRow(
            revision=revision,
            at=now,
            by=by,
            object_kind=change.kind.value,
            object_id=change.id,
            before=before,
            after=json.dumps(dict(change.table), ensure_ascii=False, default=str),
        )
    )
    session.flush()
    return revision
