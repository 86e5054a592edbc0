"""The history of a simulated plant as training gets it: what was known at a moment, nothing later."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.fleet_landmarks import meters_at
from benchmarks.fleet_world import World
from configs.plant import PartTypeId
from ingest.ports import ConditionBlock
from models.lesson import PartLesson
from models.training.plant_history import PlantHistory, as_known
from models.training.prognosis import learn_lessons
from service.advisory.countdown import counts_down


def history_at(world: World, at_s: float) -> PlantHistory:
    """Return the history up to a moment, without parts that wear out within days."""
    at = datetime.fromtimestamp(at_s, tz=UTC)
    short_lived = {part.id for part in world.plant.part_types if counts_down(part)}
    return PlantHistory(
        machines=tuple(
            replace(machine, slots=tuple(s for s in machine.slots if s.part_type not in short_lived))
            for machine in world.plant.machines
        ),
        part_types={part.id: part for part in world.plant.part_types if part.id not in short_lived},
        lives=tuple(life for life in as_known(world.lives, at) if life.part_type not in short_lived),
        meters=meters_at(world, at_s),
        hours={machine: block.until(int(at_s * 1e9)) for machine, block in world.hours.items()},
        until=at,
    )


def lessons_of(history: PlantHistory) -> Mapping[PartTypeId, PartLesson]:
    """Return what a history teaches, by part type."""
    return {part: lesson for own in learn_lessons(history).values() for part, lesson in own.items()}


def without_condition(history: PlantHistory) -> PlantHistory:
    """Return a history in which no slot has readings: what is left to those who go by age alone."""
    return replace(history, hours={machine: _machine_only(block) for machine, block in history.hours.items()})


def _machine_only(block: ConditionBlock) -> ConditionBlock:
    own = block.keys == ""
    return ConditionBlock(
        machines=block.machines[own],
        keys=block.keys[own],
        hours_ns=block.hours_ns[own],
        values=block.values[own],
        weights=block.weights[own],
    )
