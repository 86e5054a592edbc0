"""Records that a part came off or went in: lives, case and trail change together."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from configs.instant import ns_of
from configs.plant import LifeUnit, Machine, MachineId, PartType, Plant, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.ports import MeterReader
from service.actions.case_record import CaseUpdate, save_update
from service.actions.stock import use_part
from service.actor import Actor
from service.advisory import handling
from service.advisory.case import Case
from service.advisory.replacement import Installation, Removal, exchange, first_life
from service.errors import ConflictError, InvalidRequestError, NotFoundError
from service.security.rights import Right, require
from service.state import audit, cases, part_lives, predictions
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

__all__ = ["Installation", "Removal", "record_installation", "record_removal"]


def record_removal(
    database: StateDatabase, actor: Actor, removal: Removal, *, plant: Plant, meters: MeterReader, now: datetime
) -> tuple[PartLife, PartLife]:
    """Close the life of a part that came off and open that of the new part in its place; return both.

    The new part is taken out of the store. A case that asked for this replacement has its finding ended. A meter that a person read beyond what the machine
    reported is taken over.
    """
    require(actor, Right.RECORD_PART)
    with database.transaction() as session:
        life = part_lives.lock_life(session, actor, removal.life_id)
        present = _present(meters, life.machine, life.life_unit)
        closed, opened = exchange(life, removal, present, now=now)
        site = part_lives.site_of(session, life.id)
        part_lives.close_life(session, closed)
        part_lives.add_life(session, opened, site)
        use_part(session, actor, opened, site, plant, now=now)
        case = _open_case(session, actor, life.machine)
        predictions.mark_stale(session, life.machine, (life.slot,), now=now)
        act = AuditedAct(
            action="part_replaced",
            object_kind="part_life",
            object_id=closed.id,
            site=site,
            after=f"{removal.reason} at {closed.meter_at_removal:g}; new life {opened.id}",
        )
        audit.append(session, actor, act, now=now)
        if case is not None:
            changes = handling.part_replaced(case, life.slot, by=actor.name, now=now)
            save_update(session, actor, CaseUpdate(before=case, changes=changes, site=site), now=now)
        _take_over(meters, opened, present)
    return closed, opened


def record_installation(
    database: StateDatabase,
    actor: Actor,
    installation: Installation,
    *,
    plant: Plant,
    meters: MeterReader,
    now: datetime,
) -> PartLife:
    """Open the life of a part that went into an empty slot; ConflictError where a part is in it."""
    machine, part = _place(plant, MachineId(installation.machine), installation.slot)
    require(actor, Right.RECORD_PART, machine.site)
    present = _present(meters, machine.id, part.life_unit)
    life = first_life(machine, part, installation, present, now=now)
    with database.transaction() as session:
        if part_lives.open_life_of(session, machine.id, life.slot) is not None:
            raise _occupied(life)
        try:
            part_lives.add_life(session, life, machine.site)
        except IntegrityError as error:
            raise _occupied(life) from error
        predictions.mark_stale(session, machine.id, (life.slot,), now=now)
        act = AuditedAct(
            action="part_installed", object_kind="part_life", object_id=life.id, site=machine.site, after=part.id
        )
        audit.append(session, actor, act, now=now)
        _take_over(meters, life, present)
    return life


def _place(plant: Plant, machine_id: MachineId, slot_id: SlotId) -> tuple[Machine, PartType]:
    machine = plant.machine(machine_id)
    if machine is None:
        raise NotFoundError(f"there is no machine {machine_id}")
    slot = next((each for each in machine.slots if each.id == slot_id), None)
    if slot is None:
        raise InvalidRequestError(
            f"slot: {machine_id} has {', '.join(each.id for each in machine.slots)}; not {slot_id}"
        )
    return machine, plant.part_type(slot.part_type)


def _present(meters: MeterReader, machine: MachineId, unit: LifeUnit) -> MeterState | None:
    return next((each for each in meters.meters(machine) if each.unit is unit), None)


def _open_case(session: Session, actor: Actor, machine: MachineId) -> Case | None:
    found = cases.open_case_of(session, actor, machine)
    return None if found is None else cases.lock_case(session, actor, found.id)


def _take_over(meters: MeterReader, life: PartLife, present: MeterState | None) -> None:
    if present is None or life.meter_at_install > present.value:
        at_ns = ns_of(life.installed_at)
        meters.set_meter(life.machine, life.life_unit, life.meter_at_install, at_ns)


def _occupied(life: PartLife) -> ConflictError:
    return ConflictError(f"there is a part in {life.slot} of {life.machine} already; record its removal instead")
