"""Whether people of a simulated plant are warned of failures in time to get a spare, at one operating point.

The cases are those of `fleet_cases`: real predictions and case rules on the world of `benchmarks fleet`, learnt on the first year and
judged on the second; false cases are counted there. A failure is foreseeable where it is not sudden and its wear sets in longer before
it than a part takes to come. It was warned of in time where, between the onset and a lead time before the end, an open case
held a finding about the part. No failure is left out for showing too little: those that no sensor shows count against it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.fleet import DAYS, LEARNT_DAYS, MACHINES, SEEDS
from benchmarks.fleet_cases import CaseCount, Warned, count_cases
from benchmarks.fleet_history import history_at
from benchmarks.fleet_world import DAY_S, World, world_of
from benchmarks.report import Bar, Sense
from configs.plant import MachineId, PartType, SlotId
from models.training.prognosis import learn_lessons
from service.advisory.countdown import counts_down
from simulators.removal import Reason, TrueLife


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A foreseeable failure: when wear set in, the last moment to warn of it, and whether that was done."""

    part: PartType
    warned: bool


def warning_bars(seeds: tuple[int, ...], work: Path) -> Iterator[Bar]:
    """Yield how many foreseeable failures are warned of in time, and the false cases at the same operating point."""
    counts, failures = [], []
    for seed in seeds or SEEDS:
        world = world_of(seed, DAYS, MACHINES, work / "fleet")
        count = cases_of(world)
        counts.append(count)
        failures += list(foreseeable(world, count.warned))
    yield Bar(
        name=f"foreseeable failures warned of a lead time before ({len(failures)} in {len(counts)} simulated plants)",
        value=100.0 * float(np.mean([each.warned for each in failures])),
        unit="%",
        must=85.0,
        sense=Sense.AT_LEAST,
    )
    false, months = sum(each.false for each in counts), sum(each.machine_months for each in counts)
    yield Bar(
        name=f"false cases at that operating point ({false} of {sum(each.cases for each in counts)})",
        value=false / months,
        unit="per machine-month",
        must=0.1,
    )


def cases_of(world: World) -> CaseCount:
    """Return the cases of the second year, by what the first has taught."""
    learnt = learn_lessons(history_at(world, world.start_s + LEARNT_DAYS * DAY_S))
    lessons = {part: lesson for own in learnt.values() for part, lesson in own.items()}
    return count_cases(world, LEARNT_DAYS, lessons)


def foreseeable(world: World, warned: Iterable[Warned]) -> Iterator[Failure]:
    """Give the foreseeable failures of the judged year."""
    seen: dict[tuple[MachineId, SlotId], list[float]] = {}
    for each in warned:
        for slot in each.slots:
            seen.setdefault((each.machine, slot), []).append(each.at_s)
    parts = _parts(world)
    for life in world.true_lives:
        key = MachineId(life.machine), SlotId(life.slot)
        window = _window(world, life, parts[key])
        if window is not None:
            first, last = window
            yield Failure(part=parts[key], warned=any(first <= at_s <= last for at_s in seen.get(key, ())))


def _window(world: World, life: TrueLife, part: PartType) -> tuple[float, float] | None:
    """Return between when a warning of a failure is in time, None where the life ended otherwise or nobody could foresee it."""
    if life.reason is not Reason.FAILED or life.removed_s is None or life.onset_s is None or life.sudden:
        return None
    last = life.removed_s - part.lead_time_days * DAY_S
    judged_from = world.start_s + LEARNT_DAYS * DAY_S
    if counts_down(part) or max(life.onset_s, judged_from) >= last:
        return None
    return life.onset_s, last


def _parts(world: World) -> Mapping[tuple[MachineId, SlotId], PartType]:
    return {
        (machine.id, slot.id): world.plant.part_type(slot.part_type)
        for machine in world.plant.machines
        for slot in machine.slots
    }
