"""Meters: monotone counters of what wears a part, derived from the operating state where none is reported.

What a batch of readings adds is computed here, as increments; where the meters stand is kept by the store, so that
a value set by a person or an import is carried on from, and a restart, a gap or a counter reset loses nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType, LifeUnit, Machine, MachineId, PartType, SensorId
from ingest.columns import Rows, segment_starts
from ingest.operation import OperatingState
from ingest.reading import ReadingBatch, Times, Values

MAX_STEP_S = 300.0
"""Longest silence that still counts as running; what a machine did in a longer one is not known."""

NEVER = np.int64(-(2**62))

_RUNNING_UNITS = {LifeUnit.OPERATING_HOURS: 3.6e12, LifeUnit.CUTTING_MINUTES: 6e10}
_NS_PER_DAY = 8.64e13


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterState:
    """Where one meter of a machine stands: `value` in `unit` at event time `at_ns`."""

    machine: MachineId
    unit: LifeUnit
    value: float
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterProfile:
    """Which meters the machines of one equipment type have.

    `machines` gives the positions of the rows, `units` those of the columns; `tracked` (n_machines, n_units) says
    which meters a machine has. `counters` names the sensor by which devices count a unit themselves.
    """

    machines: Mapping[MachineId, int]
    units: tuple[LifeUnit, ...]
    tracked: NDArray[np.bool_]
    counters: Mapping[LifeUnit, SensorId]


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterMemory:
    """What is carried on from: each machine's newest event time and whether it ran then, and its device's counters.

    `at_ns` and `executing` have shape (n_machines,), `counter` (n_machines, n_units), NaN where none was sent.
    """

    at_ns: Times
    executing: NDArray[np.bool_]
    counter: Values


def profile_meters(
    equipment_type: EquipmentType, machines: Iterable[Machine], parts: Iterable[PartType]
) -> MeterProfile:
    """Return which meters the machines of one equipment type have: those that their parts' lives are counted in."""
    members = [machine for machine in machines if machine.equipment_type == equipment_type.id]
    life_units = {part.id: part.life_unit for part in parts}
    needed = [
        {life_units[slot.part_type] for slot in machine.slots} | {LifeUnit.OPERATING_HOURS} for machine in members
    ]
    units = tuple(unit for unit in LifeUnit if any(unit in own for own in needed))
    sensors = {sensor.measurand: sensor.id for machine in members for sensor in machine.sensors}
    return MeterProfile(
        machines={machine.id: i for i, machine in enumerate(members)},
        units=units,
        tracked=np.array([[unit in own for unit in units] for own in needed], dtype=bool).reshape(
            len(members), len(units)
        ),
        counters={unit: sensors[unit.value] for unit in units if unit.value in sensors},
    )


def blank_meters(profile: MeterProfile) -> MeterMemory:
    """Return the memory of machines that never reported."""
    shape = profile.tracked.shape
    return MeterMemory(
        at_ns=np.full(shape[0], NEVER),
        executing=np.zeros(shape[0], dtype=bool),
        counter=np.full(shape, np.nan),
    )


def advance(
    profile: MeterProfile, memory: MeterMemory, batch: ReadingBatch
) -> tuple[tuple[MeterState, ...], MeterMemory]:
    """Return what a batch, sorted and with resolved states, adds to the meters, and what to carry on from.

    The increments are given as meter states whose value is the increase. Late rows add nothing: the time that
    they tell of was counted when the next reading came.
    """
    code = np.fromiter((profile.machines[m] for m in batch.machines.tolist()), np.int64, batch.machines.size)
    starts = segment_starts(code)
    in_order = batch.event_times_ns > memory.at_ns[code]
    executing = (batch.states == OperatingState.EXECUTING.value).astype(bool)
    before_ns, ran_before = _before(memory, batch.event_times_ns, executing, code, in_order)
    step_ns = np.where(in_order & (before_ns > NEVER), batch.event_times_ns - before_ns, 0).astype(np.float64)
    size = len(profile.machines)
    running_ns = _total(code, np.minimum(step_ns, MAX_STEP_S * 1e9) * ran_before, size)
    elapsed_ns = _total(code, step_ns, size)
    begun = _total(code, ((step_ns > 0) & executing & ~ran_before).astype(np.float64), size)
    counter, counted = _counted(profile, memory, batch, code, in_order)
    added = np.zeros(profile.tracked.shape)
    for column, unit in enumerate(profile.units):
        added[:, column] = _increase(unit, running_ns, elapsed_ns, begun)
        if unit in profile.counters:
            added[:, column] = counted[:, column]
    ends = np.append(starts[1:], code.size) - 1
    moved = ends[in_order[ends]]
    at_ns, ran = memory.at_ns.copy(), memory.executing.copy()
    at_ns[code[moved]], ran[code[moved]] = batch.event_times_ns[moved], executing[moved]
    return _increments(profile, added, at_ns), MeterMemory(at_ns=at_ns, executing=ran, counter=counter)


def _before(
    memory: MeterMemory, times: Times, executing: NDArray[np.bool_], code: Rows, in_order: NDArray[np.bool_]
) -> tuple[Times, NDArray[np.bool_]]:
    """Return the newest event time before each row, and whether the machine ran then."""
    follows = np.concatenate(([False], (code[1:] == code[:-1]) & in_order[:-1]))
    before_ns = np.where(follows, np.concatenate(([0], times[:-1])), memory.at_ns[code])
    ran_before = np.where(follows, np.concatenate(([False], executing[:-1])), memory.executing[code])
    return before_ns, ran_before


def _total(code: Rows, amounts: Values, size: int) -> Values:
    return np.bincount(code, amounts, size).astype(np.float64)


def _increase(unit: LifeUnit, running_ns: Values, elapsed_ns: Values, begun: Values) -> Values | float:
    if unit in _RUNNING_UNITS:
        return running_ns / _RUNNING_UNITS[unit]
    if unit is LifeUnit.STARTS:
        return begun
    if unit is LifeUnit.CALENDAR_DAYS:
        return elapsed_ns / _NS_PER_DAY
    return 0.0


def _counted(
    profile: MeterProfile, memory: MeterMemory, batch: ReadingBatch, code: Rows, in_order: NDArray[np.bool_]
) -> tuple[Values, Values]:
    """Return where the devices' counters stand, and by how much they rose: a fall is a reset to zero."""
    counter, counted = memory.counter.copy(), np.zeros(memory.counter.shape)
    for unit, sensor in profile.counters.items():
        if sensor not in batch.sensors:
            continue
        column = profile.units.index(unit)
        sent = batch.values[:, batch.sensors.index(sensor)]
        told = np.flatnonzero(in_order & ~np.isnan(sent))
        before = np.concatenate(([np.nan], sent[told][:-1]))
        firsts = segment_starts(code[told])
        before[firsts] = counter[code[told][firsts], column]
        rise = np.where(sent[told] >= before, sent[told] - before, sent[told])
        rise[np.isnan(before)] = sent[told][np.isnan(before)]
        counted[:, column] = _total(code[told], rise, len(profile.machines))
        counter[code[told], column] = sent[told]
    return counter, counted


def _increments(profile: MeterProfile, added: Values, at_ns: Times) -> tuple[MeterState, ...]:
    names: Sequence[MachineId] = tuple(profile.machines)
    rows, columns = np.nonzero(profile.tracked & (added > 0))
    return tuple(
        MeterState(
            machine=names[row], unit=profile.units[column], value=float(added[row, column]), at_ns=int(at_ns[row])
        )
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    )
