"""Takes machines out of service and puts them back."""

from datetime import datetime

from configs.plant import Machine
from service.actor import Actor
from service.advisory.shelving import OutOfService, take_out_of_service
from service.errors import ConflictError
from service.security.rights import Right, require
from service.state import audit, out_of_service
from service.state.audit import AuditedAct
from service.state.database import StateDatabase


def set_out_of_service(
    database: StateDatabase, actor: Actor, machine: Machine, *, until: datetime, reason: str, now: datetime
) -> OutOfService:
    """Take a machine out of service until a time, in place of the time set before; its cases are suppressed."""
    require(actor, Right.SET_OUT_OF_SERVICE, machine.site)
    out = take_out_of_service(machine.id, until=until, reason=reason, said_by=actor.name, now=now)
    with database.transaction() as session:
        before = out_of_service.of_machine(session, actor, machine.id, now)
        out_of_service.save(session, out, machine.site)
        act = AuditedAct(
            action="out_of_service",
            object_kind="machine",
            object_id=machine.id,
            site=machine.site,
            before=None if before is None else before.until.isoformat(),
            after=f"{out.until.isoformat()} {out.reason}",
        )
        audit.append(session, actor, act, now=now)
    return out


def return_to_service(database: StateDatabase, actor: Actor, machine: Machine, *, now: datetime) -> None:
    """Put a machine back into service; ConflictError where it is in service."""
    require(actor, Right.SET_OUT_OF_SERVICE, machine.site)
    with database.transaction() as session:
        before = out_of_service.of_machine(session, actor, machine.id, now)
        if before is None:
            raise ConflictError(f"{machine.id} is in service already")
        out_of_service.remove(session, machine.id)
        act = AuditedAct(
            action="return_to_service",
            object_kind="machine",
            object_id=machine.id,
            site=machine.site,
            before=before.until.isoformat(),
        )
        audit.append(session, actor, act, now=now)
