"""Which machines are out of service, until when and why."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from configs.plant import MachineId, SiteId
from service.actor import Actor
from service.advisory.shelving import OutOfService
from service.state.scope import visible
from service.state.tables import OutOfServiceRow
from service.state.upsert import upsert


def current(session: Session, actor: Actor, now: datetime) -> dict[MachineId, OutOfService]:
    """Return the machines that are out of service now."""
    rows = session.scalars(
        select(OutOfServiceRow)
        .where(visible(OutOfServiceRow.site, actor), OutOfServiceRow.ends_at > now)
        .order_by(OutOfServiceRow.machine)
    )
    return {MachineId(row.machine): _out_of_service(row) for row in rows}


def of_machine(session: Session, actor: Actor, machine: MachineId, now: datetime) -> OutOfService | None:
    """Return the machine's time out of service, or None where it is in service."""
    return current(session, actor, now).get(machine)


def save(session: Session, out: OutOfService, site: SiteId) -> None:
    """Keep a machine's time out of service in place of the one before."""
    row = {
        "machine": out.machine,
        "site": site,
        "since": out.since,
        "ends_at": out.until,
        "reason": out.reason,
        "said_by": out.said_by,
    }
    upsert(session, OutOfServiceRow, [row])


def remove(session: Session, machine: MachineId) -> None:
    """Forget a machine's time out of service."""
    session.execute(delete(OutOfServiceRow).where(OutOfServiceRow.machine == machine))


def _out_of_service(row: OutOfServiceRow) -> OutOfService:
    return OutOfService(
        machine=MachineId(row.machine), since=row.since, until=row.ends_at, reason=row.reason, said_by=row.said_by
    )
