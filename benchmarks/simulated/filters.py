"""Filters that clog: remaining life from the pressure drop, learnt from the simulator and from the law that was measured.

The law was measured on 40 filters that were run to clogging (HS Esslingen): Δp = Δp0 + c x^p with p = 2.87 ± 0.6 between
1.55 and 4.70, residuals with a memory of 0.66 a step and 2.8 Pa, at a limit near 250 Pa. `configs/catalogue` states the same
filter in `cooling_fan_chiller.air_filter`.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor

from benchmarks.simulated.recordings import NO_FAULTS, START_S
from configs.catalogue.load import load_catalogue
from simulators.calendar import CONTINUOUS
from simulators.factory import GROUPS, build_factory
from simulators.scenario import Scenario
from simulators.simulation import start_simulation

Array = NDArray[np.float64]

Run = tuple[Array, float]
"""A pressure drop in even steps of use, and the share of the life that it covers."""

_TESTS, _STEPS = 40, 120
_HOURS = 4000.0


def filter_error_ratio(seed: int) -> float:
    """Give the error of the remaining share of life, trained on simulated filters, over that trained on the measured law."""
    rng = np.random.default_rng(seed)
    tested = [(_measured(rng), 1.0) for _ in range(_TESTS)]
    errors = [_error(trained, tested) for trained in (_simulated(seed), [(_measured(rng), 1.0) for _ in range(_TESTS)])]
    return errors[0] / errors[1]


def _measured(rng: np.random.Generator) -> Array:
    power = float(np.clip(rng.normal(2.87, 0.6), 1.55, 4.70))
    clean, limit = rng.normal(72.0, 8.0), 250.0
    noise = np.zeros(_STEPS)
    for step in range(1, _STEPS):
        noise[step] = 0.66 * noise[step - 1] + rng.normal(0.0, 2.8 * np.sqrt(1 - 0.66**2))
    return np.asarray(clean + (limit - clean) * np.linspace(0.0, 1.0, _STEPS) ** power + noise)


def _simulated(seed: int) -> list[Run]:
    """Give the pressure drop of every filter of a fleet of chillers, in as many steps as a test, and what of it was used up."""
    group = replace(next(g for g in GROUPS if g.equipment_type == "cooling_fan_chiller"), shifts=(CONTINUOUS,))
    plant, shifts = build_factory(load_catalogue(), _TESTS, (group,))
    simulation = start_simulation(Scenario(plant=plant, seed=seed, shifts=shifts, rates=NO_FAULTS), START_S)
    trace = simulation.advance_to(START_S + 3.0 * _HOURS * 3600.0)
    found: list[Run] = []
    for shard in simulation.shards:
        reports = list(simulation.reports(shard, trace, 3600.0))
        drop = np.concatenate([report.values["filter_dp"] for report in reports])
        job = np.concatenate([report.job for report in reports])
        times = np.concatenate([report.times_s for report in reports])
        columns = {machine.id: n for n, machine in enumerate(shard.machines)}
        for life in trace.removals:
            first, last = np.searchsorted(times, (life.installed_s, life.removed_s or 0.0))
            if life.slot == "air_filter" and not life.sudden and first > 0 and life.restored == 0:
                column = columns[life.machine]
                found.append((_at_one_job(drop[first:last, column], job[first:last, column]), life.damage))
    return [run for run in found if len(run[0]) == _STEPS]


def _at_one_job(drop: Array, job: NDArray[np.int64]) -> Array:
    """Give the pressure drop under the commonest job, as means of as many stretches as a test has steps."""
    kept = drop[(job == np.bincount(job).argmax()) & (drop > 0)]
    if len(kept) < _STEPS:
        return np.zeros(0)
    return np.array([stretch.mean() for stretch in np.array_split(kept, _STEPS)])


def _error(trained: list[Run], tested: list[Run]) -> float:
    features, left = _rows(trained)
    model = HistGradientBoostingRegressor(max_iter=120, learning_rate=0.08, max_leaf_nodes=12, random_state=7)
    model.fit(features, left)
    known, truth = _rows(tested)
    return float(np.abs(model.predict(known) - truth).mean())


def _rows(filters: list[Run]) -> tuple[Array, Array]:
    """Describe each step by the pressure drop over the clean one and how fast it grew; what is left is a share of life."""
    width, features, left = 6, [], []
    for drop, used in filters:
        clean = np.median(drop[:width])
        smooth = np.convolve(drop, np.ones(width) / width, mode="valid")
        ratio = smooth / clean
        grown = np.concatenate([np.zeros(width), ratio[width:] - ratio[:-width]])
        half = np.array([ratio[n // 2] for n in range(len(ratio))])
        features.append(np.column_stack([ratio, grown, ratio - half]))
        left.append(1.0 - used * np.arange(width - 1, len(drop)) / (len(drop) - 1))
    return np.concatenate(features), np.concatenate(left)
