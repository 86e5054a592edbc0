"""V12 and V13: a model that has seen only simulated lives, on C-MAPSS and on filters; and whether the two can be told apart."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.filters import filter_error_ratio
from benchmarks.simulated.rig import SENSORS, a_rig
from simulators.layout import Place
from simulators.signals import EXECUTING
from simulators.simulation import Simulation, start_simulation

Array = NDArray[np.float64]

FAILS_WITHIN = 30
TRAINED_ON, UNITS = 60, 100
SETS = ("FD001", "FD003")
_BASELINE, _SHORT, _LONG = 20, 10, 30
_START_S, _RUN_H = 1_735_689_600.0, 1500.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycles:
    """Rows of run-to-failure units: features (n, f), the cycles that remain, and the unit each row is of."""

    features: Array
    left: Array
    unit: NDArray[np.int64]

    def of(self, units: Sequence[int]) -> "Cycles":
        """Give the rows of some units."""
        kept = np.isin(self.unit, units)
        return Cycles(features=self.features[kept], left=self.left[kept], unit=self.unit[kept])


def transfer(seeds: Sequence[int], data: Path | None) -> Iterator[Bar]:
    """V12: AUC and average precision against training on real units; filters against the law that was measured."""
    if data is None:
        yield from (
            Bar(
                name=f"{asked.AUC_RATIO.check} {asked.AUC_RATIO.text}, {name} (--data is missing)",
                value=None,
                unit="",
                must=0.95,
            )
            for name in SETS
        )
    else:
        for name in SETS:
            real = read_cmapss(_folder(data) / f"train_{name}.txt")
            pairs = [_ratios(real, simulated_cycles(seed, several=name == "FD003"), seed) for seed in seeds]
            yield from answer(asked.AUC_RATIO, [auc for auc, _ in pairs], name)
            yield from answer(asked.AP_RATIO, [precision for _, precision in pairs], name)
    yield from answer(asked.FILTER_RATIO, [filter_error_ratio(seed) for seed in seeds])


def told_apart(seeds: Sequence[int], data: Path | None) -> Iterator[Bar]:
    """V13: a classifier between real and simulated windows, units apart."""
    if data is None:
        yield Bar(name=f"V13 {asked.TOLD_APART.text} (--data is missing)", value=None, unit="", must=0.85)
        return
    for name in SETS:
        real = read_cmapss(_folder(data) / f"train_{name}.txt")
        values = [_two_samples(real, simulated_cycles(seed, several=name == "FD003")) for seed in seeds]
        yield from answer(asked.TOLD_APART, values, name)


def read_cmapss(path: Path) -> Cycles:
    """Read the training units of a C-MAPSS set; sensors that never move are left out."""
    table = np.loadtxt(path)
    sensors = table[:, 5:]
    sensors = sensors[:, sensors.std(axis=0) > 1e-6 * np.abs(sensors.mean(axis=0)) + 1e-9]
    units = [sensors[table[:, 0] == unit] for unit in np.unique(table[:, 0])]
    return _rows([(unit, np.zeros(len(unit), dtype=np.int64)) for unit in units])


def simulated_cycles(seed: int, *, several: bool) -> Cycles:
    """Give run-to-failure units of simulated rigs whose lives are spread as the engines' are; an hour is a cycle."""
    rigs = [a_rig(seed, machines=UNITS, mode=mode) for mode in range(2 if several else 1)]
    return _rows([life for rig in rigs for life in _lives(start_simulation(rig, _START_S))])


def _folder(data: Path) -> Path:
    return data if (data / "train_FD001.txt").exists() else data / "cmapss"


def _lives(simulation: Simulation) -> Iterator[tuple[Array, NDArray[np.int64]]]:
    """Give what the sensors said in each hour of operation of a life that began and failed within the run, and the job then."""
    trace = simulation.advance_to(simulation.at_s + _RUN_H * 3600.0)
    places: tuple[Place, ...] = simulation.fleet.layout.worn
    for shard in simulation.shards:
        reports = list(simulation.reports(shard, trace, 3600.0))
        values = np.stack([np.concatenate([r.values[name] for r in reports]) for name in SENSORS], axis=2)
        jobs = np.concatenate([report.job for report in reports])
        running = np.concatenate([report.state for report in reports]) == EXECUTING
        times = np.concatenate([report.times_s for report in reports])
        columns: dict[str, int] = {machine.id: n for n, machine in enumerate(shard.machines)}
        of_shard = {place.machine.id for place in places} & columns.keys()
        for life in trace.removals:
            first, last = np.searchsorted(times, (life.installed_s, life.removed_s or 0.0))
            if life.machine not in of_shard or life.reason != "failed" or first == 0:
                continue
            column = columns[life.machine]
            hours = first + np.flatnonzero(running[first:last, column])
            if len(hours) > _BASELINE + _LONG:
                yield values[hours, column].astype(float), jobs[hours, column]


def _rows(units: list[tuple[Array, NDArray[np.int64]]]) -> Cycles:
    features, left, of = [], [], []
    for number, (values, jobs) in enumerate(units):
        known = _features(values, jobs)
        features.append(known)
        left.append(np.arange(len(values), 0, -1)[-len(known) :])
        of.append(np.full(len(known), number))
    return Cycles(features=np.concatenate(features), left=np.concatenate(left), unit=np.concatenate(of))


def _features(values: Array, jobs: NDArray[np.int64]) -> Array:
    """Describe each cycle whatever the sensors are called: how far the upper quarter and the lower two fifths of them have moved
    from their baseline, in its standard deviations, and how much farther than before."""
    z = np.zeros_like(values)
    for job in np.unique(jobs):
        of = jobs == job
        early = of & (np.arange(len(values)) < 2 * _BASELINE)
        base = values[early] if early.sum() >= 6 else values[of][:6]
        z[of] = (values[of] - base.mean(axis=0)) / np.maximum(base.std(axis=0), 1e-9)
    total = np.vstack([np.zeros((1, z.shape[1])), np.cumsum(z, axis=0)])
    at = np.arange(_BASELINE + _LONG, len(z)) + 1
    short = np.abs(total[at] - total[at - _SHORT]) / _SHORT
    before = np.abs(total[at - _SHORT] - total[at - _LONG]) / (_LONG - _SHORT)
    most, middle, least = (np.quantile(short, share, axis=1) for share in (0.75, 0.6, 0.4))
    return np.column_stack([np.log1p(most), np.log1p(least), middle - np.quantile(before, 0.6, axis=1)])


def _ranking() -> Pipeline:
    """Give a model that goes on rising past what it was trained on."""
    return make_pipeline(StandardScaler(), LogisticRegression())


def _ratios(real: Cycles, simulated: Cycles, seed: int) -> tuple[float, float]:
    order = np.random.default_rng(seed).permutation(np.unique(real.unit))
    test = real.of(order[TRAINED_ON:].tolist())
    labels = test.left <= FAILS_WITHIN
    scores = [
        _ranking().fit(of.features, of.left <= FAILS_WITHIN).predict_proba(test.features)[:, 1]
        for of in (simulated, real.of(order[:TRAINED_ON].tolist()))
    ]
    auc = [roc_auc_score(labels, score) for score in scores]
    precision = [average_precision_score(labels, score) for score in scores]
    return float(auc[0] / auc[1]), float(precision[0] / precision[1])


def _two_samples(real: Cycles, simulated: Cycles) -> float:
    features = np.concatenate([real.features, simulated.features])
    is_real = np.append(np.ones(len(real.left)), np.zeros(len(simulated.left)))
    groups = np.append(real.unit, simulated.unit + real.unit.max() + 1)
    found = []
    for train, test in GroupKFold(n_splits=5).split(features, is_real, groups):
        model = HistGradientBoostingClassifier(max_iter=60, random_state=7).fit(features[train], is_real[train])
        found.append(roc_auc_score(is_real[test], model.predict_proba(features[test])[:, 1]))
    return float(np.mean(found))
