"""The replacement plan: what is replaced when, what is done in one stop, and what cannot be planned and why.

Replacements of one machine that fall near each other are done in one stop. Pulling one forward by some days throws away what
these days of use are worth, and saves a stop of its own; it is done where it saves more (the penalty functions of Wildeman,
Dekker & Smit, *EJOR* 99, 1997, taken at their upper bound). Where nobody said what an hour of standing costs, replacements
within a week of each other share a stop.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from configs.calendar import Turn
from configs.plant import Machine, MachineId, Site
from service.advisory.costs import CostBasis
from service.advisory.slot_plan import PLAN_WEEKS, PlannedSlot, SlotFacts, plan_slot, waiting_for
from service.advisory.spares import Place, place_of

TOGETHER_WITHIN = timedelta(days=28)
"""Nothing is brought forward by more than this: what is due later finds other stops to join."""

UNPRICED_WITHIN = timedelta(days=7)

_DAY = timedelta(days=1)
_ALL_THERE: Mapping[Place, datetime] = {}


class NoteKind(StrEnum):
    """What the reader of a plan should know about a site."""

    NO_CALENDAR = "no_calendar"
    CALENDAR_ENDS = "calendar_ends"
    NO_SHIFT = "no_shift"
    NO_COSTS = "no_costs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNote:
    """A remark about a site; `year` is the last year whose holidays are known."""

    kind: NoteKind
    site: Site
    year: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One stop of a machine and what is replaced in it, the most binding first.

    `pulled` are those of `slots` that would have waited longer. `saved` is what doing them together saves in won, 0 where
    nobody said what standing costs.
    """

    machine: Machine
    site: Site
    at: datetime
    turn: Turn | None
    slots: tuple[PlannedSlot, ...]
    pulled: tuple[PlannedSlot, ...]
    saved: float

    @property
    def is_overdue(self) -> bool:
        """Whether something in it should have been replaced already."""
        return any(slot.is_overdue for slot in self.slots)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementPlan:
    """What is replaced until `until`, in the order of the stops, with every slot that has a window.

    `chances` says for a machine that stands now which of its parts are worth replacing while it stands.
    `unplanned` are slots without ground for a number.
    """

    made_at: datetime
    until: datetime
    stops: tuple[Stop, ...]
    slots: tuple[PlannedSlot, ...]
    chances: Mapping[MachineId, tuple[PlannedSlot, ...]]
    unplanned: tuple[SlotFacts, ...]
    notes: tuple[PlanNote, ...]


def make_plan(
    facts: Iterable[SlotFacts],
    *,
    spare_at: Mapping[Place, datetime] = _ALL_THERE,
    standing: Iterable[MachineId] = (),
    now: datetime,
) -> ReplacementPlan:
    """Return the plan of the next weeks.

    `spare_at` says when the spares of slots are there, as far as that is known; a replacement waits for its spare.
    `standing` names the machines that stand now anyway.
    """
    paired = [(each, plan_slot(each, now=now)) for each in facts]
    known = [waiting_for(slot, spare_at.get(place_of(slot), now)) for _, slot in paired if slot is not None]
    slots = sorted(known, key=_order)
    until = now + timedelta(weeks=PLAN_WEEKS)
    by_machine: dict[MachineId, list[PlannedSlot]] = {}
    for slot in slots:
        by_machine.setdefault(slot.facts.machine.id, []).append(slot)
    stops = [stop for own in by_machine.values() for stop in stops_of(own, until=until)]
    chances = {machine: worth_replacing(by_machine.get(machine, ()), now=now) for machine in standing}
    return ReplacementPlan(
        made_at=now,
        until=until,
        stops=tuple(sorted(stops, key=lambda stop: (stop.at, stop.machine.id))),
        slots=tuple(slots),
        chances={machine: found for machine, found in chances.items() if found},
        unplanned=tuple(each for each, slot in paired if slot is None),
        notes=_notes(slots, until),
    )


def stops_of(slots: Sequence[PlannedSlot], *, until: datetime) -> tuple[Stop, ...]:
    """Return the stops of one machine that begin by `until`; `slots` are in the order of their days."""
    dated = sorted(((slot.due, slot) for slot in slots if slot.due is not None), key=lambda pair: pair[0])
    stops: list[Stop] = []
    while dated and dated[0][0] <= until:
        at, first = dated[0]
        together = [slot for due, slot in dated if _may_come_forward(slot, due, at)]
        pulled = [slot for due, slot in dated if slot in together and due > at]
        stops.append(
            Stop(
                machine=first.facts.machine,
                site=first.facts.site,
                at=at,
                turn=first.turn,
                slots=tuple(together),
                pulled=tuple(pulled),
                saved=sum(
                    slot.costs.shared - slot.cost_per_day * _days(slot, at) for slot in pulled if slot.costs.shared
                ),
            )
        )
        dated = [pair for pair in dated if pair[1] not in together]
    return tuple(stops)


def worth_replacing(slots: Iterable[PlannedSlot], *, now: datetime) -> tuple[PlannedSlot, ...]:
    """Return the parts of a machine that stands now which are worth replacing while it does."""
    return tuple(slot for slot in slots if slot.due is not None and _may_come_forward(slot, slot.due, now))


def _may_come_forward(slot: PlannedSlot, due: datetime, at: datetime) -> bool:
    """Whether a replacement that is due later is worth doing at a stop; without its spare it cannot be done."""
    by = due - at
    if by <= timedelta(0):
        return True
    if by > TOGETHER_WITHIN or (slot.spare_at is not None and slot.spare_at > at):
        return False
    if slot.costs.shared > 0:
        return slot.cost_per_day * (by / _DAY) < slot.costs.shared
    return by <= UNPRICED_WITHIN


def _days(slot: PlannedSlot, at: datetime) -> float:
    return 0.0 if slot.due is None else (slot.due - at) / _DAY


def _order(slot: PlannedSlot) -> tuple[datetime, str, str]:
    return (slot.due or slot.remaining.p50_at, slot.facts.machine.id, slot.facts.slot.id)


def _notes(slots: Sequence[PlannedSlot], until: datetime) -> tuple[PlanNote, ...]:
    sites = {slot.facts.site.id: slot.facts.site for slot in slots}
    notes: list[PlanNote] = []
    for site in sites.values():
        notes += _calendar_notes(site, slots, until)
        bases = {slot.costs.basis for slot in slots if slot.facts.site.id == site.id}
        if bases == {CostBasis.CATALOGUE}:
            notes.append(PlanNote(kind=NoteKind.NO_COSTS, site=site))
    return tuple(notes)


def _calendar_notes(site: Site, slots: Sequence[PlannedSlot], until: datetime) -> list[PlanNote]:
    if site.calendar is None:
        return [PlanNote(kind=NoteKind.NO_CALENDAR, site=site)]
    notes = []
    holidays = site.calendar.holidays
    if holidays is not None and not site.calendar.covers(until.astimezone(ZoneInfo(site.time_zone)).date()):
        notes.append(PlanNote(kind=NoteKind.CALENDAR_ENDS, site=site, year=holidays.last_year))
    due = [slot for slot in slots if slot.facts.site.id == site.id and slot.due is not None and slot.due <= until]
    if any(slot.turn is None for slot in due):
        notes.append(PlanNote(kind=NoteKind.NO_SHIFT, site=site))
    return notes
