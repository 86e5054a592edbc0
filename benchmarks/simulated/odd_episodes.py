"""V11: machines that are well while all around them is odd, watched by the product: how many cases does a foreman get for nothing.

Every machine is new and hardly wears. Jobs change, shifts start cold, autumn turns to summer, and sensors fail in every way
that they do. The product's own detection, prognosis and case rules run over it; a case counts as false as in `benchmarks fleet`:
no slot was past onset, none had reached its replace-by, and no fault was injected in the days that it is about.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.fleet_cases import count_cases
from benchmarks.fleet_world import LEARNING_DAYS, START, make_world, scenario_of
from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from simulators.scenario import Scenario

_MACHINES, _DAYS = 24, 270
_NEW = timedelta(days=10)
_WEAR = 1e-4


def episodes(seeds: Sequence[int]) -> Iterator[Bar]:
    """V11: false cases a machine-month of machines that are well."""
    with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
        worlds = (make_world(_healthy(seed), _DAYS, Path(folder)) for seed in seeds)
        counts = [count_cases(world, LEARNING_DAYS, {}) for world in worlds]
    yield from answer(asked.FALSE_CASES, [count.false / count.machine_months for count in counts])
    cases = sum(count.cases for count in counts)
    yield Bar(name="V11 cases in all, most of them about injected faults", value=cases, unit="", must=None)
    yield Bar(name=f"V11 {asked.RUL_LOWERED.text}", value=None, unit="%", must=asked.RUL_LOWERED.high)


def _healthy(seed: int) -> Scenario:
    scenario = scenario_of(seed, _MACHINES)
    machines = tuple(replace(machine, installed_at=START - _NEW) for machine in scenario.plant.machines)
    return replace(scenario, plant=replace(scenario.plant, machines=machines), damage_speed=_WEAR)
