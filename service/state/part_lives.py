"""Part lives: what is in each slot, and what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, tuple_
from sqlalchemy.orm import Session

from configs.plant import LifeUnit, MachineId, PartTypeId, SiteId, SlotId
from ingest.part_life import PartLife, RemovalReason
from service.actor import SYSTEM, Actor
from service.errors import NotFoundError
from service.state import counters
from service.state.scope import visible
from service.state.tables import PartLifeRow
from service.state.upsert import insert_new

_COUNTER = "part_lives"


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeFilter:
    """Which lives are wanted; None leaves a question open."""

    machine: MachineId | None = None
    slot: SlotId | None = None
    is_open: bool | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the filter in SQL."""
        found: list[ColumnElement[bool]] = []
        if self.machine is not None:
            found.append(PartLifeRow.machine == self.machine)
        if self.slot is not None:
            found.append(PartLifeRow.slot == self.slot)
        if self.is_open is not None:
            found.append(PartLifeRow.removed_at.is_(None) if self.is_open else PartLifeRow.removed_at.is_not(None))
        return found


EVERY_LIFE = LifeFilter()


def list_lives(
    session: Session,
    actor: Actor,
    *,
    wanted: LifeFilter = EVERY_LIFE,
    before: str | None = None,
    limit: int = 1000,
) -> tuple[PartLife, ...]:
    """Return part lives, newest installed first; `before` names the last life of the page before."""
    conditions = [visible(PartLifeRow.site, actor), *wanted.conditions()]
    if before is not None:
        last = select(PartLifeRow.installed_at, PartLifeRow.id).where(PartLifeRow.id == before)
        conditions.append(tuple_(PartLifeRow.installed_at, PartLifeRow.id) < last.scalar_subquery())
    rows = session.scalars(
        select(PartLifeRow)
        .where(*conditions)
        .order_by(PartLifeRow.installed_at.desc(), PartLifeRow.id.desc())
        .limit(limit)
    )
    return tuple(_life(row) for row in rows)


def open_lives(session: Session, actor: Actor, *, machine: MachineId | None = None) -> tuple[PartLife, ...]:
    """Return the lives of the parts that are in their slots now, by machine and slot."""
    query = select(PartLifeRow).where(visible(PartLifeRow.site, actor), PartLifeRow.removed_at.is_(None))
    if machine is not None:
        query = query.where(PartLifeRow.machine == machine)
    return tuple(_life(row) for row in session.scalars(query.order_by(PartLifeRow.machine, PartLifeRow.slot)))


def all_lives(session: Session) -> tuple[PartLife, ...]:
    """Return every part life, oldest first."""
    rows = session.scalars(select(PartLifeRow).order_by(PartLifeRow.installed_at, PartLifeRow.id))
    return tuple(_life(row) for row in rows)


def get_life(session: Session, actor: Actor, life_id: str) -> PartLife:
    """Return a part life; NotFoundError where the actor can see none of that id."""
    return _life(_row(session, actor, life_id, lock=False))


def lock_life(session: Session, actor: Actor, life_id: str) -> PartLife:
    """Return a part life that nobody else can change until the transaction ends."""
    return _life(_row(session, actor, life_id, lock=True))


def open_life_of(session: Session, machine: MachineId, slot: SlotId) -> PartLife | None:
    """Return the life of the part that is in a slot now, or None where the slot is empty."""
    row = session.scalar(
        select(PartLifeRow).where(
            PartLifeRow.machine == machine, PartLifeRow.slot == slot, PartLifeRow.removed_at.is_(None)
        )
    )
    return None if row is None else _life(row)


def site_of(session: Session, life_id: str) -> SiteId:
    """Return the site of a part life that is there."""
    return SiteId(session.scalars(select(PartLifeRow.site).where(PartLifeRow.id == life_id)).one())


def installed_since(session: Session, since: datetime) -> dict[tuple[MachineId, SlotId], datetime]:
    """Return when the parts that were put in since then, and are still in, were put in."""
    rows = session.execute(
        select(PartLifeRow.machine, PartLifeRow.slot, PartLifeRow.installed_at).where(
            PartLifeRow.removed_at.is_(None), PartLifeRow.installed_at >= since
        )
    )
    return {(MachineId(machine), SlotId(slot)): installed_at for machine, slot, installed_at in rows}


def revision(session: Session) -> int:
    """Return a number that rises whenever any part life changes."""
    return counters.value(session, _COUNTER)


def close_life(session: Session, life: PartLife) -> None:
    """Keep a life as it is after the removal of its part."""
    row = _row(session, SYSTEM, life.id, lock=False)
    row.removed_at = life.removed_at
    row.meter_at_removal = life.meter_at_removal
    row.removal_reason = life.removal_reason.value if life.removal_reason else None
    row.failure_mode = life.failure_mode
    row.note = life.note
    session.flush()
    counters.raise_by_one(session, _COUNTER)


def save_life(session: Session, life: PartLife) -> None:
    """Keep a life that is there as it is corrected."""
    row = _row(session, SYSTEM, life.id, lock=False)
    for name, value in _columns(life, SiteId(row.site)).items():
        setattr(row, name, value)
    session.flush()
    counters.raise_by_one(session, _COUNTER)


def add_life(session: Session, life: PartLife, site: SiteId) -> None:
    """Keep a new life."""
    session.add(PartLifeRow(**_columns(life, site)))
    session.flush()
    counters.raise_by_one(session, _COUNTER)


def add_new_lives(session: Session, lives: Sequence[tuple[PartLife, SiteId]]) -> int:
    """Keep what is not known yet: new lives, and the ends of lives that are open here; return how many there were.

    Where a part was only seen here, its age unknown, and its record comes later, the record takes its place.
    """
    for life, _ in lives:
        if life.removed_at is None:
            _give_way(session, life)
    still_open = set(session.scalars(select(PartLifeRow.id).where(PartLifeRow.removed_at.is_(None))))
    ended = [life for life, _ in lives if life.removed_at is not None and life.id in still_open]
    for life in ended:
        close_life(session, life)
    added = insert_new(session, PartLifeRow, [_columns(life, site) for life, site in lives])
    if added:
        counters.raise_by_one(session, _COUNTER)
    return added + len(ended)


def known_ids(session: Session, ids: Sequence[str]) -> set[str]:
    """Return which of these lives are there."""
    return set(session.scalars(select(PartLifeRow.id).where(PartLifeRow.id.in_(ids))))


def remove(session: Session, ids: Sequence[str]) -> int:
    """Take lives out that should never have been recorded; return how many there were."""
    found = session.execute(delete(PartLifeRow).where(PartLifeRow.id.in_(ids)).returning(PartLifeRow.id)).all()
    if found:
        counters.raise_by_one(session, _COUNTER)
    return len(found)


def _give_way(session: Session, recorded: PartLife) -> None:
    """Drop the open life of unknown age that is the same part as one whose record has been found."""
    session.execute(
        delete(PartLifeRow).where(
            PartLifeRow.machine == recorded.machine,
            PartLifeRow.slot == recorded.slot,
            PartLifeRow.id != recorded.id,
            PartLifeRow.removed_at.is_(None),
            PartLifeRow.age_at_install.is_(None),
            PartLifeRow.installed_at > recorded.installed_at,
        )
    )


def _row(session: Session, actor: Actor, life_id: str, *, lock: bool) -> PartLifeRow:
    query = select(PartLifeRow).where(PartLifeRow.id == life_id, visible(PartLifeRow.site, actor))
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFoundError(f"there is no part life {life_id}")
    return row


def _columns(life: PartLife, site: SiteId) -> dict[str, object]:
    return {
        "id": life.id,
        "machine": life.machine,
        "slot": life.slot,
        "site": site,
        "part_type": life.part_type,
        "life_unit": life.life_unit.value,
        "installed_at": life.installed_at,
        "meter_at_install": life.meter_at_install,
        "age_at_install": life.age_at_install,
        "removed_at": life.removed_at,
        "meter_at_removal": life.meter_at_removal,
        "removal_reason": life.removal_reason.value if life.removal_reason else None,
        "failure_mode": life.failure_mode,
        "note": life.note,
    }


def _life(row: PartLifeRow) -> PartLife:
    return PartLife(
        id=row.id,
        machine=MachineId(row.machine),
        slot=SlotId(row.slot),
        part_type=PartTypeId(row.part_type),
        life_unit=LifeUnit(row.life_unit),
        installed_at=row.installed_at,
        meter_at_install=row.meter_at_install,
        age_at_install=row.age_at_install,
        removed_at=row.removed_at,
        meter_at_removal=row.meter_at_removal,
        removal_reason=None if row.removal_reason is None else RemovalReason(row.removal_reason),
        failure_mode=row.failure_mode,
        note=row.note,
    )
