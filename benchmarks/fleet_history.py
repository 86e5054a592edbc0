"""The history of a simulated plant as training gets it: what was known at a moment, nothing later."""

from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.fleet_landmarks import meters_at
from benchmarks.fleet_world import World
from models.training.plant_history import PlantHistory, as_known
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
