"""Work that was done on machines."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from configs.plant import MachineId, SiteId, SlotId
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from service.actor import Actor
from service.state.digests import digest_of
from service.state.scope import visible
from service.state.tables import MaintenanceEventRow
from service.state.upsert import insert_new


def add_new(session: Session, events: Sequence[tuple[MaintenanceEvent, SiteId]]) -> int:
    """Keep those events that are not known yet; return how many there were."""
    return insert_new(session, MaintenanceEventRow, [_columns(event, site) for event, site in events])


def list_events(
    session: Session, actor: Actor, *, machine: MachineId | None = None, limit: int | None = None
) -> tuple[MaintenanceEvent, ...]:
    """Return what was done, newest first."""
    query = select(MaintenanceEventRow).where(visible(MaintenanceEventRow.site, actor))
    if machine is not None:
        query = query.where(MaintenanceEventRow.machine == machine)
    rows = session.scalars(query.order_by(MaintenanceEventRow.at.desc(), MaintenanceEventRow.id).limit(limit))
    return tuple(
        MaintenanceEvent(
            machine=MachineId(row.machine),
            slot=None if row.slot is None else SlotId(row.slot),
            at=row.at,
            kind=MaintenanceKind(row.kind),
            note=row.note,
        )
        for row in rows
    )


def id_of(event: MaintenanceEvent) -> str:
    """Return what an event is known by."""
    return digest_of(event.machine, event.slot, event.at, event.kind, event.note)


def known_ids(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of these events are there."""
    return set(session.scalars(select(MaintenanceEventRow.id).where(MaintenanceEventRow.id.in_(ids))))


def remove(session: Session, ids: Sequence[str]) -> int:
    """Take events out that should never have been recorded; return how many there were."""
    wanted = delete(MaintenanceEventRow).where(MaintenanceEventRow.id.in_(ids)).returning(MaintenanceEventRow.id)
    return len(session.execute(wanted).all())


def _columns(event: MaintenanceEvent, site: SiteId) -> dict[str, object]:
    return {
        "id": id_of(event),
        "machine": event.machine,
        "site": site,
        "slot": event.slot,
        "at": event.at,
        "kind": event.kind.value,
        "note": event.note,
    }
