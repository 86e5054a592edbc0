"""The trail of who did what to what: append-only, each entry sealed with the hash of the one before."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from configs.plant import SiteId
from service.actor import Actor
from service.state.scope import visible
from service.state.tables import AuditRow

GENESIS = "0" * 64
_CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditedAct:
    """What was done to what. `before` and `after` say in short text what differs; never a secret."""

    action: str
    object_kind: str
    object_id: str
    site: SiteId | None
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One entry of the trail; `hash` seals it together with all entries before it."""

    number: int
    at: datetime
    actor_id: str
    actor_name: str
    act: AuditedAct
    previous_hash: str
    hash: str


def append(session: Session, actor: Actor, act: AuditedAct, *, now: datetime) -> None:
    """Add an entry; it stands or falls with the transaction of what was done."""
    if session.get_bind().dialect.name == "postgresql":
        # The chain has one end: writers of it wait for each other.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('yeji.audit'))"))
    last = session.execute(
        select(AuditRow.number, AuditRow.hash).order_by(AuditRow.number.desc()).limit(1)
    ).one_or_none()
    number, previous = (1, GENESIS) if last is None else (last.number + 1, last.hash)
    entry = AuditEntry(
        number=number, at=now, actor_id=actor.id, actor_name=actor.name, act=act, previous_hash=previous, hash=""
    )
    session.add(
        AuditRow(
            number=number,
            at=now,
            actor_id=actor.id,
            actor_name=actor.name,
            action=act.action,
            object_kind=act.object_kind,
            object_id=act.object_id,
            site=act.site,
            before=act.before,
            after=act.after,
            previous_hash=previous,
            hash=seal(entry),
        )
    )
    session.flush()


def list_entries(
    session: Session, actor: Actor, *, before: int | None = None, limit: int = 100
) -> tuple[AuditEntry, ...]:
    """Return entries, newest first; `before` is the number of the last entry of the page before."""
    wanted: list[ColumnElement[bool]] = [visible(AuditRow.site, actor)]
    if before is not None:
        wanted.append(AuditRow.number < before)
    rows = session.scalars(select(AuditRow).where(*wanted).order_by(AuditRow.number.desc()).limit(limit))
    return tuple(_entry(row) for row in rows)


def entries_of(session: Session, actor: Actor, object_kind: str, object_id: str) -> tuple[AuditEntry, ...]:
    """Return what was done to one object, oldest first."""
    rows = session.scalars(
        select(AuditRow)
        .where(visible(AuditRow.site, actor), AuditRow.object_kind == object_kind, AuditRow.object_id == object_id)
        .order_by(AuditRow.number)
    )
    return tuple(_entry(row) for row in rows)


def first_broken_link(session: Session) -> int | None:
    """Return the number of the first entry that was changed, or that follows one which is missing; None if whole."""
    number, previous = 0, GENESIS
    while True:
        rows = session.scalars(
            select(AuditRow).where(AuditRow.number > number).order_by(AuditRow.number).limit(_CHUNK)
        ).all()
        if not rows:
            return None
        for row in rows:
            entry = _entry(row)
            if entry.number != number + 1 or entry.previous_hash != previous or seal(entry) != entry.hash:
                return entry.number
            number, previous = entry.number, entry.hash


def seal(entry: AuditEntry) -> str:
    """Return the hash over an entry and the hash before it."""
    facts = {
        "number": entry.number,
        "at": entry.at.isoformat(),
        "actor": [entry.actor_id, entry.actor_name],
        "act": asdict(entry.act),
        "previous": entry.previous_hash,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _entry(row: AuditRow) -> AuditEntry:
    act = AuditedAct(
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        site=None if row.site is None else SiteId(row.site),
        before=row.before,
        after=row.after,
    )
    return AuditEntry(
        number=row.number,
        at=row.at,
        actor_id=row.actor_id,
        actor_name=row.actor_name,
        act=act,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
