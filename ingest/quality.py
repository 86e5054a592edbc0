"""How far each value can be trusted, judged from report to report, per sensor, and aware of the operating state.

Everything carried from one batch to the next is in `QualityMemory`; judging is a function of it and of the batch.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType, Machine, MachineId, OperatingRule, SensorId, SensorRole
from ingest.columns import Rows, row_of_last, segment_starts
from ingest.operation import OperatingState
from ingest.reading import Flags, QualityFlag, ReadingBatch, Times, Values

NEVER = np.int64(-(2**62))
"""The time of what has not happened; far enough from the ends of int64 to be subtracted from."""

UNIT_FACTORS = np.array(
    [1e-6, 1e-3, 0.01, 0.1, 1 / 25.4, 0.0689476, 1 / 9.80665, 9.80665, 14.5038, 25.4, 10, 100, 1e3, 1e6]
)
"""What a value is off by when its unit was mistaken: powers of ten, inch and mm, psi and bar, g and m/s²."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRules:
    """The spans of time that quality is judged by, in seconds.

    A sensor is stuck that shows the same value over `stuck_reports` of its own periods, at least `stuck_after_s`,
    while the machine runs; a coarse sensor, whose resolution is a large share of its usual span, is given up to
    `stuck_coarse_factor` times as long. A reading comes after a gap when the machine was silent for more than
    `gap_after_s` and `gap_periods` periods.
    """

    stuck_after_s: float = 120.0
    stuck_reports: float = 60.0
    stuck_coarse_factor: float = 60.0
    gap_after_s: float = 30.0
    gap_periods: float = 5.0
    clock_skew_s: float = 300.0
    late_after_s: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeProfile:
    """What quality needs to know of the machines of one equipment type, as columns.

    `machines` and `sensors` give the positions of the rows and columns; the range (`low`, `high`), the usual span,
    `resolution` and `stuck_after_ns` have shape (n_machines, n_sensors), `gap_after_ns` (n_machines,). A sensor
    that a machine does not have is NaN, and never stuck.
    """

    machines: Mapping[MachineId, int]
    sensors: Mapping[SensorId, int]
    operating_rule: OperatingRule | None
    low: Values
    high: Values
    usual_low: Values
    usual_high: Values
    resolution: Values
    stuck_after_ns: Times
    gap_after_ns: Times
    clock_skew_ns: int
    window_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityMemory:
    """Where every machine and sensor of one equipment type stood at its newest reading.

    `value` and `changed_ns` have shape (n_machines, n_sensors): the last reported value, and when the sensor
    took it; `newest_ns` and `state` (n_machines,): the newest event time and the operating state then.
    """

    value: Values
    changed_ns: Times
    newest_ns: Times
    state: NDArray[np.object_]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arranged:
    """A batch with, in front of each machine's rows, one row that holds what is remembered of the machine.

    All (n + k,) or (n + k, m). `code` is the machine's position in the profile, `own` marks the rows of the batch,
    `reported` the cells that hold a value and are in order of time, `stopped` the rows of a machine at rest.
    """

    code: Rows
    starts: Rows
    own: NDArray[np.bool_]
    times: Times
    values: Values
    reported: NDArray[np.bool_]
    stopped: NDArray[np.bool_]


def profile_type(equipment_type: EquipmentType, machines: Iterable[Machine], rules: QualityRules) -> TypeProfile:
    """Return the profile of the machines of one equipment type."""
    members = [machine for machine in machines if machine.equipment_type == equipment_type.id]
    names = sorted({sensor.id for machine in members for sensor in machine.sensors})
    columns = {name: i for i, name in enumerate(names)}
    shape = (len(members), len(names))
    low, high, usual_low, usual_high, resolution = (np.full(shape, np.nan) for _ in range(5))
    stuck = np.full(shape, np.iinfo(np.int64).max, np.int64)
    for row, machine in enumerate(members):
        for sensor in machine.sensors:
            at = (row, columns[sensor.id])
            low[at], high[at], resolution[at] = sensor.range_low, sensor.range_high, sensor.resolution
            usual_low[at], usual_high[at] = sensor.normal_low, sensor.normal_high
            if sensor.role is SensorRole.CONDITION:
                coarse = _coarseness(sensor.resolution, sensor.normal_high - sensor.normal_low)
                patience_s = max(rules.stuck_after_s, rules.stuck_reports * sensor.period_s)
                stuck[at] = int(patience_s * (1 + (rules.stuck_coarse_factor - 1) * coarse) * 1e9)
    return TypeProfile(
        machines={machine.id: i for i, machine in enumerate(members)},
        sensors=columns,
        operating_rule=equipment_type.operating_rule,
        low=low,
        high=high,
        usual_low=usual_low,
        usual_high=usual_high,
        resolution=resolution,
        stuck_after_ns=stuck,
        gap_after_ns=np.array([_gap_after_ns(machine, rules) for machine in members], np.int64),
        clock_skew_ns=int(rules.clock_skew_s * 1e9),
        window_ns=int(max(equipment_type.window_s, rules.late_after_s) * 1e9),
    )


def blank_memory(profile: TypeProfile) -> QualityMemory:
    """Return the memory of machines that never reported."""
    shape = profile.low.shape
    return QualityMemory(
        value=np.full(shape, np.nan),
        changed_ns=np.full(shape, NEVER),
        newest_ns=np.full(shape[0], NEVER),
        state=np.full(shape[0], None, dtype=object),
    )


def resolve_states(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch) -> NDArray[np.object_]:
    """Return the operating state of every row, shape (n,).

    What the row reports; else what the type's operating rule tells from a sensor; else the machine's last state;
    else executing, for a machine that never tells.
    """
    states = _ruled_states(profile, batch)
    reported = np.array([state is not None for state in states], dtype=bool)
    if reported.all():
        return states
    code = _codes(profile, batch)
    starts = segment_starts(code)
    source = row_of_last(reported[:, None], starts)[:, 0]
    resolved = states[source]
    unknown = ~reported[source]
    resolved[unknown] = memory.state[code[unknown]]
    silent = np.array([state is None for state in resolved], dtype=bool)
    resolved[silent] = OperatingState.EXECUTING.value
    return resolved


def judge(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch) -> tuple[Flags, QualityMemory]:
    """Return the flags (n, n_sensors) of a batch whose states are resolved, and what to remember after it."""
    columns = np.array([profile.sensors[sensor] for sensor in batch.sensors], np.intp)
    code = _codes(profile, batch)
    rows = _arrange(memory, batch, code, columns)
    before = _values_before(rows)
    changed = _changes(profile, rows, before, columns)
    source = row_of_last(changed, rows.starts)
    times = np.where(rows.own[:, None], rows.times[:, None], memory.changed_ns[rows.code][:, columns])
    changed_ns: Times = np.take_along_axis(times, source, axis=0)
    held_ns = rows.times[:, None] - changed_ns
    stuck = rows.reported & (held_ns >= profile.stuck_after_ns[rows.code][:, columns])
    flags = np.where(stuck[rows.own], np.uint16(QualityFlag.STUCK), np.uint16(0))
    first = (rows.reported & np.isnan(before))[rows.own]
    flags |= _range_flags(profile, batch.values, first, code, columns)
    flags |= _row_flags(profile, memory, batch, code)[:, None]
    flags[np.isnan(batch.values)] = 0
    return flags, _remember(memory, batch, rows, columns, changed_ns)


def _coarseness(resolution: float, span: float) -> float:
    """How coarse a sensor is from 0 (fine) to 1: a twentieth of its usual span, or more, is fully coarse."""
    if resolution <= 0 or span <= 0:
        return 0.0
    return min(1.0, 20 * resolution / span)


def _gap_after_ns(machine: Machine, rules: QualityRules) -> int:
    periods: Sequence[float] = [sensor.period_s for sensor in machine.sensors] or [0.0]
    return int(max(rules.gap_after_s, rules.gap_periods * min(periods)) * 1e9)


def _codes(profile: TypeProfile, batch: ReadingBatch) -> Rows:
    return np.fromiter((profile.machines[m] for m in batch.machines.tolist()), np.int64, batch.machines.size)


def _ruled_states(profile: TypeProfile, batch: ReadingBatch) -> NDArray[np.object_]:
    rule = profile.operating_rule
    if rule is None or rule.sensor not in batch.sensors:
        return batch.states.copy()
    column = batch.values[:, batch.sensors.index(rule.sensor)]
    told = np.where(column > rule.above, OperatingState.EXECUTING.value, OperatingState.IDLE.value).astype(object)
    told[np.isnan(column)] = None
    reported = np.array([state is not None for state in batch.states], dtype=bool)
    return np.where(reported, batch.states, told)


def _arrange(memory: QualityMemory, batch: ReadingBatch, code: Rows, columns: Rows) -> _Arranged:
    starts = segment_starts(code)
    kept = code[starts]
    virtual = starts + np.arange(starts.size)
    own = np.ones(code.size + starts.size, dtype=bool)
    own[virtual] = False
    in_order = batch.event_times_ns > memory.newest_ns[code]
    stopped = in_order & (batch.states != OperatingState.EXECUTING.value)
    values = np.insert(batch.values, starts, memory.value[kept][:, columns], axis=0)
    return _Arranged(
        code=np.insert(code, starts, kept),
        starts=virtual,
        own=own,
        times=np.insert(batch.event_times_ns, starts, memory.newest_ns[kept]),
        values=values,
        reported=~np.isnan(values) & np.insert(in_order, starts, True)[:, None],
        stopped=np.insert(stopped.astype(bool), starts, False),
    )


def _values_before(rows: _Arranged) -> Values:
    """Return what each sensor reported before each row, NaN where it never did."""
    last = row_of_last(rows.reported, rows.starts)
    before: Values = np.take_along_axis(rows.values, np.concatenate((last[:1], last[:-1])), axis=0)
    return before


def _changes(profile: TypeProfile, rows: _Arranged, before: Values, columns: Rows) -> NDArray[np.bool_]:
    """Tell which cells show another value than the report before; rest counts as change, so that it is never stuck."""
    same = np.abs(rows.values - before) <= profile.resolution[rows.code][:, columns] / 2
    changed: NDArray[np.bool_] = (rows.reported & ~same) | rows.stopped[:, None]
    changed[rows.starts] = True
    return changed


def _range_flags(profile: TypeProfile, values: Values, first: NDArray[np.bool_], code: Rows, columns: Rows) -> Flags:
    """Return which values the sensor cannot show; its very first one is suspected of another unit if that explains it."""
    low, high = profile.low[code][:, columns], profile.high[code][:, columns]
    outside = (values < low) | (values > high)
    flags = np.where(outside, np.uint16(QualityFlag.OUT_OF_RANGE), np.uint16(0))
    rows, cells = np.nonzero(outside & first)
    if rows.size:
        scaled = values[rows, cells, None] * UNIT_FACTORS
        at = (code[rows], columns[cells])
        usual = (scaled >= profile.usual_low[at][:, None]) & (scaled <= profile.usual_high[at][:, None])
        flags[rows[usual.any(axis=1)], cells[usual.any(axis=1)]] |= np.uint16(QualityFlag.SUSPECT_UNIT)
    return flags


def _row_flags(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch, code: Rows) -> NDArray[np.uint16]:
    """Return the flags that hold for a whole row: late, after a gap, with a doubtful clock."""
    times, starts = batch.event_times_ns, segment_starts(code)
    before = np.concatenate(([NEVER], times[:-1]))
    before[starts] = NEVER
    newest = np.maximum(before, memory.newest_ns[code])
    state_before = np.concatenate((np.full(1, None, dtype=object), batch.states[:-1]))
    state_before[starts] = memory.state[code[starts]]
    known = newest > NEVER
    late = known & (times < newest // profile.window_ns * profile.window_ns)
    silent_ns = np.where(known, times - newest, 0)
    gap = (silent_ns > profile.gap_after_ns[code]) & (state_before != OperatingState.OFF.value).astype(bool)
    skewed = np.abs(batch.received_times_ns - times) > profile.clock_skew_ns
    flags: NDArray[np.uint16] = (
        late * np.uint16(QualityFlag.LATE)
        + gap * np.uint16(QualityFlag.GAP)
        + skewed * np.uint16(QualityFlag.CLOCK_SKEW)
    )
    return flags.astype(np.uint16)


def _remember(
    memory: QualityMemory, batch: ReadingBatch, rows: _Arranged, columns: Rows, changed_ns: Times
) -> QualityMemory:
    """Return the memory after the batch; late rows change nothing of it."""
    ends = np.append(rows.starts[1:], rows.times.size) - 1
    code = rows.code[ends]
    last = row_of_last(rows.reported, rows.starts)[ends]
    value, changed, newest, state = (
        memory.value.copy(),
        memory.changed_ns.copy(),
        memory.newest_ns.copy(),
        memory.state.copy(),
    )
    value[code[:, None], columns] = np.take_along_axis(rows.values, last, axis=0)
    changed[code[:, None], columns] = changed_ns[ends]
    newer = rows.times[ends] > newest[code]
    newest[code[newer]] = rows.times[ends][newer]
    own_end = np.cumsum(rows.own)[ends] - 1
    state[code[newer]] = batch.states[own_end][newer]
    return QualityMemory(value=value, changed_ns=changed, newest_ns=newest, state=state)
