"""Units that wear out: readings that drift with the share of life used up, in one regime or several."""

from dataclasses import replace

import numpy as np

from models.features.life_grid import life_clock, on_grid
from models.features.operating_regime import fit_regimes
from models.features.trajectories import Trajectories
from models.health_assessment.life_index import fit_life_index
from models.prognosis.life_features import FeatureRule, smoothed_life

SENSORS = ("rising", "falling", "noise")


def some_lives(
    units: int = 6, *, rows: int = 60, seed: int = 1, regimes: int = 0, worn: float = 3.0, step: float = 1.0
) -> Trajectories:
    """Return lives of about `rows` rows; with `regimes` a setting switches at random and shifts every reading."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(int(0.8 * rows), int(1.2 * rows), units)
    unit = np.repeat(np.arange(units), lengths)
    place = np.concatenate([np.arange(length) for length in lengths])
    used = (place + 1) / lengths[unit]
    regime = rng.integers(0, max(regimes, 1), unit.size)
    drift = worn * used**2
    sensors = np.column_stack([drift, -drift, np.zeros(unit.size)]) + 0.2 * rng.standard_normal((unit.size, 3))
    return Trajectories(
        units=tuple(f"u{i}" for i in range(units)),
        setting_names=("setting_load",) if regimes else (),
        sensor_names=SENSORS,
        unit=unit.astype(np.int64),
        age=step * (place + 1.0),
        settings=10.0 * regime[:, None].astype(np.float64) if regimes else np.empty((unit.size, 0)),
        sensors=sensors + 5.0 * regime[:, None],
    )


def a_rule(lives: Trajectories, used: tuple[int, ...] = (0, 1, 2)) -> FeatureRule:
    """Return the features that these lives teach."""
    scale, clock, columns = fit_regimes(lives.settings, lives.sensors), life_clock(lives), np.array(used)
    grids = [on_grid(lives, unit, scale, clock, columns) for unit in range(len(lives.units))]
    smoothed = np.concatenate([smoothed_life(grid, clock)[grid.last_row >= 0] for grid in grids])
    rows = np.concatenate([grid.last_row[grid.last_row >= 0] for grid in grids])
    left = (lives.ends()[lives.unit] - lives.age)[rows] / clock.usual_life
    return FeatureRule(clock=clock, scale=scale, used=columns, index=fit_life_index(smoothed, left))


def with_sensor(lives: Trajectories, rows: object, sensor: int, value: float) -> Trajectories:
    """Return the lives with one value at some rows of a sensor."""
    sensors = lives.sensors.copy()
    sensors[rows, sensor] = value  # type: ignore[index]
    return replace(lives, sensors=sensors)
