"""The newest health of every machine."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from configs.plant import MachineId, SiteId
from models.health import Health
from service.actor import Actor
from service.state.codec import decode, encode
from service.state.scope import visible
from service.state.tables import HealthRow
from service.state.upsert import upsert


def latest(session: Session, actor: Actor, *, machine: MachineId | None = None) -> tuple[Health, ...]:
    """Return the newest health of every machine, by machine."""
    query = select(HealthRow.body).where(visible(HealthRow.site, actor)).order_by(HealthRow.machine)
    if machine is not None:
        query = query.where(HealthRow.machine == machine)
    return tuple(decode(Health, body) for body in session.scalars(query))


def save(session: Session, healths: Sequence[Health], sites: Mapping[MachineId, SiteId]) -> None:
    """Keep health as the newest of its machine."""
    rows = [
        {
            "machine": each.machine,
            "site": sites[each.machine],
            "at_ns": each.at_ns,
            "status": each.status.value,
            "health": each.health,
            "body": encode(Health, each),
        }
        for each in healths
    ]
    upsert(session, HealthRow, rows)
