"""Other flags for the points of an InfluxDB store: only flags are written, each on the point that it belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId
from ingest.ports import Judge, Portion, Reflagged
from ingest.reading import Flags, ReadingBatch, Times
from ingest.reflagging import reflagged
from ingest.stores.influxdb_lines import MS_NS
from ingest.stores.influxdb_link import InfluxDBLink, Rows
from ingest.stores.influxdb_names import (
    BOOT,
    JOB,
    RECEIVED,
    ROW,
    SEQ,
    STATE,
    escaped,
    identifier,
    literal,
    quality_field,
    value_field,
)

_OWN = (RECEIVED, BOOT, SEQ, ROW, STATE, JOB)
_TAGS = ("line", "machine", "site")


@dataclass(frozen=True, slots=True, kw_only=True)
class PointRows:
    """Points as they are stored: `heads` of their lines and `point_times_ns` (n,), and what they say as a batch."""

    heads: list[str]
    point_times_ns: Times
    batch: ReadingBatch


def read_points(link: InfluxDBLink, database: str, wanted: Portion) -> PointRows:
    """Return the points of one machine in order of event time."""
    machine = wanted.machines[0]
    fields = [*_OWN, *map(value_field, wanted.sensors), *map(quality_field, wanted.sensors)]
    statement = (
        f"select {', '.join(map(identifier, fields))} from {identifier(wanted.equipment_type)}"
        f" where time >= {wanted.start_ns // MS_NS * MS_NS} and time < {wanted.end_ns}"
        f' and "machine" = {literal(machine)} group by {", ".join(map(identifier, _TAGS))}'
    )
    found = link.query(database, statement)
    heads = [_head(wanted, rows) for rows in found for _ in range(rows.size)]
    times = np.array([at for rows in found for at in rows.columns["time"]], np.int64)
    order = np.argsort(times, kind="stable")
    return PointRows(
        heads=[heads[at] for at in order.tolist()],
        point_times_ns=times[order],
        batch=_batch(wanted, found, times, order),
    )


def flags_of(points: PointRows, judge: Judge) -> tuple[Reflagged, Iterator[str]]:
    """Return what judging points again comes to, and the lines that say so."""
    flags = judge(points.batch)
    outcome, changed = reflagged(points.batch, flags)
    return outcome, _lines(points, flags, changed)


def _lines(points: PointRows, flags: Flags, changed: NDArray[np.bool_]) -> Iterator[str]:
    keys = [escaped(quality_field(sensor)) for sensor in points.batch.sensors]
    different = (flags != points.batch.quality) & ~np.isnan(points.batch.values)
    for row in np.flatnonzero(changed).tolist():
        cells = ",".join(f"{keys[at]}={int(flags[row, at])}i" for at in np.flatnonzero(different[row]).tolist())
        yield f"{points.heads[row]}{cells} {int(points.point_times_ns[row])}"


def _head(wanted: Portion, rows: Rows) -> str:
    tags = ",".join(f"{tag}={escaped(rows.tags[tag])}" for tag in _TAGS if rows.tags[tag])
    return f"{escaped(wanted.equipment_type)},{tags} "


def _batch(wanted: Portion, found: list[Rows], times: Times, order: Times) -> ReadingBatch:
    def column(name: str) -> list[Any]:
        joined = [value for rows in found for value in rows.columns[name]]
        return [joined[at] for at in order.tolist()]

    values = [np.array(column(value_field(sensor)), np.float64) for sensor in wanted.sensors]
    quality = [np.nan_to_num(np.array(column(quality_field(sensor)), np.float64)) for sensor in wanted.sensors]
    size, events = times.size, times[order] // MS_NS * MS_NS
    return ReadingBatch(
        equipment_type=wanted.equipment_type,
        sensors=wanted.sensors,
        machines=np.full(size, MachineId(wanted.machines[0]), dtype=object),
        event_times_ns=events,
        received_times_ns=_whole(column(RECEIVED), 0),
        boots=_texts(column(BOOT)),
        seqs=_whole(column(SEQ), -1),
        rows=_whole(column(ROW), 0).astype(np.int32),
        states=_texts(column(STATE)),
        jobs=_texts(column(JOB)),
        values=np.stack(values, axis=1) if values else np.empty((size, 0)),
        quality=np.stack(quality, axis=1).astype(np.uint16) if quality else np.empty((size, 0), np.uint16),
    )


def _whole(column: list[int | None], blank: int) -> Times:
    return np.array([blank if value is None else value for value in column], np.int64)


def _texts(column: list[Any]) -> NDArray[np.object_]:
    texts = np.empty(len(column), dtype=object)
    texts[:] = column
    return texts
