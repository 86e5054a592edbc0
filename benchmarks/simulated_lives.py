"""Simulated lives as a model would meet them: health indicators of parts on their way to failure, with their truth."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.catalogue.load import load_catalogue
from simulators.factory import build_factory
from simulators.removal import Reason, TrueLife
from simulators.scenario import Rates, Scenario
from simulators.signals import EXECUTING
from simulators.simulation import Simulation, start_simulation
from simulators.trace import Trace

Array = NDArray[np.float64]

START_S = 1_735_689_600.0
DAY_S = 86_400.0
SPACING_S = 600.0
NO_FAULTS = Rates(
    stuck_per_year=0, drift_per_year=0, noise_rise_per_year=0, dropout_share=0, spike_share=0, duplicate_share=0,
    late_share=0, loss_share=0,
)  # fmt: skip


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

    def failures(self) -> list[TrueLife]:
        """Return the failures of worn slots."""
        renewed = {place.slot.id for place in self.simulation.fleet.layout.renewed}
        return [x for x in self.trace.removals if x.reason is Reason.FAILED and x.slot not in renewed]

    def removals(self) -> list[TrueLife]:
        """Return all removals of worn slots."""
        renewed = {place.slot.id for place in self.simulation.fleet.layout.renewed}
        return [x for x in self.trace.removals if x.slot not in renewed]


def simulate(machines: int, days: float, seed: int) -> Fleet:
    """Run a factory and record it at ten-minute spacing, without sensor faults."""
    plant, shifts = build_factory(load_catalogue(), machines)
    scenario = Scenario(plant=plant, seed=seed, shifts=shifts, rates=NO_FAULTS)
    simulation = start_simulation(scenario, START_S)
    trace = simulation.advance_to(START_S + days * DAY_S)
    recordings = {}
    for shard in simulation.shards:
        reports = list(simulation.reports(shard, trace, SPACING_S))
        times = np.concatenate([report.times_s for report in reports])
        state = np.concatenate([report.state for report in reports])
        job = np.concatenate([report.job for report in reports])
        sensors = tuple(sensor.id for sensor in shard.equipment_type.sensors)
        values = np.stack([np.concatenate([r.values[name] for r in reports]) for name in sensors], axis=2)
        for column, machine in enumerate(shard.machines):
            on = state[:, column] == EXECUTING
            recordings[machine.id] = record(
                machine.id,
                shard.equipment_type.id,
                sensors,
                times[on],
                job[on, column],
                values[on, column].astype(float),
            )
    return Fleet(simulation=simulation, trace=trace, recordings=recordings, days=days)


def record(  # noqa: PLR0917 (one argument a column)
    machine: str, kind: str, sensors: tuple[str, ...], times_s: Array, jobs: NDArray[np.int64], values: Array
) -> Recording:
    """Score a machine's values against its own first four weeks under the same job."""
    z = np.zeros_like(values)
    early = times_s < times_s[0] + 28 * DAY_S
    for job in np.unique(jobs):
        of = jobs == job
        base = values[of & early] if (of & early).sum() > 50 else values[of][:200]
        spread = np.maximum(base.std(axis=0), 1e-6 + 1e-4 * np.abs(base.mean(axis=0)))
        z[of] = (values[of] - base.mean(axis=0)) / spread
    return Recording(
        machine=machine, equipment_type=kind, sensors=sensors, times_s=times_s, jobs=jobs, values=values, z=z
    )


def run_to_failure(fleet: Fleet, life: TrueLife, days: float) -> tuple[Recording, slice]:
    """Return the recording of a failed part's machine and the stretch of at most `days` that ends with the failure."""
    recording = fleet.recordings[life.machine]
    end_s = life.removed_s or 0.0
    first, last = np.searchsorted(recording.times_s, (max(life.installed_s, end_s - days * DAY_S), end_s))
    return recording, slice(int(first), int(last))
