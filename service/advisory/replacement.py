"""What the removal of a part makes of two lives: the one that ends and the one that begins."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from configs.instant import utc_of_ns
from configs.plant import LifeUnit, Machine, PartType, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from service.advisory.findings import draw_id
from service.errors import ConflictError, InvalidRequestError

LONGEST_NOTE = 2000
CLOCKS_DIFFER = timedelta(minutes=5)
"""How far ahead of our clock a person's or a program's clock may be."""

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""No part that still counts went in before; stores keep times in 64 bits of nanoseconds, which reach back to 1677."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """A part came off: when, at which meter and why. What is None is filled in from now and from the meter."""

    life_id: str
    reason: RemovalReason
    removed_at: datetime | None = None
    meter: float | None = None
    failure_mode: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A part went into an empty slot; `age` is None for a used part whose age nobody knows."""

    machine: str
    slot: SlotId
    installed_at: datetime | None = None
    meter: float | None = None
    age: float | None = 0.0
    note: str | None = None


def exchange(
    life: PartLife, removal: Removal, present: MeterState | None, *, now: datetime
) -> tuple[PartLife, PartLife]:
    """Return the life that the removal ends, and the life of the new part of the same type in its place.

    Raises
    ------
    ConflictError
        The part has been removed already.
    InvalidRequestError
        It came off before it was put in or in the future, the meter ran backwards, or no meter is known.
    """
    if life.removed_at is not None:
        raise ConflictError(f"the part in {life.slot} of {life.machine} was removed already; record the new life's end")
    removed_at = removal.removed_at or now
    check_time("removed_at", removed_at, now=now)
    if removed_at <= life.installed_at:
        raise InvalidRequestError(
            f"removed_at: the part in {life.slot} of {life.machine} was put in later, at {life.installed_at.isoformat()}"
        )
    meter = _meter_at(life, removal.meter, present, at=removed_at)
    closed = replace(
        life,
        removed_at=removed_at,
        meter_at_removal=meter,
        removal_reason=removal.reason,
        failure_mode=check_text("failure_mode", removal.failure_mode) or life.failure_mode,
        note=check_text("note", removal.note) or life.note,
    )
    opened = replace(
        life,
        id=draw_id(life.machine, f"life:{life.slot}", removed_at),
        installed_at=removed_at,
        meter_at_install=meter,
        age_at_install=0.0,
        failure_mode=None,
        note=None,
    )
    return closed, opened


def first_life(
    machine: Machine, part: PartType, wish: Installation, present: MeterState | None, *, now: datetime
) -> PartLife:
    """Return the life of a part that goes into an empty slot; InvalidRequestError where it cannot have been so."""
    installed_at = wish.installed_at or now
    check_time("installed_at", installed_at, now=now)
    meter = _reading(wish.meter, part.life_unit, present, machine.id)
    if wish.age is not None and not 0 <= wish.age < float("inf"):
        raise InvalidRequestError("age: must be 0 or more; leave it out where it is not known")
    return PartLife(
        id=draw_id(machine.id, f"life:{wish.slot}", installed_at),
        machine=machine.id,
        slot=wish.slot,
        part_type=part.id,
        life_unit=part.life_unit,
        installed_at=installed_at,
        meter_at_install=meter,
        age_at_install=wish.age,
        removed_at=None,
        meter_at_removal=None,
        removal_reason=None,
        failure_mode=None,
        note=check_text("note", wish.note),
    )


def estimate_meter(life: PartLife, present: MeterState, at: datetime) -> float:
    """Return where the meter stood at a time between installation and its present value, as if it had run evenly."""
    present_at = utc_of_ns(present.at_ns)
    whole = (present_at - life.installed_at).total_seconds()
    if whole <= 0 or at >= present_at:
        return max(present.value, life.meter_at_install)
    share = max((at - life.installed_at).total_seconds(), 0.0) / whole
    return life.meter_at_install + share * max(present.value - life.meter_at_install, 0.0)


def check_time(field: str, at: datetime, *, now: datetime) -> None:
    """Raise InvalidRequestError where a time that a person typed lies in the future, or too far back to be meant."""
    if at > now + CLOCKS_DIFFER:
        raise InvalidRequestError(f"{field}: lies in the future; check the clock of the device that you use")
    if at < EARLIEST:
        raise InvalidRequestError(f"{field}: lies before {EARLIEST.year}; correct the year")


def check_text(field: str, given: str | None) -> str | None:
    """Return a text without blanks around it, None where nothing is left; InvalidRequestError where it is too long or holds NUL."""
    words = (given or "").strip()
    if "\0" in words:
        raise InvalidRequestError(f"{field}: holds a NUL character, which no database keeps")
    if len(words) > LONGEST_NOTE:
        raise InvalidRequestError(f"{field}: at most {LONGEST_NOTE} characters")
    return words or None


def _meter_at(life: PartLife, typed: float | None, present: MeterState | None, *, at: datetime) -> float:
    if typed is None and present is not None:
        return estimate_meter(life, present, at)
    meter = _reading(typed, life.life_unit, present, life.machine)
    if meter < life.meter_at_install:
        raise InvalidRequestError(
            f"meter: stood at {life.meter_at_install:g} {life.life_unit} when the part went in; it cannot run backwards"
        )
    return meter


def _reading(typed: float | None, unit: LifeUnit, present: MeterState | None, machine: str) -> float:
    if typed is not None:
        if not 0 <= typed < float("inf"):
            raise InvalidRequestError("meter: must be 0 or more")
        return typed
    if present is None:
        raise InvalidRequestError(f"meter: {machine} reports no {unit}; type in what the meter shows")
    return present.value
