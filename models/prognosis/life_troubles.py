"""When nothing can be said of a unit: its clock, its sensors or its regime are not what was learnt."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.features.trajectories import Fault, Rows, Trajectories, Trouble, Vector, clock_troubles
from models.prognosis.life_features import FeatureRule

RECENT_STEPS = 5
STUCK_TIMES = 2.0
LEAST_STUCK_STEPS = 15
MOST_AGE = 4.0
"""In times of the longest life that was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What was usual of the lives learnt: how long each sensor used stood still or was silent (k,), the longest life."""

    still: Vector
    silent: Vector
    oldest: float


def habit_of(trajectories: Trajectories, used: Rows, oldest: float) -> Habit:
    """Return what was usual of lives, the longest of which was `oldest`."""
    return Habit(still=longest_still(trajectories, used), silent=longest_silence(trajectories, used), oldest=oldest)


def longest_still(trajectories: Trajectories, used: Rows) -> Vector:
    """Return the longest time for which each sensor used reported one and the same value (k,)."""
    first = np.flatnonzero(np.diff(trajectories.unit, prepend=-1))
    found = np.zeros(used.size)
    for place, sensor in enumerate(used.tolist()):
        values = trajectories.sensors[:, sensor]
        changed = np.union1d(first, np.flatnonzero(np.diff(values, prepend=np.nan) != 0))
        last = np.append(changed[1:] - 1, values.size - 1)
        found[place] = np.max(trajectories.age[last] - trajectories.age[changed], initial=0.0)
    return found


def longest_silence(trajectories: Trajectories, used: Rows) -> Vector:
    """Return the longest time between two readings of each sensor used within a unit (k,)."""
    found = np.zeros(used.size)
    for place, sensor in enumerate(used.tolist()):
        there = np.flatnonzero(np.isfinite(trajectories.sensors[:, sensor]))
        same = np.diff(trajectories.unit[there]) == 0
        found[place] = np.max(np.diff(trajectories.age[there])[same], initial=0.0)
    return found


def troubles_of(trajectories: Trajectories, rule: FeatureRule, habit: Habit) -> tuple[Trouble, ...]:
    """Return the units of which nothing can be said, each with the first fault found."""
    troubles = clock_troubles(trajectories)
    bad = {trouble.unit for trouble in troubles}
    others = (i for i in range(len(trajectories.units)) if i not in bad)
    found = (next(_sensor_troubles(trajectories, unit, rule, habit), None) for unit in others)
    return troubles + tuple(trouble for trouble in found if trouble is not None)


def _sensor_troubles(trajectories: Trajectories, unit: int, rule: FeatureRule, habit: Habit) -> Iterator[Trouble]:
    first, end = trajectories.bounds()[unit : unit + 2].tolist()
    age, sensors = trajectories.age[first:end], trajectories.sensors[first:end][:, rule.used]
    lived = age[-1] - (age[0] if rule.clock.from_first_row else 0.0)
    if lived > MOST_AGE * habit.oldest:
        yield Trouble(unit=unit, fault=Fault.AGE_UNSEEN, subject=f"{lived:g}")
    recent = age >= age[-1] - RECENT_STEPS * rule.clock.step
    _, distance = rule.scale.regime_of(trajectories.settings[first:end][recent])
    if not (distance <= 1.0).any():
        yield Trouble(unit=unit, fault=Fault.REGIME_UNSEEN)
    names = [trajectories.sensor_names[sensor] for sensor in rule.used.tolist()]
    for place, name in enumerate(names):
        if _silent(sensors[:, place], age) > _patience(habit.silent[place], rule.clock.step):
            yield Trouble(unit=unit, fault=Fault.SENSOR_SILENT, subject=name)
        elif _still(sensors[:, place], age) > _patience(habit.still[place], rule.clock.step):
            yield Trouble(unit=unit, fault=Fault.SENSOR_STUCK, subject=name)


def _still(values: Vector, age: Vector) -> float:
    """Return for how long the newest value has not changed."""
    changed = np.flatnonzero(np.diff(values) != 0)
    return float(age[-1] - age[changed[-1] + 1 if changed.size else 0])


def _silent(values: Vector, age: Vector) -> float:
    """Return for how long there has been no reading; for ever where there never was one."""
    there = np.flatnonzero(np.isfinite(values))
    return float(age[-1] - age[there[-1]]) if there.size else np.inf


def _patience(usual: float, step: float) -> float:
    return max(STUCK_TIMES * usual, LEAST_STUCK_STEPS * step)
