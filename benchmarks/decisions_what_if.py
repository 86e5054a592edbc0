"""What-if on simulated factories: the stress of parts is changed, and they live longer or shorter.

A factory runs twice with the same parts, days and weather. In the second run every machine works under a stress that is changed by a
share of its own, and the stressed wear of each part with a law follows that law, its exponent drawn from what is declared. All other wear goes
on as it was: starts, shocks, and what worn neighbours do to a part. What is judged is the life of each part: use per damage over the whole run.

Beside it stands a harder question that the laws were not made for: people change the *load*, the simulator wears parts by its own
physics of load and heat, and the what-if is told only how far the law's sensor moved.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar
from configs.catalogue.load import load_catalogue
from configs.plant import MachineId, SensorId, StressLaw
from models.prognosis.what_if import life_factor
from simulators.factory import build_factory
from simulators.fleet import Fleet
from simulators.layout import Layout, Place
from simulators.scenario import Scenario
from simulators.simulation import Simulation, start_simulation

Array = NDArray[np.float64]

SEED = 20261127
MACHINES = 100
RUNS = 2
DAYS = 600
SEEN_DAYS = 14
SEEN_EVERY_S = 1800.0
SHARE = 0.8
LEAST, MOST = 0.05, 0.3
"""By which share a stress is changed, up or down, all sizes alike."""

START = datetime(2025, 3, 1, tzinfo=UTC).timestamp()
_DAY_S = 86_400.0
_EXECUTING = 2

Change = Callable[[Layout], Layout]
Sensed = Mapping[tuple[MachineId, SensorId], float]


def what_if_bars() -> Iterator[Bar]:
    """Yield how often the 80 % range of a what-if holds the change of life in the simulator."""
    factories = [_Factory(SEED + run) for run in range(RUNS)]
    by_law = [each for factory in factories for each in factory.under_law()]
    by_load = [each for factory in factories for each in factory.under_load()]
    laws = len({place.part.id for place in factories[0].lawful.values()})
    yield _bar(f"|coverage − 80 %| of what-if, {len(by_law)} parts of {laws} types with a declared law", by_law, 5.0)
    yield _bar("the same where people change the load and a sensor stands in for the stress", by_load, None)


def _bar(name: str, inside: list[bool], must: float | None) -> Bar:
    coverage = 100.0 * float(np.mean(inside))
    return Bar(name=name, value=abs(coverage - 100.0 * SHARE), unit="%", must=must, baseline=coverage)


class _Factory:
    """One factory as it usually is, and what comes of its parts when something is changed."""

    def __init__(self, seed: int) -> None:
        plant, shifts = build_factory(load_catalogue(), MACHINES)
        self._scenario = Scenario(plant=plant, seed=seed, shifts=shifts)
        self._rng = np.random.default_rng(seed)
        self._change = self._rng.choice([-1.0, 1.0], MACHINES) * self._rng.uniform(LEAST, MOST, MACHINES)
        layout = start_simulation(self._scenario, START).fleet.layout
        self.lawful = {k: place for k, place in enumerate(layout.worn) if place.part.stress_law is not None}
        self._usual = self._run(lambda same: same)

    def under_law(self) -> Iterator[bool]:
        """Give for each part with a law whether its life changed as it was told, its stress changed as it was told."""
        wear, _ = self._run(self._stressed)
        for k, place in self.lawful.items():
            yield self._holds(k, place, float(self._change[place.machine_index]), wear)

    def under_load(self) -> Iterator[bool]:
        """Give the same for changed loads, told how far the sensor moved that stands in for the stress."""
        wear, means = self._run(self._loaded)
        for k, place in self.lawful.items():
            key = place.machine.id, SensorId(_law(place).stress)
            yield self._holds(k, place, means[key] / self._usual[1][key] - 1.0, wear)

    def _holds(self, k: int, place: Place, change: float, wear: Array) -> bool:
        told = life_factor(_law(place), change)
        return bool(told.p10 <= self._usual[0][k] / wear[k] <= told.p90)

    def _run(self, change: Change) -> tuple[Array, Sensed]:
        """Return the wear of every part, and the mean of every sensor while executing, over the last days."""
        started = start_simulation(self._scenario, START)
        fleet = Fleet(change(started.fleet.layout), started.fleet.climates, started.fleet.state)
        simulation = Simulation(self._scenario, fleet, ())
        simulation.advance_to(START + (DAYS - SEEN_DAYS) * _DAY_S)
        return fleet.worn_out, _means(simulation)

    def _stressed(self, layout: Layout) -> Layout:
        factor = np.ones(len(layout.worn))
        for k, place in self.lawful.items():
            law = _law(place)
            exponent = max(0.0, law.exponent + law.exponent_sd * float(self._rng.standard_normal()))
            factor[k] = (1.0 + self._change[place.machine_index]) ** exponent
        return replace(layout, stress=layout.stress * factor[:, None])

    def _loaded(self, layout: Layout) -> Layout:
        """Return the layout under changed loads: stress follows by the exponent of each slot's physics."""
        load = 1.0 + self._change
        exponents = np.array([place.physics.load_exponent for place in layout.worn])
        factor = load[layout.machine_of_worn] ** exponents
        return replace(layout, load=layout.load * load[:, None], stress=layout.stress * factor[:, None])


def _law(place: Place) -> StressLaw:
    law = place.part.stress_law
    assert law is not None
    return law


def _means(simulation: Simulation) -> Sensed:
    trace = simulation.advance_to(START + DAYS * _DAY_S)
    found: dict[tuple[MachineId, SensorId], list[float]] = {}
    for shard in simulation.shards:
        for report in simulation.reports(shard, trace, SEEN_EVERY_S):
            for column, machine in enumerate(shard.machines):
                on = report.state[:, column] == _EXECUTING
                for sensor, values in report.values.items():
                    found.setdefault((machine.id, SensorId(sensor)), []).extend(values[on, column].tolist())
    return {key: float(np.nanmedian(values)) for key, values in found.items() if values}
