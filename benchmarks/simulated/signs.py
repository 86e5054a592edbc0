"""V4 to V7 and V10: how wear shows in the sensors, neither too clean nor too hidden."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated import statistics
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import Fleet, Recording, run_to_failure
from configs.plant import Sensor
from simulators.removal import TrueLife

Array = NDArray[np.float64]

INDICATOR_POINTS = 60
WATCHED_DAYS = 240.0
LEAST_SAMPLES = 600
THINNING = 20
"""Healthy rows are thinned by this and weighted by it, so that a precision-recall curve takes seconds."""


def indicators(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V4: monotonicity, trend, prognosability and trendability of the slots' own sensors in the expected direction."""
    figures = [_indicator_figures(fleet) for fleet in fleets]
    questions = (asked.RAW_MONOTONICITY, asked.TREND, asked.PROGNOSABILITY, asked.TRENDABILITY)
    for question, values in zip(questions, zip(*figures, strict=True), strict=True):
        yield from answer(question, values)


def noise(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V5: how far the slow trend stands above the noise."""
    found = [
        [statistics.signal_to_noise_db(best, max(len(best) // INDICATOR_POINTS, 6)) for _, _, best in _shown(fleet)]
        for fleet in fleets
    ]
    yield from answer(asked.NOISE, [float(np.median(of)) for of in found])
    yield from answer(asked.CLEANEST, [float(np.percentile(of, 90)) for of in found])


def lingering(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V6: noise that lingers, and values that repeat as often as resolution makes them."""
    yield from answer(asked.LINGERING, [float(np.percentile(_autocorrelations(fleet), 10)) for fleet in fleets])
    grids = [_grids(fleet) for fleet in fleets]
    yield from answer(asked.OFF_GRID, [100 * max(off for off, _ in of) for of in grids])
    yield from answer(asked.REPEATS, [100 * float(np.median([beyond for _, beyond in of])) for of in grids])


def thresholds(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V7: whether a threshold on one sensor already tells who fails within a day."""
    yield from answer(asked.ONE_THRESHOLD, [_best_threshold(fleet) for fleet in fleets])


def silent(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V10: failures of which a day's mean of no sensor of theirs left its usual place by four standard deviations."""
    shares = []
    for fleet in fleets:
        seen = [_ever_shows(fleet, life) for life in fleet.failures() if fleet.signs(life)]
        shares.append(100 * (1 - float(np.mean(seen))))
    yield from answer(asked.SILENT, shares)


def _shown(fleet: Fleet) -> Iterator[tuple[TrueLife, Array, Array]]:
    """Give each failure that had signs: the mean of its sensors in the expected direction, and the best one of them."""
    for life in fleet.failures():
        recording, stretch = run_to_failure(fleet, life, WATCHED_DAYS)
        signs = fleet.signs(life)
        if life.sudden or not signs or stretch.stop - stretch.start < LEAST_SAMPLES:
            continue
        z = recording.z[stretch][:, [recording.sensors.index(sensor) for sensor, _ in signs]]
        z = z * np.array([side for _, side in signs])
        coarse = statistics.block_means(z, INDICATOR_POINTS)
        best = int(np.argmax(coarse[-2:].mean(axis=0) - coarse[:12].mean(axis=0)))
        yield life, z.mean(axis=1), z[:, best]


def _indicator_figures(fleet: Fleet) -> tuple[float, float, float, float]:
    shown = [(life, indicator) for life, indicator, _ in _shown(fleet)]
    coarse = [statistics.block_means(x, INDICATOR_POINTS) for _, x in shown]
    by_slot = defaultdict(list)
    for (life, _), indicator in zip(shown, coarse, strict=True):
        by_slot[life.slot].append(indicator)
    alike = [
        statistics.prognosability(np.array([x[:6].mean() for x in of]), np.array([x[-1] for x in of]))
        for of in by_slot.values()
        if len(of) >= 4
    ]
    return (
        float(np.mean([statistics.monotonicity(x) for _, x in shown])),
        float(np.mean([statistics.trend_strength(statistics.smooth(x, 9)) for x in coarse])),
        float(np.median(alike)),
        float(np.median(statistics.trendability([statistics.smooth(x, 9) for x in coarse]))),
    )


def _autocorrelations(fleet: Fleet) -> list[float]:
    return [
        statistics.lag_one(recording.values[:4000, column], recording.jobs[:4000])
        for recording in fleet.recordings.values()
        for column, sensor in enumerate(recording.sensors)
        if any(word in sensor for word in ("temp", "flow", "vib")) and recording.values[:4000, column].std() > 0
    ]


def _grids(fleet: Fleet) -> list[tuple[float, float]]:
    sensors: dict[str, tuple[Sensor, ...]] = {m.id: m.sensors for m in fleet.simulation.scenario.plant.machines}
    found = []
    for recording in fleet.recordings.values():
        for column, sensor in enumerate(sensors[recording.machine]):
            values = recording.values[:4000, column]
            if sensor.resolution > 0 and values.std() > 0:
                found.append(statistics.on_grid(values, recording.jobs[:4000], sensor.resolution))
    return found


def _best_threshold(fleet: Fleet) -> float:
    best = 0.0
    for kind in {recording.equipment_type for recording in fleet.recordings.values()}:
        of: list[Recording] = [r for r in fleet.recordings.values() if r.equipment_type == kind]
        doomed = np.concatenate([_fails_within(fleet, r.machine, r.times_s, 24.0) for r in of])
        if doomed.any():
            z = np.concatenate([r.z for r in of])
            kept = doomed | (np.arange(len(doomed)) % THINNING == 0)
            weight = np.where(doomed[kept], 1.0, THINNING)
            scores = (statistics.best_threshold_f1(z[kept, c], doomed[kept], weight) for c in range(z.shape[1]))
            best = max(best, *scores)
    return float(best)


def _fails_within(fleet: Fleet, machine: str, times_s: Array, hours: float) -> NDArray[np.bool_]:
    due = np.sort([*(x.removed_s or 0.0 for x in fleet.failures() if x.machine == machine), np.inf])
    return np.asarray((due[np.searchsorted(due, times_s)] - times_s) <= hours * 3600.0)


def _ever_shows(fleet: Fleet, life: TrueLife) -> bool:
    recording, stretch = run_to_failure(fleet, life, 400)
    columns = [recording.sensors.index(sensor) for sensor, _ in fleet.signs(life)]
    z = recording.z[stretch][:, columns]
    if len(z) < 288:
        return not life.sudden
    days = statistics.block_means(z, max(len(z) // 144, 2))
    first = days[: max(len(days) // 5, 2)]
    spread = np.maximum(first.std(axis=0), 0.5)
    return bool((np.abs(days - first.mean(axis=0)) > 4 * spread).any())
