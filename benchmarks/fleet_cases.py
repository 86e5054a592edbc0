"""Cases that a foreman of a simulated plant would have got: real predictions and case rules, two days at a time, set against truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from benchmarks.fleet_landmarks import Desk, Landmark, Truth
from benchmarks.fleet_predictions import beliefs_at
from benchmarks.fleet_world import DAY_S, World
from configs.plant import MachineId, PartTypeId, SlotId
from models.condition import Condition
from models.lesson import PartLesson
from models.prediction import Prediction
from models.prognosis.slots import assess_slots
from service.advisory.assessment import Assessment, DecisionContext, LeadTime, Settled
from service.advisory.case import Case, Finding
from service.advisory.case_change import apply_changes
from service.advisory.case_event import CaseEventKind
from service.advisory.countdown import counts_down
from service.advisory.decide import decide
from simulators.removal import TrueLife

EVERY_DAYS = 2
BELIEFS_EVERY_DAYS = 30
CLOSED_AFTER = timedelta(days=14)
REMEMBERED = timedelta(days=30)
_UNKNOWN = Truth(left=1.0, per_day=1.0, shows=False, failed=False, sudden=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A finding that a foreman saw in an open case: the slots that it may be about, and when (epoch seconds)."""

    machine: MachineId
    slots: frozenset[SlotId]
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCount:
    """How many cases were raised over so many machine-months, how many of them were false, and what they warned of."""

    cases: int
    false: int
    machine_months: float
    warned: tuple[Warned, ...]


def count_cases(world: World, from_day: int, lessons: Mapping[PartTypeId, PartLesson]) -> CaseCount:
    """Return the cases of a plant from a day on; each is closed once it has cleared, or after two weeks."""
    desk, foreman = Desk(world), _Foreman(world)
    beliefs = None
    for day in range(from_day, world.days, EVERY_DAYS):
        at_s = world.start_s + day * DAY_S
        if beliefs is None or (day - from_day) % BELIEFS_EVERY_DAYS < EVERY_DAYS:
            beliefs = beliefs_at(world, at_s)
        marks = _marks(world, at_s)
        now = datetime.fromtimestamp(at_s, tz=UTC)
        made = assess_slots([desk.evidence(mark) for mark in marks], beliefs, now=now, lessons=lessons)
        by_machine: dict[MachineId, list[Prediction]] = {machine.id: [] for machine in world.plant.machines}
        for prediction in made:
            by_machine[prediction.machine].append(prediction)
        for machine, predictions in by_machine.items():
            foreman.hear(machine, tuple(predictions), now)
    months = len(world.plant.machines) * (world.days - from_day) / 30.44
    return CaseCount(cases=foreman.cases, false=foreman.false, machine_months=months, warned=tuple(foreman.warned))


def _marks(world: World, at_s: float) -> list[Landmark]:
    return [
        Landmark(
            world=world.seed, machine=machine, slot=slot, part_type=world.plant.part_type(slot.part_type), at_s=at_s,
            truth=_UNKNOWN,
        )
        for machine in world.plant.machines
        for slot in machine.slots
        if not counts_down(world.plant.part_type(slot.part_type))
    ]  # fmt: skip


class _Foreman:
    """Keeps the open cases of a plant, closes them, and knows what was true when each was raised."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._open: dict[MachineId, Case] = {}
        self._settled: dict[MachineId, list[Settled]] = {}
        self._lives: dict[str, list[TrueLife]] = {}
        for life in world.true_lives:
            self._lives.setdefault(life.machine, []).append(life)
        self.cases = 0
        self.false = 0
        self.warned: list[Warned] = []

    def hear(self, machine: MachineId, predictions: tuple[Prediction, ...], now: datetime) -> None:
        """Let the case rules judge what was concluded of a machine, and close what is over."""
        assessment = Assessment(
            machine=machine, assessed_until=now, conditions=self._conditions(machine, now), predictions=predictions
        )
        case = self._open.get(machine)
        changes = [c for c in decide(assessment, case, self._context(machine, now), now) if not c.history]
        if any(change.kind is CaseEventKind.RAISED for change in changes):
            self.cases += 1
            self.false += not self._is_true(machine, predictions, now)
        after = apply_changes(case, changes)
        if after is None:
            return
        self.warned += [self._warned(machine, each, now) for each in after.findings if each.ended_at is None]
        is_over = after.cleared_at is not None or now - after.raised_at >= CLOSED_AFTER
        if is_over:
            self._close(machine, after, now)
        else:
            self._open[machine] = after

    def _warned(self, machine: MachineId, finding: Finding, now: datetime) -> Warned:
        """Return what a finding warns of: its slot, or where it names none, those whose wear its sensors show."""
        slots = {finding.slot} if finding.slot is not None else self._shown_by(machine, finding)
        return Warned(machine=machine, slots=frozenset(slots), at_s=now.timestamp())

    def _shown_by(self, machine: MachineId, finding: Finding) -> set[SlotId]:
        sensors = {each.sensor for each in finding.sensors}
        known = self._world.plant.machine(machine)
        slots = known.slots if known is not None else ()
        return {slot.id for slot in slots if sensors & {sign.sensor for sign in slot.signs}}

    def _close(self, machine: MachineId, case: Case, now: datetime) -> None:
        self._open.pop(machine, None)
        self._settled.setdefault(machine, []).extend(
            Settled(key=f.key, severity=f.severity, started_at=f.started_at, closed_at=now, until=now + REMEMBERED)
            for f in case.findings
        )

    def _conditions(self, machine: MachineId, now: datetime) -> tuple[Condition, ...]:
        upto_ns = int(now.timestamp() * 1e9)
        since_ns = upto_ns - int(EVERY_DAYS * DAY_S * 1e9)
        return tuple(
            each
            for each in self._world.conditions.get(machine, ())
            if each.since_ns <= upto_ns and (each.until_ns is None or each.until_ns > since_ns)
        )

    def _context(self, machine: MachineId, now: datetime) -> DecisionContext:
        slots = next(m.slots for m in self._world.plant.machines if m.id == machine)
        part_of = {slot.id: self._world.plant.part_type(slot.part_type) for slot in slots}
        return DecisionContext(
            settled=tuple(s for s in self._settled.get(machine, []) if s.until > now),
            countdown_slots=frozenset(slot for slot, part in part_of.items() if counts_down(part)),
            lead_times=tuple(LeadTime(slot=slot, days=part.lead_time_days) for slot, part in part_of.items()),
        )

    def _is_true(self, machine: MachineId, predictions: tuple[Prediction, ...], now: datetime) -> bool:
        at_s = now.timestamp()
        worn = any(
            life.onset_s is not None and life.onset_s <= at_s and at_s - EVERY_DAYS * DAY_S <= (life.removed_s or at_s)
            for life in self._lives.get(machine, [])
            if life.installed_s <= at_s
        )
        due = any(p.replace_by is not None and p.replace_by <= now for p in predictions)
        spans = self._world.faults.get(machine)
        faulty = spans is not None and bool(((spans[:, 0] <= at_s) & (spans[:, 1] >= at_s - EVERY_DAYS * DAY_S)).any())
        return worn or due or faulty
