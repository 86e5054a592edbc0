"""Reading series and windows out of InfluxDB, a day at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.reading import Series, Times, Values
from ingest.rollup import WindowBlock, join_windows, merge_instants
from ingest.stores.influxdb_lines import MS_NS
from ingest.stores.influxdb_link import InfluxDBLink, Rows
from ingest.stores.influxdb_names import STATE, figure_fields, identifier, one_of, quality_field, value_field

DAY_NS = 86_400_000_000_000
MINUTE_NS = 60_000_000_000
_COLUMNS = (
    "machines",
    "starts_ns",
    "states",
    "count",
    "mean",
    "minimum",
    "maximum",
    "std",
    "last",
    "good_share",
)
NAMED_AT_ONCE = 40
"""Machines that a query names; where more are asked for, all of the type are read and sorted here."""

Span = tuple[int, int]
"""First and end of a stretch of time, nanoseconds UTC, half-open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which points are read: machines of one equipment type, those of [start_ns, end_ns)."""

    database: str
    equipment_type: EquipmentTypeId
    machines: tuple[MachineId, ...]
    sensors: tuple[SensorId, ...]
    span: Span


def read_series(link: InfluxDBLink, wanted: Selection) -> dict[MachineId, Series]:
    """Return the readings of machines, merged per instant; times are whole milliseconds."""
    start, end = wanted.span
    begin, stop = start // MS_NS * MS_NS, -(-end // MS_NS) * MS_NS
    fields = [STATE, *map(value_field, wanted.sensors), *map(quality_field, wanted.sensors)]
    pieces: dict[MachineId, list[Series]] = {}
    for rows in _points(link, wanted, fields, (begin, stop)):
        series = _series(rows, wanted.sensors)
        inside = (series.event_times_ns >= start) & (series.event_times_ns < end)
        pieces.setdefault(series.machine, []).append(kept(series, inside))
    return {machine: merge_instants(_joined(own)) for machine, own in pieces.items()}


def read_minutes(link: InfluxDBLink, wanted: Selection, closed_to_ns: Mapping[MachineId, int]) -> "Minutes":
    """Return the minutes that end by `closed_to_ns`, sorted by machine, then time."""
    fields = [STATE, *(field for sensor in wanted.sensors for field in figure_fields(sensor))]
    pieces = [_minutes(rows, wanted.sensors) for rows in _points(link, wanted, fields, wanted.span)]
    if not pieces:
        return _minutes(Rows({}, {"time": [], STATE: []}), wanted.sensors)
    joined = Minutes(
        machines=np.concatenate([piece.machines for piece in pieces]),
        starts_ns=np.concatenate([piece.starts_ns for piece in pieces]),
        states=np.concatenate([piece.states for piece in pieces]),
        figures=np.concatenate([piece.figures for piece in pieces]),
    )
    newest = np.fromiter((closed_to_ns.get(m, 0) for m in joined.machines.tolist()), np.int64, joined.machines.size)
    closed = np.flatnonzero(joined.starts_ns + MINUTE_NS <= newest)
    names, codes = np.unique(joined.machines[closed].astype(str), return_inverse=True)
    order = closed[np.lexsort((joined.starts_ns[closed], codes))] if names.size else closed
    return Minutes(
        machines=joined.machines[order],
        starts_ns=joined.starts_ns[order],
        states=joined.states[order],
        figures=joined.figures[order],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Minutes:
    """Rollups as they are stored: `figures` (n, n_sensors, 7) as `figure_fields` names them, blanks filled in."""

    machines: NDArray[np.object_]
    starts_ns: Times
    states: NDArray[np.object_]
    figures: Values

    def windows(self, equipment_type: EquipmentTypeId, sensors: tuple[SensorId, ...], width_s: float) -> WindowBlock:
        """Return the windows of whole minutes that these come to."""
        mean, count, reported, low, high, std, last = np.moveaxis(self.figures, 2, 0)
        block = WindowBlock(
            equipment_type=equipment_type,
            sensors=sensors,
            width_s=MINUTE_NS / 1e9,
            machines=self.machines,
            starts_ns=self.starts_ns,
            states=self.states,
            count=count,
            mean=mean,
            minimum=low,
            maximum=high,
            std=np.where(count > 0, std, np.nan),
            last=last,
            good_share=np.divide(count, reported, out=np.full(count.shape, np.nan), where=reported > 0),
        )
        return block if round(width_s * 1e9) == MINUTE_NS else join_windows(block, reported, width_s)


def days_of(span: Span) -> Iterator[Span]:
    """Yield the days of a span, the first and the last of them cut off.

    Examples
    --------
    >>> list(days_of((DAY_NS - 5, DAY_NS + 5))) == [(DAY_NS - 5, DAY_NS), (DAY_NS, DAY_NS + 5)]
    True
    """
    at, end = span
    while at < end:
        next_day = min((at // DAY_NS + 1) * DAY_NS, end)
        yield at, next_day
        at = next_day


def kept(series: Series, rows: NDArray[np.bool_]) -> Series:
    """Return some rows of a series."""
    if rows.all():
        return series
    return Series(
        machine=series.machine,
        sensors=series.sensors,
        event_times_ns=series.event_times_ns[rows],
        states=series.states[rows],
        values=series.values[rows],
        quality=series.quality[rows],
    )


def joined_blocks(blocks: Sequence[WindowBlock], closed_to_ns: Mapping[MachineId, int], width_ns: int) -> WindowBlock:
    """Return the windows of several machines, one block each, that end by `closed_to_ns`."""
    closed = [block.starts_ns + width_ns <= closed_to_ns.get(_machine_of(block), 0) for block in blocks]
    columns = {
        name: np.concatenate([getattr(block, name)[rows] for block, rows in zip(blocks, closed, strict=True)])
        for name in _COLUMNS
    }
    first = blocks[0]
    return WindowBlock(equipment_type=first.equipment_type, sensors=first.sensors, width_s=first.width_s, **columns)


def _machine_of(block: WindowBlock) -> MachineId:
    return MachineId(block.machines[0]) if block.machines.size else MachineId("")


def _points(link: InfluxDBLink, wanted: Selection, fields: Sequence[str], span: Span) -> Iterator[Rows]:
    """Yield the points of each machine and day, days in order."""
    asked = set(wanted.machines)
    if not asked:
        return
    condition = f" and {one_of('machine', wanted.machines)}" if len(asked) <= NAMED_AT_ONCE else ""
    listed = ", ".join(map(identifier, fields))
    for first, end in days_of(span):
        statement = (
            f"select {listed} from {identifier(wanted.equipment_type)}"
            f' where time >= {first} and time < {end}{condition} group by "machine"'
        )
        yield from (rows for rows in link.query(wanted.database, statement) if rows.tags["machine"] in asked)


def _series(rows: Rows, sensors: tuple[SensorId, ...]) -> Series:
    size = rows.size
    values, quality = np.full((size, len(sensors)), np.nan), np.zeros((size, len(sensors)), np.uint16)
    for at, sensor in enumerate(sensors):
        values[:, at] = _floats(rows.columns[value_field(sensor)])
        quality[:, at] = np.nan_to_num(_floats(rows.columns[quality_field(sensor)])).astype(np.uint16)
    return Series(
        machine=MachineId(rows.tags["machine"]),
        sensors=sensors,
        event_times_ns=np.array(rows.columns["time"], np.int64) // MS_NS * MS_NS,
        states=_texts(rows.columns[STATE]),
        values=values,
        quality=quality,
    )


def _minutes(rows: Rows, sensors: tuple[SensorId, ...]) -> Minutes:
    size = rows.size
    figures = np.full((size, len(sensors), 7), np.nan)
    for at, sensor in enumerate(sensors if size else ()):
        figures[:, at] = _filled([_floats(rows.columns[field]) for field in figure_fields(sensor)])
    return Minutes(
        machines=np.full(size, rows.tags.get("machine", ""), dtype=object),
        starts_ns=np.array(rows.columns["time"], np.int64),
        states=_texts(rows.columns[STATE]),
        figures=figures,
    )


def _filled(figures: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Fill in what an imported minute leaves out: one value, which is all its figures."""
    mean, count, reported, low, high, std, last = figures
    count = np.where(np.isnan(count), (~np.isnan(mean)).astype(np.float64), count)
    reported = np.where(np.isnan(reported), count, reported)
    one = [np.where(np.isnan(figure), mean, figure) for figure in (low, high, last)]
    std = np.where(np.isnan(std) & (count > 0), 0.0, std)
    columns = np.stack([mean, count, reported, one[0], one[1], std, one[2]], axis=1)
    columns[:, (0, 3, 4, 5, 6)] = np.where(count[:, None] > 0, columns[:, (0, 3, 4, 5, 6)], np.nan)
    return columns


def _joined(pieces: Sequence[Series]) -> Series:
    if len(pieces) == 1:
        return pieces[0]
    return Series(
        machine=pieces[0].machine,
        sensors=pieces[0].sensors,
        event_times_ns=np.concatenate([piece.event_times_ns for piece in pieces]),
        states=np.concatenate([piece.states for piece in pieces]),
        values=np.concatenate([piece.values for piece in pieces]),
        quality=np.concatenate([piece.quality for piece in pieces]),
    )


def _floats(column: list[Any]) -> NDArray[np.float64]:
    if column and column[0] is None and column.count(None) == len(column):
        return np.full(len(column), np.nan)
    return np.array(column, np.float64)


def _texts(column: Sequence[Any]) -> NDArray[np.object_]:
    texts = np.empty(len(column), dtype=object)
    texts[:] = column
    return texts
