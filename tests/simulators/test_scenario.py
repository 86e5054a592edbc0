"""What cannot be simulated is said in one line."""

from dataclasses import replace

import pytest

from configs.catalogue.load import load_catalogue
from configs.plant import PartTypeId, Plant, SiteId
from simulators.errors import SimulatorError
from simulators.factory import build_factory
from simulators.scenario import Scenario, check_scenario
from tests.simulators.scenarios import a_scenario


def with_first_machine(plant: Plant, **changes: object) -> Plant:
    return replace(plant, machines=(replace(plant.machines[0], **changes), *plant.machines[1:]))


def complaint(scenario: Scenario) -> str:
    with pytest.raises(SimulatorError) as caught:
        check_scenario(scenario)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_usual_factory_is_possible() -> None:
    check_scenario(a_scenario(24))


def test_part_without_a_type_is_named() -> None:
    scenario = a_scenario(2)
    slots = (replace(scenario.plant.machines[0].slots[0], part_type=PartTypeId("nothing")),)
    broken = replace(scenario, plant=with_first_machine(scenario.plant, slots=slots))
    assert "mc-01" in complaint(broken)
    assert "nothing is not in the catalogue" in complaint(broken)


@pytest.mark.parametrize("period_s", [0.0, -1.0, float("inf"), float("nan")])
def test_rate_of_zero_hertz_is_named(period_s: float) -> None:
    scenario = a_scenario(2)
    sensors = (replace(scenario.plant.machines[0].sensors[0], period_s=period_s),)
    assert "0 Hz" in complaint(replace(scenario, plant=with_first_machine(scenario.plant, sensors=sensors)))


def test_life_of_nothing_is_named() -> None:
    scenario = a_scenario(2)
    parts = tuple(replace(part, eta=0.0) for part in scenario.plant.part_types)
    assert "above 0" in complaint(replace(scenario, plant=replace(scenario.plant, part_types=parts)))


def test_plant_without_machines_or_site_or_zone_is_refused() -> None:
    scenario = a_scenario(2)
    assert "no machine" in complaint(replace(scenario, plant=replace(scenario.plant, machines=())))
    assert "not in the plant" in complaint(
        replace(scenario, plant=with_first_machine(scenario.plant, site=SiteId("elsewhere")))
    )
    sites = (replace(scenario.plant.sites[0], time_zone="Mars/Olympus"),)
    assert "Mars/Olympus" in complaint(replace(scenario, plant=replace(scenario.plant, sites=sites)))


def test_damage_cannot_run_backwards() -> None:
    assert "damage speed" in complaint(a_scenario(2, damage_speed=0.0))


@pytest.mark.parametrize("machines", [1, 2, 7, 24, 100])
def test_factory_has_as_many_machines_as_asked_for(machines: int) -> None:
    plant, shifts = build_factory(load_catalogue(), machines)
    assert len(plant.machines) == machines
    assert set(shifts) == {machine.id for machine in plant.machines}
    assert {machine.line for machine in plant.machines} == {line.id for line in plant.lines}


def test_factory_of_24_has_every_equipment_type() -> None:
    plant, _ = build_factory(load_catalogue(), 24)
    assert len({machine.equipment_type for machine in plant.machines}) == 8


def test_factory_of_no_machines_is_refused() -> None:
    with pytest.raises(SimulatorError, match="impossible"):
        build_factory(load_catalogue(), 0)
