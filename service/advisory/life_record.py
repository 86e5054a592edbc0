"""Part lives as people correct and import them: what may be so, and what changes with it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ingest.part_life import PartLife, RemovalReason
from service.advisory.replacement import check_text, check_time
from service.errors import InvalidRequestError


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of a part in its slot; `age_at_install` is None where nobody knows it, the last three while it is in."""

    installed_at: datetime
    meter_at_install: float
    age_at_install: float | None
    removed_at: datetime | None
    meter_at_removal: float | None
    removal_reason: RemovalReason | None
    failure_mode: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A life as it is after a correction, and the one that followed it where that changes with it."""

    life: PartLife
    next_life: PartLife | None


def corrected(life: PartLife, record: Record, others: Iterable[PartLife], *, now: datetime) -> Corrected:
    """Return a life as it is corrected; `others` are the other lives of its slot.

    Where the next part went in when this one came off, it goes in with the correction, at the same meter.

    Raises
    ------
    InvalidRequestError
        It cannot have been so: in the future, removed before it was put in, backwards on the meter, a part that is in place
        and removed at once, or two parts in one slot at a time.
    """
    changed = replace(
        life,
        installed_at=record.installed_at,
        meter_at_install=record.meter_at_install,
        age_at_install=record.age_at_install,
        removed_at=record.removed_at,
        meter_at_removal=record.meter_at_removal,
        removal_reason=record.removal_reason,
        failure_mode=check_text("failure_mode", record.failure_mode),
        note=check_text("note", record.note),
    )
    rest = tuple(each for each in others if each.id != life.id)
    after = next((each for each in rest if life.removed_at is not None and each.installed_at == life.removed_at), None)
    if (record.removed_at is None) != (life.removed_at is None):
        raise InvalidRequestError(
            "removed_at: a correction neither removes a part nor puts it back; record the removal instead"
        )
    follower = _follower(after, changed)
    kept = tuple(follower if follower is not None and each is after else each for each in rest)
    return Corrected(life=check_life(changed, kept, now=now), next_life=follower)


def check_life(life: PartLife, others: Iterable[PartLife], *, now: datetime) -> PartLife:
    """Return a life that may be kept beside the others of its slot; InvalidRequestError where it cannot have been so."""
    place = f"{life.slot} of {life.machine}"
    check_time("installed_at", life.installed_at, now=now)
    _check_amount("meter_at_install", life.meter_at_install)
    if life.age_at_install is not None:
        _check_amount("age_at_install", life.age_at_install)
    if life.removed_at is not None:
        _check_end(life, life.removed_at, place, now)
    elif life.removal_reason is not None or life.meter_at_removal is not None:
        raise InvalidRequestError(f"removed_at: {place} has a reason or a meter of removal, but no time; add the time")
    for other in others:
        if _overlap(life, other):
            raise InvalidRequestError(
                f"installed_at: another part was in {place} from {other.installed_at.isoformat()} to "
                f"{other.removed_at.isoformat() if other.removed_at else 'now'}; correct the times of one of them"
            )
    return life


def told(life: PartLife) -> str:
    """Return a life in short text, as the trail keeps it."""
    age = "unknown" if life.age_at_install is None else f"{life.age_at_install:g}"
    start = f"in {life.installed_at.isoformat()} at {life.meter_at_install:g}, age {age}"
    if life.removed_at is None:
        return start
    return f"{start}; out {life.removed_at.isoformat()} at {life.meter_at_removal or 0:g}, {life.removal_reason}"


def _follower(after: PartLife | None, changed: PartLife) -> PartLife | None:
    if after is None or changed.removed_at is None:
        return None
    meter = changed.meter_at_removal if changed.meter_at_removal is not None else after.meter_at_install
    moved = replace(after, installed_at=changed.removed_at, meter_at_install=meter)
    return None if moved == after else moved


def _check_end(life: PartLife, removed_at: datetime, place: str, now: datetime) -> None:
    check_time("removed_at", removed_at, now=now)
    if removed_at <= life.installed_at:
        raise InvalidRequestError(
            f"removed_at: the part in {place} was put in later, at {life.installed_at.isoformat()}"
        )
    if life.removal_reason is None:
        raise InvalidRequestError(f"reason: why did the part in {place} come off? `unknown` is an answer")
    if life.meter_at_removal is None:
        return
    _check_amount("meter_at_removal", life.meter_at_removal)
    if life.meter_at_removal < life.meter_at_install:
        raise InvalidRequestError(
            f"meter_at_removal: runs backwards from {life.meter_at_install:g}; if the meter was reset or exchanged, "
            "write what it showed at the installation plus what the part has run since"
        )


def _check_amount(field: str, amount: float) -> None:
    if not 0 <= amount < float("inf"):
        raise InvalidRequestError(f"{field}: must be 0 or more")


def _overlap(one: PartLife, other: PartLife) -> bool:
    begins_before_end = other.removed_at is None or one.installed_at < other.removed_at
    ends_after_begin = one.removed_at is None or other.installed_at < one.removed_at
    return begins_before_end and ends_after_begin
