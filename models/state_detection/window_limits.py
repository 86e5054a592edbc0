"""Limits of many machines, judged on windows or on newest values."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import Bound, Machine, SensorId, SlotId
from models.condition import Condition
from models.features.recursion import Layout, Matrix
from models.state_detection.limits import LimitMemory, Samples, judge_limit, limits_of, matched

Standing = tuple[tuple[Condition, ...], tuple[LimitMemory, ...]]


def judge_window_limits(
    columns: tuple[tuple[SensorId, ...], Matrix],
    when: tuple[NDArray[np.int64], NDArray[np.bool_]],
    layout: Layout,
    machines: Sequence[tuple[Machine, tuple[LimitMemory, ...]]],
) -> list[Standing]:
    """Return the conditions of each machine's limits, and where they stand.

    `columns` are sensors and window means (n, sensors), `when` window ends and running (n,), sorted by machine.
    """
    sensors, means = columns
    ends, running = when
    at = {sensor: i for i, sensor in enumerate(sensors)}
    edges = np.concatenate(([0], np.cumsum(layout.lengths)))
    standings = []
    for i, (machine, known) in enumerate(machines):
        rows = slice(int(edges[i]), int(edges[i + 1]))
        samples = {
            sensor: Samples(times_ns=ends[rows], values=means[rows, column], judged=running[rows])
            for sensor, column in at.items()
        }
        standings.append(judge_limits(machine, samples, known))
    return standings


def judge_limits(machine: Machine, samples: Mapping[SensorId, Samples], known: tuple[LimitMemory, ...]) -> Standing:
    """Return the conditions of one machine's limits on what its sensors showed, and where the limits stand."""
    conditions: list[Condition] = []
    memories: list[LimitMemory] = []
    for (sensor, limit), memory in zip(limits_of(machine), matched(machine, known), strict=True):
        shown = samples.get(sensor, _NOTHING)
        found, after = judge_limit(machine.id, limit, shown, memory)
        slots = slots_behind(machine, sensor, limit.bound) if found else ()
        conditions.extend(replace(each, slots=slots) for each in found)
        memories.append(after)
    return tuple(conditions), tuple(memories)


def slots_behind(machine: Machine, sensor: SensorId, bound: Bound) -> tuple[SlotId, ...]:
    """Return the slots whose wear moves a sensor towards a bound, those first of which it is the clearest sign."""
    way = bound is Bound.UPPER
    ranks = {
        slot.id: rank
        for slot in machine.slots
        for rank, sign in enumerate(slot.signs)
        if sign.sensor == sensor and sign.rises is way
    }
    return tuple(sorted(ranks, key=lambda slot: ranks[slot]))


_NOTHING = Samples(
    times_ns=np.empty(0, dtype=np.int64), values=np.empty(0, dtype=np.float64), judged=np.empty(0, dtype=np.bool_)
)
