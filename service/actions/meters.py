"""Takes in meter values that people read off a machine."""

from dataclasses import dataclass
from datetime import datetime

from configs.instant import ns_of
from configs.plant import LifeUnit, MachineId, Plant
from ingest.ports import MeterReader
from service.actor import Actor
from service.advisory.replacement import check_time
from service.errors import InvalidRequestError, NotFoundError
from service.security.rights import Right, require
from service.state import audit
from service.state import meters as meter_entries
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.meters import MeterEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedMeter:
    """A meter of a machine shows `value`; None for `at` means now."""

    machine: MachineId
    unit: LifeUnit
    value: float
    at: datetime | None = None


def record_meter(
    database: StateDatabase, actor: Actor, typed: TypedMeter, *, plant: Plant, meters: MeterReader, now: datetime
) -> MeterEntry:
    """Keep a typed meter value and let the machine's meter go on from it.

    Raises
    ------
    NotFoundError
        There is no such machine among the actor's sites.
    InvalidRequestError
        The value is negative, of a time that cannot be, or less than the meter has shown already.
    """
    machine = plant.machine(typed.machine)
    if machine is None:
        raise NotFoundError(f"there is no machine {typed.machine}")
    require(actor, Right.TYPE_METER, machine.site)
    at = typed.at or now
    check_time("at", at, now=now)
    _refuse_backwards(typed, meters)
    entry = MeterEntry(machine=machine.id, unit=typed.unit, value=typed.value, at=at, said_by=actor.name, said_at=now)
    with database.transaction() as session:
        meter_entries.add(session, entry, machine.site)
        act = AuditedAct(
            action="meter_typed",
            object_kind="machine",
            object_id=machine.id,
            site=machine.site,
            after=f"{typed.value:g} {typed.unit}",
        )
        audit.append(session, actor, act, now=now)
        meters.set_meter(machine.id, typed.unit, typed.value, ns_of(at))
    return entry


def _refuse_backwards(typed: TypedMeter, meters: MeterReader) -> None:
    if not 0 <= typed.value < float("inf"):
        raise InvalidRequestError("value: must be 0 or more")
    for present in meters.meters(typed.machine):
        if present.unit is typed.unit and typed.value < present.value:
            raise InvalidRequestError(
                f"value: the meter stands at {present.value:g} {typed.unit} already; it cannot run backwards"
            )
