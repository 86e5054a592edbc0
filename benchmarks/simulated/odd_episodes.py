"""V11: machines that are well while all around them is odd, watched by the product: how many cases does a foreman get for nothing.

Every machine is new and hardly wears. Jobs change, shifts start cold, autumn turns to summer, and sensors fail in every way
that they do. The product's own detection, prognosis and case rules run over it; a case counts as false as in `benchmarks fleet`:
no slot was past onset, none had reached its replace-by, and no fault was injected in the days that it is about.

What a sensor fault does to remaining life is told by a twin of the factory in which no sensor misleads for long and all else is the same,
noise included: the same slots are asked at the same moments, a third and two thirds through the fault and at its end.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.fleet_cases import count_cases
from benchmarks.fleet_landmarks import Desk, Landmark, Truth
from benchmarks.fleet_predictions import Posteriors, beliefs_at
from benchmarks.fleet_world import DAY_S, LEARNING_DAYS, START, World, make_world, scenario_of
from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from configs.plant import MachineId
from models.prognosis.slots import assess_slots
from service.advisory.countdown import counts_down
from simulators.scenario import Scenario

_MACHINES, _DAYS = 24, 270
_NEW = timedelta(days=10)
_WEAR = 1e-4
_MOMENTS = (1 / 3, 2 / 3, 1.0)
_UNKNOWN = Truth(left=1.0, per_day=1.0, shows=False, failed=False, sudden=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """What one seed comes to: false cases a machine-month, cases in all, and for each sensor fault by how much it lowered a RUL, in %."""

    false_cases: float
    cases: int
    lowered: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A world with what the product looks up in it, and what it knew of lives when judging began."""

    world: World
    desk: Desk
    beliefs: Posteriors


def episodes(seeds: Sequence[int]) -> Iterator[Bar]:
    """V11: false cases a machine-month of machines that are well, and what sensor faults do to remaining life."""
    found = [_watch(seed) for seed in seeds]
    yield from answer(asked.FALSE_CASES, [odd.false_cases for odd in found])
    cases = sum(odd.cases for odd in found)
    yield Bar(name="V11 cases in all, most of them about injected faults", value=cases, unit="", must=None)
    yield from answer(asked.RUL_LOWERED, [float(np.percentile(odd.lowered, 90)) for odd in found])
    whole = np.concatenate([odd.lowered for odd in found])
    yield Bar(name=f"V11 RUL lowered by a sensor fault, median of {whole.size}", value=float(np.median(whole)), unit="%", must=None)  # fmt: skip
    yield Bar(name="V11 RUL lowered by a sensor fault, most", value=float(whole.max()), unit="%", must=None)


def _watch(seed: int) -> Odd:
    scenario = _healthy(seed)
    sound = replace(scenario.rates, stuck_per_year=0.0, drift_per_year=0.0, noise_rise_per_year=0.0)
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        misled = make_world(scenario, _DAYS, Path(folder))
        twin = make_world(replace(scenario, rates=sound), _DAYS, Path(folder))
    count = count_cases(misled, LEARNING_DAYS, {})
    return Odd(
        false_cases=count.false / count.machine_months, cases=count.cases, lowered=tuple(_lowered(misled, twin)),
    )  # fmt: skip


def _healthy(seed: int) -> Scenario:
    scenario = scenario_of(seed, _MACHINES)
    machines = tuple(replace(machine, installed_at=START - _NEW) for machine in scenario.plant.machines)
    return replace(scenario, plant=replace(scenario.plant, machines=machines), damage_speed=_WEAR)


def _view(world: World) -> _View:
    return _View(world=world, desk=Desk(world), beliefs=beliefs_at(world, world.start_s + LEARNING_DAYS * DAY_S))


def _lowered(misled: World, twin: World) -> Iterator[float]:
    """Give for each sensor fault the most by which it lowered the median RUL of a slot of its machine, in %."""
    views = _view(misled), _view(twin)
    for machine, spans in misled.faults.items():
        for from_s, to_s in spans:
            moments = [from_s + share * (to_s - from_s) for share in _MOMENTS]
            within = [at_s for at_s in moments if misled.start_s + LEARNING_DAYS * DAY_S < at_s < misled.start_s + _DAYS * DAY_S]  # fmt: skip
            if within:
                yield max(_lowering(*views, machine, at_s) for at_s in within)


def _lowering(misled: _View, twin: _View, machine: MachineId, at_s: float) -> float:
    told, would_be = (_remaining(view, machine, at_s) for view in (misled, twin))
    return 100.0 * max([0.0, *(1.0 - told[slot] / would_be[slot] for slot in told.keys() & would_be.keys())])


def _remaining(view: _View, machine: MachineId, at_s: float) -> dict[str, float]:
    world = view.world
    own = next(each for each in world.plant.machines if each.id == machine)
    parts = {slot.id: world.plant.part_type(slot.part_type) for slot in own.slots}
    marks = [
        Landmark(world=world.seed, machine=own, slot=slot, part_type=parts[slot.id], at_s=at_s, truth=_UNKNOWN)
        for slot in own.slots
        if not counts_down(parts[slot.id])
    ]
    now = datetime.fromtimestamp(at_s, tz=UTC)
    found = assess_slots([view.desk.evidence(mark) for mark in marks], view.beliefs, now=now, lessons={})
    return {made.slot: made.remaining.p50 for made in found if made.remaining is not None and made.remaining.p50 > 0}
