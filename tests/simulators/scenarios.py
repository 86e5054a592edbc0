"""Simulated factories to test with."""

from dataclasses import replace
from datetime import UTC, datetime

from configs.catalogue.load import load_catalogue
from configs.plant import Plant
from simulators.factory import MACHINING_CENTRES, PUMPS, Group, build_factory
from simulators.scenario import Scenario, only
from simulators.simulation import Simulation, start_simulation

START_S = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
HOUR_S = 3600.0
DAY_S = 24 * HOUR_S

NO_FAULTS = only(())


SHOP = (replace(MACHINING_CENTRES, share=1), replace(PUMPS, share=1))


def a_scenario(machines: int = 4, groups: tuple[Group, ...] = SHOP, **changes: object) -> Scenario:
    plant, shifts = build_factory(load_catalogue(), machines, groups)
    fields = {"plant": plant, "seed": 7, "shifts": shifts, "rates": NO_FAULTS, **changes}
    return Scenario(**fields)


def a_simulation(machines: int = 4, **changes: object) -> Simulation:
    return start_simulation(a_scenario(machines, **changes), START_S)


def without_machine(plant: Plant, machine: str) -> Plant:
    return replace(plant, machines=tuple(m for m in plant.machines if m.id != machine))
