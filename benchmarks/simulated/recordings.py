"""Simulated machines as a model would meet them: what they reported while they ran, scored by job, beside the truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.catalogue.load import load_catalogue
from simulators.factory import build_factory
from simulators.removal import Reason, TrueLife
from simulators.scenario import Scenario, only
from simulators.signals import EXECUTING
from simulators.simulation import Simulation, start_simulation
from simulators.trace import Trace

Array = NDArray[np.float64]

START_S = 1_735_689_600.0
DAY_S = 86_400.0
SPACING_S = 600.0
NO_FAULTS = only(())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What one machine reported while it executed: times (t,), jobs (t,), values (t, sensors), z-scores per regime.

    `z` is in standard deviations of the machine's own first weeks under the same job.
    """

    machine: str
    equipment_type: str
    sensors: tuple[str, ...]
    times_s: Array
    jobs: NDArray[np.int64]
    values: Array
    z: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """A simulated fleet over a span: recordings by machine, and what truly happened."""

    simulation: Simulation
    trace: Trace
    recordings: dict[str, Recording]
    days: float

    def signs(self, life: TrueLife) -> tuple[tuple[str, float], ...]:
        """Give the sensors that the catalogue says show a life's wear, each with 1 where it rises and -1 where it falls."""
        machine = next(m for m in self.simulation.scenario.plant.machines if m.id == life.machine)
        slot = next(slot for slot in machine.slots if slot.id == life.slot)
        of = self.recordings[life.machine].sensors
        return tuple((sign.sensor, 1.0 if sign.rises else -1.0) for sign in slot.signs if sign.sensor in of)

    def failures(self) -> list[TrueLife]:
        """Return the failures of worn slots."""
        renewed = {place.slot.id for place in self.simulation.fleet.layout.renewed}
        return [x for x in self.trace.removals if x.reason is Reason.FAILED and x.slot not in renewed]

    def lives(self) -> list[TrueLife]:
        """Return the lives of worn slots that were in a machine during the span, ended or not."""
        renewed = {place.slot.id for place in self.simulation.fleet.layout.renewed}
        opened = [x for x in self.simulation.fleet.open_lives() if x.slot not in renewed]
        return [*self.removals(), *opened]

    def use_at(self, life: TrueLife, times_s: Array) -> Array:
        """Return about how much a part was used by times of its life, in its life unit."""
        until_s = life.removed_s or START_S + self.days * DAY_S
        if life.meter_at_removal is None:
            k = self._worn.index((life.machine, life.slot))
            used = float(self.simulation.fleet.state.use[k])
        else:
            used = life.meter_at_removal - life.meter_at_install
        return used * np.clip((times_s - life.installed_s) / max(until_s - life.installed_s, 1.0), 0.0, 1.0)

    @property
    def _worn(self) -> list[tuple[str, str]]:
        return [(place.machine.id, place.slot.id) for place in self.simulation.fleet.layout.worn]

    def removals(self) -> list[TrueLife]:
        """Return all removals of worn slots."""
        renewed = {place.slot.id for place in self.simulation.fleet.layout.renewed}
        return [x for x in self.trace.removals if x.slot not in renewed]


def simulate(machines: int, days: float, seed: int, spacing_s: float = SPACING_S) -> Fleet:
    """Run a factory and record it, without sensor faults."""
    plant, shifts = build_factory(load_catalogue(), machines)
    scenario = Scenario(plant=plant, seed=seed, shifts=shifts, rates=NO_FAULTS)
    simulation = start_simulation(scenario, START_S)
    trace = simulation.advance_to(START_S + days * DAY_S)
    recordings = {}
    for shard in simulation.shards:
        reports = list(simulation.reports(shard, trace, spacing_s))
        times = np.concatenate([report.times_s for report in reports])
        state = np.concatenate([report.state for report in reports])
        job = np.concatenate([report.job for report in reports])
        sensors = tuple(sensor.id for sensor in shard.equipment_type.sensors)
        values = np.stack([np.concatenate([r.values[name] for r in reports]) for name in sensors], axis=2)
        ambient_c = np.concatenate([shard.ambient_at(report.times_s) for report in reports])
        for column, machine in enumerate(shard.machines):
            on = state[:, column] == EXECUTING
            reported = values[on, column].astype(float)
            recordings[machine.id] = Recording(
                machine=machine.id, equipment_type=shard.equipment_type.id, sensors=sensors, times_s=times[on],
                jobs=job[on, column], values=reported, z=_scored(times[on], job[on, column], reported, ambient_c[on]),
            )  # fmt: skip
    return Fleet(simulation=simulation, trace=trace, recordings=recordings, days=days)


def _scored(times_s: Array, jobs: NDArray[np.int64], values: Array, ambient_c: Array) -> Array:
    """Score a machine's values against its own first four weeks under the same job, freed of what the air's temperature does.

    The spread is the one within three days, which neither a filter that clogs nor its exchange widens.
    """
    _, block = np.unique(
        np.floor(times_s / (3 * DAY_S)).astype(np.int64) * (int(jobs.max()) + 1) + jobs, return_inverse=True
    )
    air, rest = _within(ambient_c[:, None], block), _within(values, block)
    per_kelvin = (air.T @ rest)[0] / max(float((air**2).sum()), 1e-9)
    freed, rest = values - np.outer(ambient_c - ambient_c.mean(), per_kelvin), rest - air * per_kelvin
    z = np.zeros_like(values)
    early = times_s < times_s[0] + 28 * DAY_S
    for job in np.unique(jobs):
        of = jobs == job
        base = of & early if (of & early).sum() > 50 else np.flatnonzero(of)[:200]
        centre = freed[base].mean(axis=0)
        spread = np.maximum(rest[base].std(axis=0), 1e-6 + 1e-4 * np.abs(centre))
        z[of] = (freed[of] - centre) / spread
    return z


def run_to_failure(fleet: Fleet, life: TrueLife, days: float) -> tuple[Recording, slice]:
    """Return the recording of a failed part's machine and the stretch of at most `days` that ends with the failure."""
    recording = fleet.recordings[life.machine]
    end_s = life.removed_s or 0.0
    first, last = np.searchsorted(recording.times_s, (max(life.installed_s, end_s - days * DAY_S), end_s))
    return recording, slice(int(first), int(last))


def _within(values: Array, block: NDArray[np.int64]) -> Array:
    """Take each block's mean out of the columns of values."""
    count = np.bincount(block)
    means = np.stack([np.bincount(block, column) / count for column in values.T], axis=1)
    return np.asarray(values - means[block])
