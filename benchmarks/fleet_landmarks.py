"""Moments at which parts of a simulated plant are met: what the product knows of each then, and what is true of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.fleet_world import DAY_S, World
from configs.plant import LifeUnit, Machine, MachineId, PartType, Slot, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.ports import ConditionBlock
from models.condition import Condition, ConditionKind
from models.prognosis.degradation import IndicatorSeries
from models.prognosis.evidence import SlotEvidence
from models.prognosis.rivals import net_of_rivals
from models.prognosis.usage import RATE_SPAN_DAYS, estimate_rate
from service.advisory.countdown import counts_down
from simulators.removal import Reason, TrueLife

Array = NDArray[np.float64]

_TICK_S = 6 * 3600.0
LEAST_STAY_S = DAY_S
HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of a part at a moment: `left` in its life unit, `per_day` its true rate of use.

    `shows` says that its wear had set in and would show; `failed` that it went on to fail.
    """

    left: float
    per_day: float
    shows: bool
    failed: bool
    sudden: bool

    @property
    def days(self) -> float:
        """Remaining life in days at the true rate."""
        return self.left / self.per_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """One part met at one moment."""

    world: int
    machine: Machine
    slot: Slot
    part_type: PartType
    at_s: float
    truth: Truth


def landmarks(world: World, from_s: float, rng: np.random.Generator) -> list[Landmark]:
    """Return one random moment of every part life that was under way after `from_s`, short-lived parts aside."""
    parts = {part.id: part for part in world.plant.part_types}
    machines = {machine.id: machine for machine in world.plant.machines}
    end_s = world.start_s + world.days * DAY_S
    found = []
    for life in world.true_lives:
        machine = machines[MachineId(life.machine)]
        slot = next(each for each in machine.slots if each.id == life.slot)
        part = parts[slot.part_type]
        first, last = max(life.installed_s, from_s), min(life.removed_s or end_s, end_s)
        if counts_down(part) or last - first < LEAST_STAY_S:
            continue
        at_s = float(rng.uniform(first, last))
        found.append(
            Landmark(
                world=world.seed, machine=machine, slot=slot, part_type=part, at_s=at_s,
                truth=truth_of(world, life, part, at_s),
            )
        )  # fmt: skip
    return found


def truth_of(world: World, life: TrueLife, part: PartType, at_s: float) -> Truth:
    """Return what is true of a life at a moment.

    A life that was cut short is taken on to its true end: what remained at reference stress, over the stress it was under.
    """
    machine, end_s = MachineId(life.machine), world.start_s + world.days * DAY_S
    stands = world.meter(machine, part.life_unit, at_s)
    per_day = _true_rate(world, machine, part.life_unit)
    last = life.meter_at_removal if life.meter_at_removal is not None else world.meter(machine, part.life_unit, end_s)
    if life.reason is Reason.FAILED:
        left = last - stands
    else:
        used = last - life.meter_at_install
        spent = (life.damage - life.restored / 1.0) * life.true_life
        speed = spent / used if used > 0 and spent > 0 else 1.0
        left = last - stands + (1.0 - life.damage) * life.true_life / max(speed, 1e-3)
    shows = life.onset_s is not None and life.onset_s <= at_s
    return Truth(
        left=max(left, 1e-6), per_day=per_day, shows=shows, failed=life.reason is Reason.FAILED, sudden=life.sudden
    )


def _true_rate(world: World, machine: MachineId, unit: LifeUnit) -> float:
    if unit is LifeUnit.CALENDAR_DAYS:
        return 1.0
    end_s = world.start_s + world.days * DAY_S
    gained = world.meter(machine, unit, end_s) - world.meter(machine, unit, world.start_s)
    return max(gained / world.days, 1e-6)


def known_lives(lives: Iterable[PartLife], at: datetime) -> tuple[PartLife, ...]:
    """Return part lives as they were known at a moment: what ended later is still open."""
    return tuple(
        life if life.removed_at is None or life.removed_at <= at
        else replace(life, removed_at=None, meter_at_removal=None, removal_reason=None, failure_mode=None, note=None)
        for life in lives
        if life.installed_at <= at
    )  # fmt: skip


def meters_at(world: World, at_s: float) -> tuple[MeterState, ...]:
    """Return where every meter of a plant stands."""
    at = datetime.fromtimestamp(at_s, tz=UTC)
    units = {(m.id, world.plant.part_type(s.part_type).life_unit) for m in world.plant.machines for s in m.slots}
    return tuple(
        MeterState(machine=machine, unit=unit, value=world.meter(machine, unit, at_s), at_ns=int(at.timestamp() * 1e9))
        for machine, unit in sorted(units)
    )


class Desk:
    """Looks evidence up in a world, machine by machine."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lives: dict[tuple[MachineId, SlotId], list[PartLife]] = {}
        for life in world.lives:
            self._lives.setdefault((life.machine, life.slot), []).append(life)
        self._series: dict[tuple[MachineId, str], IndicatorSeries] = {}

    def evidence(self, mark: Landmark) -> SlotEvidence:
        """Return what the product knows of a part at its moment."""
        world, machine, unit = self._world, mark.machine.id, mark.part_type.life_unit
        at = datetime.fromtimestamp(mark.at_s, tz=UTC)
        stands = world.meter(machine, unit, mark.at_s)
        span = min(RATE_SPAN_DAYS, (mark.at_s - world.start_s) / DAY_S)
        before = world.meter(machine, unit, mark.at_s - span * DAY_S)
        return SlotEvidence(
            machine=machine,
            slot=mark.slot.id,
            part_type=mark.part_type,
            life=self.life(machine, mark.slot.id, at),
            meter=stands,
            rate=estimate_rate(unit, stands - before, span),
            plant_revision=1,
            indicator=self.indicator(mark),
            limits_passed=self.limits(mark),
            health=world.health.get(machine),
        )

    def life(self, machine: MachineId, slot: SlotId, at: datetime) -> PartLife | None:
        """Return the open life of a slot as it was known at a moment."""
        known = known_lives(self._lives.get((machine, slot), ()), at)
        return next((life for life in reversed(known) if life.removed_at is None), None)

    def indicator(self, mark: Landmark) -> IndicatorSeries | None:
        """Return the indicator that the product goes by: without what another slot's wear explains."""
        machine = mark.machine
        known = {slot.id: self.series(machine.id, slot.id, mark.at_s) for slot in machine.slots}
        return net_of_rivals(mark.slot, machine.slots, {s: found for s, found in known.items() if found is not None})

    def series(self, machine: MachineId, slot: SlotId, at_s: float) -> IndicatorSeries | None:
        """Return the hours of an indicator that were over at a moment."""
        whole = self._whole(machine, slot)
        upto = int(np.searchsorted(whole.hours_ns, int(at_s * 1e9) - HOUR_NS, side="right"))
        if upto == 0:
            return None
        return IndicatorSeries(hours_ns=whole.hours_ns[:upto], values=whole.values[:upto], weights=whole.weights[:upto])

    def limits(self, mark: Landmark) -> tuple[Condition, ...]:
        """Return the limits that were passed at a moment on sensors that are signs of the slot."""
        at_ns, signs = int(mark.at_s * 1e9), {sign.sensor for sign in mark.slot.signs}
        return tuple(
            each
            for each in self._world.conditions.get(mark.machine.id, ())
            if each.kind is ConditionKind.LIMIT and each.sensor in signs and holds(each, at_ns)
        )

    def _whole(self, machine: MachineId, slot: SlotId) -> IndicatorSeries:
        if (machine, slot) not in self._series:
            block: ConditionBlock = self._world.hours[machine]
            own = block.keys == slot
            self._series[machine, slot] = IndicatorSeries(
                hours_ns=block.hours_ns[own], values=block.values[own], weights=block.weights[own]
            )
        return self._series[machine, slot]


def holds(condition: Condition, at_ns: int) -> bool:
    """Whether a condition held at a moment."""
    return condition.since_ns <= at_ns and (condition.until_ns is None or at_ns < condition.until_ns)


def by_month(marks: Sequence[Landmark]) -> Mapping[int, list[Landmark]]:
    """Return landmarks by the number of their month of thirty days."""
    months: dict[int, list[Landmark]] = {}
    for mark in marks:
        months.setdefault(int(mark.at_s // (30 * DAY_S)), []).append(mark)
    return months
