"""Windows of readings: what a machine's sensors did in one closed span of event time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.columns import Rows, row_of_last, segment_starts
from ingest.operation import OperatingState
from ingest.reading import UNTRUSTED, Flags, QualityFlag, Series, Times, Values

STATE_ORDER = tuple(state.value for state in OperatingState)
"""Which state a window is named after where two were held equally long: the one that comes first here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowBlock:
    """Aggregates of n windows of machines of one equipment type, sorted by machine, then time.

    `machines` and `states` (the state most of the window was in) have shape (n,), `starts_ns` too; `count`,
    `mean`, `minimum`, `maximum`, `std`, `last` and `good_share` have shape (n, len(sensors)), NaN where a window
    has no good value of a sensor. Only good values are aggregated; `good_share` is their share of those reported.
    """

    equipment_type: EquipmentTypeId
    sensors: tuple[SensorId, ...]
    width_s: float
    machines: NDArray[np.object_]
    starts_ns: Times
    states: NDArray[np.object_]
    count: Values
    mean: Values
    minimum: Values
    maximum: Values
    std: Values
    last: Values
    good_share: Values


def roll_up(series: Series, equipment_type: EquipmentTypeId, width_s: float) -> WindowBlock:
    """Return the windows of one machine's readings, aligned to the epoch; windows without a reading are left out.

    `std` is that of the population. `count` is 0, and every other figure NaN, where no value was good.
    """
    width_ns = round(width_s * 1e9)
    windows = series.event_times_ns // width_ns
    starts = segment_starts(windows)
    good = ~np.isnan(series.values) & ((series.quality & np.uint16(UNTRUSTED)) == 0)
    values = np.where(good, series.values, np.nan)
    count = _add(good.astype(np.float64), starts)
    mean = _share(_add(np.where(good, series.values, 0.0), starts), count)
    spread = np.where(good, series.values - np.repeat(mean, _lengths(starts, windows.size), axis=0), 0.0)
    return WindowBlock(
        equipment_type=equipment_type,
        sensors=series.sensors,
        width_s=width_s,
        machines=np.full(starts.size, series.machine, dtype=object),
        starts_ns=windows[starts] * width_ns,
        states=_states(series.states, starts),
        count=count,
        mean=mean,
        minimum=_reduce(np.fmin, values, starts),
        maximum=_reduce(np.fmax, values, starts),
        std=np.sqrt(_share(_add(spread**2, starts), count)),
        last=_last(values, good, starts),
        good_share=_share(count, _add((~np.isnan(series.values)).astype(np.float64), starts)),
    )


def count_reported(series: Series, width_s: float) -> Values:
    """Return how many values of each sensor were reported in each window of `roll_up`, good or not: (n, n_sensors)."""
    starts = segment_starts(series.event_times_ns // round(width_s * 1e9))
    return _add((~np.isnan(series.values)).astype(np.float64), starts)


def blank_series(machine: MachineId, sensors: tuple[SensorId, ...]) -> Series:
    """Return the series of a machine of which there is nothing."""
    return Series(
        machine=machine,
        sensors=sensors,
        event_times_ns=np.empty(0, np.int64),
        states=np.empty(0, dtype=object),
        values=np.empty((0, len(sensors))),
        quality=np.empty((0, len(sensors)), np.uint16),
    )


def merge_instants(series: Series) -> Series:
    """Return a series whose rows of one instant are merged: two different values come to the lower one, flagged."""
    starts = segment_starts(series.event_times_ns)
    if starts.size == series.event_times_ns.size:
        return series
    low = np.fmin.reduceat(series.values, starts, axis=0)
    high = np.fmax.reduceat(series.values, starts, axis=0)
    quality: Flags = np.bitwise_or.reduceat(series.quality, starts, axis=0)
    times_reported = _add((~np.isnan(series.values)).astype(np.float64), starts)
    torn = np.where(low != high, QualityFlag.CONFLICT, QualityFlag.DUPLICATE).astype(np.uint16)
    return Series(
        machine=series.machine,
        sensors=series.sensors,
        event_times_ns=series.event_times_ns[starts],
        states=np.maximum.reduceat(series.states, starts),
        values=low,
        quality=quality | torn * (times_reported > 1).astype(np.uint16),
    )


def join_windows(block: WindowBlock, reported: Values, width_s: float) -> WindowBlock:
    """Return the windows of `width_s` seconds that narrower ones come to.

    Parameters
    ----------
    block
        Windows sorted by machine, then time, whose width divides `width_s`.
    reported
        How many values of each sensor each window was reported, good or not; (n, n_sensors).
    width_s
        Width of the joint windows, which are aligned to the epoch.
    """
    width_ns = round(width_s * 1e9)
    joint = block.starts_ns // width_ns
    begins = np.flatnonzero(_changes(block.machines) | _changes(joint)).astype(np.int64)
    count = _add(block.count, begins)
    mean = _share(_add(np.where(block.count > 0, block.count * block.mean, 0.0), begins), count)
    squares = np.where(block.count > 0, block.count * (block.std**2 + block.mean**2), 0.0)
    variance = _share(_add(squares, begins), count) - mean**2
    return WindowBlock(
        equipment_type=block.equipment_type,
        sensors=block.sensors,
        width_s=width_s,
        machines=block.machines[begins],
        starts_ns=joint[begins] * width_ns,
        states=_states(block.states, begins),
        count=count,
        mean=mean,
        minimum=_reduce(np.fmin, block.minimum, begins),
        maximum=_reduce(np.fmax, block.maximum, begins),
        std=np.sqrt(np.maximum(variance, 0.0)),
        last=_last_of(block.last, begins),
        good_share=_share(count, _add(reported, begins)),
    )


def _changes(column: Any) -> NDArray[np.bool_]:
    return np.concatenate((np.ones(min(column.size, 1), dtype=np.bool_), column[1:] != column[:-1]))


def _last_of(last: Values, begins: Rows) -> Values:
    if last.shape[0] == 0:
        return last
    ends = np.append(begins[1:], last.shape[0]) - 1
    found: Values = np.take_along_axis(last, row_of_last(~np.isnan(last), begins)[ends], axis=0)
    return found


def _lengths(starts: Rows, size: int) -> Rows:
    return np.diff(np.append(starts, size))


def _add(columns: Values, starts: Rows) -> Values:
    return _reduce(np.add, columns, starts)


def _reduce(ufunc: np.ufunc, columns: Values, starts: Rows) -> Values:
    if starts.size == 0:
        return np.empty((0, columns.shape[1]))
    reduced: Values = ufunc.reduceat(columns, starts, axis=0)
    return reduced


def _share(part: Values, whole: Values) -> Values:
    share: Values = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return share


def _last(values: Values, good: NDArray[np.bool_], starts: Rows) -> Values:
    rows = np.where(good, np.arange(values.shape[0])[:, None], -1).astype(np.float64)
    newest = _reduce(np.maximum, rows, starts).astype(np.int64)
    found: Values = np.take_along_axis(values, np.maximum(newest, 0), axis=0) if values.size else np.empty(newest.shape)
    return np.where(newest >= 0, found, np.nan)


def _states(states: NDArray[np.object_], starts: Rows) -> NDArray[np.object_]:
    held = np.stack([(states == state).astype(np.float64) for state in STATE_ORDER], axis=1)
    names = np.array(STATE_ORDER, dtype=object)
    most: NDArray[np.object_] = names[_reduce(np.add, held, starts).argmax(axis=1)]
    return most
