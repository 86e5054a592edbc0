"""Limits of the catalogue and the site: past one for longer than its on delay, and back inside its deadband."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import Bound, Limit, LimitLevel, Machine, MachineId, SensorId
from models.condition import Condition, ConditionKind

_NS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitMemory:
    """Where one limit of one sensor stands: judged up to `at_ns`; past it, or back inside, without a break since.

    `raised_ns` is when its condition was raised, None where none holds; `worst` the value furthest past it since.
    """

    sensor: SensorId
    level: LimitLevel
    bound: Bound
    at_ns: int = 0
    past_since_ns: int | None = None
    inside_since_ns: int | None = None
    raised_ns: int | None = None
    worst: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Samples:
    """Values (n,) of one sensor of one machine in order of time; `judged` (n,) tells where the machine ran."""

    times_ns: NDArray[np.int64]
    values: NDArray[np.float64]
    judged: NDArray[np.bool_]


def judge_limit(
    machine: MachineId, limit: Limit, samples: Samples, memory: LimitMemory
) -> tuple[tuple[Condition, ...], LimitMemory]:
    """Return the conditions that one limit raised, kept up or cleared, and where it stands after the samples.

    Samples at or before the newest one judged are passed over, so that live values and windows may follow each other.
    A missing value changes nothing; a value while the machine does not run breaks a stretch and clears nothing.
    """
    newer = (samples.times_ns > memory.at_ns) & ~np.isnan(samples.values)
    times, values, judged = samples.times_ns[newer], samples.values[newer], samples.judged[newer]
    if times.size == 0:
        return _standing(machine, limit, memory), memory
    side = _side(limit, values, judged)
    last = int(times[-1])
    if memory.raised_ns is None and memory.past_since_ns is None and not (side > 0).any():
        return (), _moved(memory, at_ns=last)
    return _walk(machine, limit, (times, values, side), memory)


def _side(limit: Limit, values: NDArray[np.float64], judged: NDArray[np.bool_]) -> NDArray[np.int8]:
    """Return +1 past the limit, -1 inside by more than the deadband, 0 between them or not judged."""
    over = values - limit.value if limit.bound is Bound.UPPER else limit.value - values
    side = np.where(over > 0, 1, np.where(over <= -limit.deadband, -1, 0)).astype(np.int8)
    return np.where(judged, side, np.int8(0))


def _walk(
    machine: MachineId,
    limit: Limit,
    columns: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]],
    memory: LimitMemory,
) -> tuple[tuple[Condition, ...], LimitMemory]:
    times, values, side = columns
    cleared: list[Condition] = []
    for time, value, where in zip(times.tolist(), values.tolist(), side.tolist(), strict=True):
        memory = _step(limit, memory, (time, value, where))
        if memory.raised_ns is not None and _is_clear(limit, memory):
            cleared.append(_condition(machine, limit, memory, until_ns=time))
            memory = _moved(memory, at_ns=time)
    return (*cleared, *_standing(machine, limit, memory)), memory


def _step(limit: Limit, memory: LimitMemory, sample: tuple[int, float, int]) -> LimitMemory:
    time, value, where = sample
    past = (memory.past_since_ns if memory.past_since_ns is not None else time) if where > 0 else None
    inside = (memory.inside_since_ns if memory.inside_since_ns is not None else time) if where < 0 else None
    raised = memory.raised_ns
    if raised is None and past is None:
        return _moved(memory, at_ns=time)
    if raised is None and past is not None and time - past >= limit.on_delay_s * _NS:
        raised = time
    return LimitMemory(
        sensor=memory.sensor,
        level=memory.level,
        bound=memory.bound,
        at_ns=time,
        past_since_ns=past,
        inside_since_ns=inside,
        raised_ns=raised,
        worst=_worse(limit, memory.worst, value) if past is not None else memory.worst,
    )


def _worse(limit: Limit, before: float | None, value: float) -> float:
    if before is None:
        return value
    return max(before, value) if limit.bound is Bound.UPPER else min(before, value)


def _is_clear(limit: Limit, memory: LimitMemory) -> bool:
    return memory.inside_since_ns is not None and memory.at_ns - memory.inside_since_ns >= limit.off_delay_s * _NS


def _moved(memory: LimitMemory, *, at_ns: int) -> LimitMemory:
    return LimitMemory(sensor=memory.sensor, level=memory.level, bound=memory.bound, at_ns=at_ns)


def _standing(machine: MachineId, limit: Limit, memory: LimitMemory) -> tuple[Condition, ...]:
    return () if memory.raised_ns is None else (_condition(machine, limit, memory, until_ns=None),)


def _condition(machine: MachineId, limit: Limit, memory: LimitMemory, *, until_ns: int | None) -> Condition:
    value = memory.worst if memory.worst is not None else limit.value
    reach = max(abs(limit.value), 1e-9)
    over = value - limit.value if limit.bound is Bound.UPPER else limit.value - value
    return Condition(
        machine=machine,
        kind=ConditionKind.LIMIT,
        level=limit.level,
        since_ns=memory.raised_ns if memory.raised_ns is not None else memory.at_ns,
        until_ns=until_ns,
        score=1.0 + max(over, 0.0) / reach,
        sensor=memory.sensor,
        value=value,
        limit=limit.value,
        contributions=(),
        slots=(),
    )


def blank_limits(machine: Machine) -> tuple[LimitMemory, ...]:
    """Return where the limits of a machine stand before anything was seen, in the order of its sensors."""
    return tuple(
        LimitMemory(sensor=sensor.id, level=limit.level, bound=limit.bound)
        for sensor in machine.sensors
        for limit in sensor.limits
    )


def limits_of(machine: Machine) -> tuple[tuple[SensorId, Limit], ...]:
    """Return the limits of a machine in the same order."""
    return tuple((sensor.id, limit) for sensor in machine.sensors for limit in sensor.limits)


def matched(machine: Machine, known: tuple[LimitMemory, ...]) -> tuple[LimitMemory, ...]:
    """Return the memory of the machine's limits as they are today; a new limit starts blank."""
    by_limit = {(memory.sensor, memory.level, memory.bound): memory for memory in known}
    blank = blank_limits(machine)
    return tuple(by_limit.get((memory.sensor, memory.level, memory.bound), memory) for memory in blank)
