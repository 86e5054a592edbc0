"""Corrections and imports of part lives, each with its trail."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import Machine, MachineId, Plant, SlotId
from ingest.part_life import PartLife
from service.actor import Actor
from service.advisory.life_record import Corrected, Record, check_life, corrected, told
from service.errors import InvalidRequestError
from service.security.rights import Right, require
from service.state import audit, part_lives, predictions
from service.state.audit import AuditedAct
from service.state.database import StateDatabase
from service.state.part_lives import LifeFilter

_EVERY = 100_000


def correct_life(database: StateDatabase, actor: Actor, life_id: str, record: Record, *, now: datetime) -> Corrected:
    """Keep a part life as it is corrected, with what it was before in the trail; its slot is predicted anew."""
    require(actor, Right.RECORD_PART)
    with database.transaction() as session:
        life = part_lives.lock_life(session, actor, life_id)
        found = corrected(life, record, _slot_lives(session, actor, life.machine, life.slot), now=now)
        _save(session, actor, life, found.life, now=now)
        if found.next_life is not None:
            before = part_lives.get_life(session, actor, found.next_life.id)
            _save(session, actor, before, found.next_life, now=now)
        predictions.mark_stale(session, life.machine, (life.slot,), now=now)
    return found


def import_lives(
    database: StateDatabase, actor: Actor, lives: Sequence[PartLife], *, plant: Plant, now: datetime
) -> int:
    """Keep the part lives of a table, all or none; return how many were new. What is known already is left alone.

    Raises
    ------
    InvalidRequestError
        A life cannot have been so, by itself or beside the others of its slot.
    """
    machines = {machine.id: machine for machine in plant.machines}
    with database.transaction() as session:
        added = [life for life in lives if _take_in(session, actor, life, machines[life.machine], now=now)]
        if added:
            act = AuditedAct(
                action="part_lives_imported",
                object_kind="part_life",
                object_id=added[0].id,
                site=machines[added[0].machine].site,
                after=f"{len(added)} part lives",
            )
            audit.append(session, actor, act, now=now)
    return len(added)


def _take_in(session: Session, actor: Actor, life: PartLife, machine: Machine, *, now: datetime) -> bool:
    require(actor, Right.RECORD_PART, machine.site)
    others = _slot_lives(session, actor, life.machine, life.slot)
    if any(other.id == life.id for other in others):
        return False
    seen = [other for other in others if not (life.removed_at is None and _only_seen(other, life))]
    try:
        check_life(life, seen, now=now)
    except InvalidRequestError as error:
        raise InvalidRequestError(f"{life.machine} {life.slot} {life.installed_at.date()}: {error}") from None
    part_lives.add_new_lives(session, [(life, machine.site)])
    predictions.mark_stale(session, life.machine, (life.slot,), now=now)
    return True


def _only_seen(other: PartLife, life: PartLife) -> bool:
    """Whether the other life is the same part, which was only seen here and whose record comes now."""
    return other.removed_at is None and other.age_at_install is None and other.installed_at > life.installed_at


def _slot_lives(session: Session, actor: Actor, machine: MachineId, slot: SlotId) -> tuple[PartLife, ...]:
    return part_lives.list_lives(session, actor, wanted=LifeFilter(machine=machine, slot=slot), limit=_EVERY)


def _save(session: Session, actor: Actor, before: PartLife, after: PartLife, *, now: datetime) -> None:
    part_lives.save_life(session, after)
    act = AuditedAct(
        action="part_life_corrected",
        object_kind="part_life",
        object_id=after.id,
        site=part_lives.site_of(session, after.id),
        before=told(before),
        after=told(after),
    )
    audit.append(session, actor, act, now=now)
