"""Windows of readings: what a machine's sensors did in one closed span of event time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, SensorId
from ingest.columns import Rows, segment_starts
from ingest.operation import OperatingState
from ingest.reading import UNTRUSTED, Series, Times, Values

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
