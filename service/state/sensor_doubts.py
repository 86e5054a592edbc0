"""Which sensors mislead, and which did."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from configs.plant import Machine, MachineId, SensorId
from ingest.quality import Doubt
from ingest.reading import QualityFlag
from service.actor import Actor
from service.state.scope import visible
from service.state.tables import SensorDoubtRow
from service.state.upsert import upsert


def of_machine(session: Session, machine: MachineId) -> tuple[Doubt, ...]:
    """Return all doubts of a machine's sensors, oldest first."""
    query = select(SensorDoubtRow).where(SensorDoubtRow.machine == machine).order_by(SensorDoubtRow.since_ns)
    return tuple(_doubt(row) for row in session.scalars(query))


def standing(session: Session, actor: Actor) -> dict[MachineId, list[Doubt]]:
    """Return the doubts that stand, by machine."""
    found: dict[MachineId, list[Doubt]] = defaultdict(list)
    query = select(SensorDoubtRow).where(visible(SensorDoubtRow.site, actor), SensorDoubtRow.until_ns.is_(None))
    for row in session.scalars(query.order_by(SensorDoubtRow.machine, SensorDoubtRow.sensor)):
        found[MachineId(row.machine)].append(_doubt(row))
    return dict(found)


def save(session: Session, machine: Machine, doubts: Sequence[Doubt]) -> None:
    """Keep doubts of a machine's sensors as they are now."""
    rows = [
        {
            "machine": machine.id,
            "sensor": doubt.sensor,
            "flag": int(doubt.flag),
            "since_ns": doubt.since_ns,
            "site": machine.site,
            "until_ns": doubt.until_ns,
        }
        for doubt in doubts
    ]
    upsert(session, SensorDoubtRow, rows)


def _doubt(row: SensorDoubtRow) -> Doubt:
    return Doubt(sensor=SensorId(row.sensor), flag=QualityFlag(row.flag), since_ns=row.since_ns, until_ns=row.until_ns)
