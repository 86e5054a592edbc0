"""Taking whole columns of the past into InfluxDB: straight into the rollups."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from configs.plant import MachineId, SensorId
from ingest.columns import row_of_last, segment_starts
from ingest.history_file import figure_columns
from ingest.operation import OperatingState
from ingest.ports import HistoryChange, HistoryFile
from ingest.reading import Series, Times, Values
from ingest.rollup import WindowBlock, count_reported, merge_instants, roll_up
from ingest.standing import MINUTE_NS
from ingest.stores.influxdb_lines import Places, window_lines
from ingest.stores.influxdb_names import STATE, escaped, text, value_field
from ingest.stores.influxdb_reader import kept

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineRows:
    """The rows of one machine in order of time; `figures` (n, n_sensors, 7) where the file has more than means."""

    series: Series
    figures: Values | None


def read_history(history: HistoryFile) -> list[MachineRows]:
    """Return the rows of a history file, machine by machine."""
    table = pq.read_table(history.path)
    codes = table["machine"].cast(pa.string()).combine_chunks().dictionary_encode()
    times, code = _times(table["event_time"]), codes.indices.to_numpy()
    order = np.lexsort((times, code))
    times, code, states = times[order], code[order], _states(table, times.size)[order]
    columns = [_floats(table[sensor]) for sensor in history.sensors]
    values = np.column_stack(columns)[order] if columns else np.empty((times.size, 0))
    first = segment_starts(code.astype(np.int64)).tolist()
    names = codes.dictionary.take(pa.array(code[first])).to_pylist()
    figures = _figures(table, history.sensors)[order] if history.has_figures else None
    found = []
    for name, rows in zip(names, map(slice, first, [*first[1:], times.size]), strict=True):
        series = Series(
            machine=MachineId(name),
            sensors=history.sensors,
            event_times_ns=times[rows],
            states=states[rows],
            values=values[rows],
            quality=np.zeros(values[rows].shape, np.uint16),
        )
        found.append(MachineRows(series=series, figures=None if figures is None else figures[rows]))
    return found


def history_lines(history: HistoryFile, rows: MachineRows, known: Times, places: Places) -> Iterator[str]:
    """Yield the rollups of one machine's rows, but for the minutes that are `known`; one value a minute stands for itself."""
    series = rows.series
    minutes = series.event_times_ns // MINUTE_NS * MINUTE_NS
    fresh = ~np.isin(minutes, known)
    if rows.figures is not None:
        block, reported = _windows(history, kept(series, fresh), rows.figures[fresh])
        yield from window_lines(block, reported, places)
        return
    if np.unique(minutes).size == minutes.size:
        yield from _single_lines(history, series, minutes, (fresh, places))
        return
    merged = merge_instants(series)
    own = np.isin(merged.event_times_ns // MINUTE_NS * MINUTE_NS, known, invert=True)
    chosen = kept(merged, own)
    yield from window_lines(roll_up(chosen, history.equipment_type, MINUTE_S), count_reported(chosen, MINUTE_S), places)


def change_of(history: HistoryFile, read: list[MachineRows]) -> HistoryChange:
    """Return what a file adds to the standing."""
    rows = [each.series for each in read]
    return HistoryChange(
        equipment_type=history.equipment_type,
        rows=sum(series.event_times_ns.size for series in rows),
        progress=[
            (
                series.machine,
                int(series.event_times_ns[0]),
                int(series.event_times_ns[-1]) + (MINUTE_NS if history.is_closed else 0),
                str(series.states[-1]),
                series.event_times_ns.size,
            )
            for series in rows
        ],
        last_values=[newest for series in rows for newest in _newest(series)],
    )


def _single_lines(
    history: HistoryFile, series: Series, minutes: Times, how: tuple[NDArray[np.bool_], Places]
) -> Iterator[str]:
    fresh, places = how
    head = places.head(history.equipment_type, series.machine)
    keys = [escaped(value_field(sensor)) + "=" for sensor in series.sensors]
    states = {state: f"{STATE}={text(state)}" for state in dict.fromkeys(series.states.tolist())}
    rows = zip(series.values[fresh].tolist(), series.states[fresh].tolist(), minutes[fresh].tolist(), strict=True)
    for values, state, minute in rows:
        cells = [f"{key}{value!r}" for key, value in zip(keys, values, strict=True) if value == value]  # noqa: PLR0124
        yield f"{head}{','.join([*cells, states[state]])} {minute}"


def _newest(series: Series) -> Iterator[tuple[str, str, int, float]]:
    present = ~np.isnan(series.values)
    starts = segment_starts(np.zeros(series.event_times_ns.size, np.int64))
    rows = row_of_last(present, starts)[-1]
    for at, (sensor, row) in enumerate(zip(series.sensors, rows.tolist(), strict=True)):
        if present[row, at]:
            yield series.machine, sensor, int(series.event_times_ns[row]), float(series.values[row, at])


def _figures(table: pa.Table, sensors: tuple[SensorId, ...]) -> Values:
    columns = [np.stack([_floats(table[name]) for name in figure_columns(sensor)], axis=1) for sensor in sensors]
    return np.stack(columns, axis=1) if columns else np.empty((table.num_rows, 0, 7))


def _windows(history: HistoryFile, series: Series, figures: Values) -> tuple[WindowBlock, Values]:
    """Return the minutes that a file holds whole, and how many values of each sensor were reported in them."""
    mean, count, reported, low, high, std, last = np.moveaxis(figures, 2, 0)
    count, reported = np.nan_to_num(count), np.nan_to_num(reported)
    block = WindowBlock(
        equipment_type=history.equipment_type,
        sensors=history.sensors,
        width_s=MINUTE_S,
        machines=np.full(series.event_times_ns.size, series.machine, dtype=object),
        starts_ns=series.event_times_ns // MINUTE_NS * MINUTE_NS,
        states=series.states,
        count=count,
        mean=mean,
        minimum=low,
        maximum=high,
        std=std,
        last=last,
        good_share=np.divide(count, reported, out=np.full(count.shape, np.nan), where=reported > 0),
    )
    return block, reported


def _times(column: pa.ChunkedArray) -> Times:
    in_ns = pc.cast(column, pa.timestamp("ns", tz=column.type.tz))
    times: Times = pc.cast(in_ns, pa.int64()).to_numpy()
    return times


def _floats(column: pa.ChunkedArray) -> Values:
    values: Values = pc.cast(column, pa.float64()).to_numpy()
    return values


def _states(table: pa.Table, size: int) -> NDArray[np.object_]:
    if "state" not in table.column_names:
        return np.full(size, OperatingState.EXECUTING.value, dtype=object)
    named = pc.fill_null(table["state"].cast(pa.string()), OperatingState.EXECUTING.value)
    states: NDArray[np.object_] = named.to_numpy().astype(object)
    return states
