"""How to make parts last: what costs most, what keeps coming back, what helped, and what less stress is worth."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from configs.plant import LifeUnit, MachineId, PartType, PartTypeId, SlotId, StressLaw
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.part_life import PartLife, RemovalReason
from models.prognosis.change_test import ChangeTest, Lives, lives_changed
from models.prognosis.decision import age_policy, age_table
from models.prognosis.lives import usage_of
from models.prognosis.weibull import LifePosterior
from models.prognosis.what_if import LifeFactor, life_factor
from service.advisory.costs import StopCosts
from service.advisory.slot_plan import PlannedSlot

LOOK_BACK = timedelta(days=365)
HELD_FOR = timedelta(days=90)
LESS_STRESS = -0.1
_EARLY = 0.10536
"""-ln 0.9: before this much of a life's cumulative hazard, one part in ten has failed."""

_YEAR_DAYS = 365.25
_DAY = timedelta(days=1)

Place = tuple[MachineId, SlotId]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstActor:
    """A slot that failed in the last year: how often, by which failure modes (most frequent first), and what that cost."""

    machine: MachineId
    slot: SlotId
    part_type: PartTypeId
    failures: int
    modes: tuple[tuple[str, int], ...]
    cost_krw: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """A part that failed sooner after its installation than nine in ten of its kind do."""

    life: PartLife
    ran: float
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What was done to parts of a kind, how often no failure followed for 90 days, how often one did, and how often that is open."""

    part_type: PartTypeId
    done: RemovalReason | MaintenanceKind
    held: int
    failed: int
    undecided: int

    @property
    def share(self) -> float | None:
        """The share that held, of those that are decided; None where none is."""
        decided = self.held + self.failed
        return self.held / decided if decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """What ten per cent less stress on a kind of part is worth: the life it gives, and won a year over all its slots.

    `law` is None where no law is known: then nothing is claimed.
    """

    part_type: PartTypeId
    slots: int
    law: StressLaw | None
    factor: LifeFactor | None
    yearly_krw: float
    saved_krw: float
    saved_low_krw: float
    saved_high_krw: float


def worst_actors(
    lives: Iterable[PartLife], costs: Mapping[Place, StopCosts], *, now: datetime, most: int = 10
) -> tuple[WorstActor, ...]:
    """Return the slots whose failures of the last year cost most; a failure costs what an unplanned stop does."""
    failed: dict[Place, list[PartLife]] = {}
    for life in lives:
        if life.removal_reason is RemovalReason.FAILED and life.removed_at and life.removed_at >= now - LOOK_BACK:
            failed.setdefault((life.machine, life.slot), []).append(life)
    actors = [_actor(place, own, costs.get(place)) for place, own in failed.items()]
    return tuple(sorted(actors, key=lambda actor: (-actor.cost_krw, -actor.failures, actor.machine, actor.slot))[:most])


def repeat_failures(
    lives: Iterable[PartLife], part_types: Mapping[PartTypeId, PartType], *, now: datetime
) -> tuple[Repeat, ...]:
    """Return the failures of the last year that came too soon after an installation, newest first."""
    found = []
    for life in lives:
        part = part_types.get(life.part_type)
        ended = life.removal_reason is RemovalReason.FAILED and life.removed_at is not None
        if part is None or not ended or life.age_at_install is None or (life.removed_at or now) < now - LOOK_BACK:
            continue
        ran, usual = _ran(life, now), part.eta * _EARLY ** (1.0 / part.beta)
        if ran is not None and life.age_at_install + ran < usual:
            found.append(Repeat(life=life, ran=life.age_at_install + ran, usual=usual))
    return tuple(sorted(found, key=lambda each: each.life.removed_at or now, reverse=True))


def remedies(lives: Sequence[PartLife], events: Iterable[MaintenanceEvent], *, now: datetime) -> tuple[Remedy, ...]:
    """Return what was done to each kind of part and whether it held, the most often done first."""
    failures: dict[Place, list[datetime]] = {}
    kind_of: dict[Place, PartTypeId] = {}
    for life in lives:
        kind_of[life.machine, life.slot] = life.part_type
        if life.removed_at is not None and life.removal_reason is RemovalReason.FAILED:
            failures.setdefault((life.machine, life.slot), []).append(life.removed_at)
    done: list[tuple[Place, datetime, RemovalReason | MaintenanceKind]] = [
        ((life.machine, life.slot), life.removed_at, life.removal_reason)
        for life in lives
        if life.removed_at is not None and life.removal_reason is not None
    ]
    done += [((event.machine, event.slot), event.at, event.kind) for event in events if event.slot is not None]
    counted: dict[tuple[PartTypeId, RemovalReason | MaintenanceKind], Counter[str]] = {}
    for place, at, what in done:
        if place in kind_of:
            outcome = _held(at, failures.get(place, ()), now)
            counted.setdefault((kind_of[place], what), Counter())[outcome] += 1
    found = [
        Remedy(part_type=part, done=what, held=tally["held"], failed=tally["failed"], undecided=tally["open"])
        for (part, what), tally in counted.items()
    ]
    return tuple(sorted(found, key=lambda each: (-(each.held + each.failed), each.part_type, each.done)))


def extensions(slots: Iterable[PlannedSlot], *, change: float = LESS_STRESS) -> tuple[Extension, ...]:
    """Return what less stress is worth for every kind of part, the most won a year first, unknown laws last."""
    by_type: dict[PartTypeId, list[PlannedSlot]] = {}
    for slot in slots:
        by_type.setdefault(slot.facts.part.id, []).append(slot)
    found = [_extension(own[0].facts.part, own, change) for own in by_type.values()]
    return tuple(sorted(found, key=lambda each: (-each.saved_krw, each.part_type)))


def change_test(
    lives: Iterable[PartLife],
    meters: Mapping[tuple[MachineId, LifeUnit], float],
    *,
    part_type: PartTypeId,
    changed_at: datetime,
    now: datetime,
) -> ChangeTest:
    """Return whether parts of a kind last longer since a change: those put in before against those put in after.

    A part that was in when the change came counts before up to that day only. Parts of unknown age and those without a
    meter are left out.
    """
    before: list[tuple[float, float, bool]] = []
    after: list[tuple[float, float, bool]] = []
    for life in lives:
        if life.part_type != part_type or life.age_at_install is None:
            continue
        row = _observed(life, meters.get((life.machine, life.life_unit)), changed_at, now)
        if row is not None:
            (before if life.installed_at < changed_at else after).append(row)
    return lives_changed(_group(before), _group(after))


def yearly_cost(slot: PlannedSlot) -> float:
    """Return what replacing the part of a slot costs a year in the long run, under its best policy."""
    part = slot.facts.part
    one = LifePosterior(
        part_type=part.id, shape=np.array([part.beta]), scale=np.ones(1), weight=np.ones(1), failures=0, removals=0
    )
    ratio = slot.costs.unplanned / slot.costs.planned if slot.costs.planned > 0 else part.cost_ratio
    per_scale = float(age_policy(age_table(one), max(ratio, 1.0)).cost_rate[0])
    return per_scale * slot.costs.planned / slot.scale_days * _YEAR_DAYS


def _actor(place: Place, failed: Sequence[PartLife], costs: StopCosts | None) -> WorstActor:
    modes = Counter(life.failure_mode for life in failed if life.failure_mode)
    return WorstActor(
        machine=place[0],
        slot=place[1],
        part_type=failed[-1].part_type,
        failures=len(failed),
        modes=tuple(modes.most_common(2)),
        cost_krw=len(failed) * costs.unplanned if costs is not None else 0.0,
    )


def _ran(life: PartLife, now: datetime) -> float | None:
    return usage_of(life, life.meter_at_removal, life.removed_at or now)


def _held(at: datetime, failures: Iterable[datetime], now: datetime) -> str:
    if any(at < failure <= at + HELD_FOR for failure in failures):
        return "failed"
    return "held" if now - at >= HELD_FOR else "open"


def _extension(part: PartType, slots: Sequence[PlannedSlot], change: float) -> Extension:
    yearly = sum(yearly_cost(slot) for slot in slots)
    factor = None if part.stress_law is None else life_factor(part.stress_law, change)
    saved = [0.0, 0.0, 0.0]
    if factor is not None:
        saved = [yearly * (1.0 - 1.0 / each) for each in (factor.p10, factor.median, factor.p90)]
    return Extension(
        part_type=part.id,
        slots=len(slots),
        law=part.stress_law,
        factor=factor,
        yearly_krw=yearly,
        saved_krw=saved[1],
        saved_low_krw=saved[0],
        saved_high_krw=saved[2],
    )


def _observed(
    life: PartLife, meter: float | None, changed_at: datetime, now: datetime
) -> tuple[float, float, bool] | None:
    """Return age at entry, age at the end and whether it failed, as far as the life was under one regime; None without one."""
    end = life.removed_at or now
    ran = usage_of(life, life.meter_at_removal if life.removed_at is not None else meter, end)
    entry = life.age_at_install or 0.0
    if ran is None or ran <= 0:
        return None
    failed = life.removal_reason is RemovalReason.FAILED
    if life.installed_at < changed_at < end:
        share = (changed_at - life.installed_at) / (end - life.installed_at)
        return entry, entry + ran * share, False
    return entry, entry + ran, failed


def _group(rows: Sequence[tuple[float, float, bool]]) -> Lives:
    entry, end, failed = zip(*rows, strict=True) if rows else ((), (), ())
    return Lives(
        entry=np.array(entry, dtype=float), exit=np.array(end, dtype=float), failed=np.array(failed, dtype=bool)
    )
