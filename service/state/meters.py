"""Meter values that people typed in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from configs.plant import LifeUnit, MachineId, SiteId
from service.actor import Actor
from service.state.scope import visible
from service.state.tables import MeterEntryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterEntry:
    """A machine's meter stood at `value` in `unit` at a time, as somebody read it."""

    machine: MachineId
    unit: LifeUnit
    value: float
    at: datetime
    said_by: str
    said_at: datetime


def typed(
    session: Session, actor: Actor, *, machine: MachineId | None = None, limit: int = 100
) -> tuple[MeterEntry, ...]:
    """Return what was typed in, newest first."""
    query = select(MeterEntryRow).where(visible(MeterEntryRow.site, actor)).order_by(MeterEntryRow.number.desc())
    if machine is not None:
        query = query.where(MeterEntryRow.machine == machine)
    return tuple(_entry(row) for row in session.scalars(query.limit(limit)))


def add(session: Session, entry: MeterEntry, site: SiteId) -> None:
    """Keep what was typed in."""
    session.add(
        MeterEntryRow(
            machine=entry.machine,
            site=site,
            unit=entry.unit.value,
            value=entry.value,
            at=entry.at,
            said_by=entry.said_by,
            said_at=entry.said_at,
        )
    )
    session.flush()


def _entry(row: MeterEntryRow) -> MeterEntry:
    return MeterEntry(
        machine=MachineId(row.machine),
        unit=LifeUnit(row.unit),
        value=row.value,
        at=row.at,
        said_by=row.said_by,
        said_at=row.said_at,
    )
