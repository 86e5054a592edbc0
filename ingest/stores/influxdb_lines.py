"""Readings and windows as line protocol: text that InfluxDB takes in, the same for the same reading for ever."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from configs.plant import EquipmentTypeId, LineId, MachineId, SiteId
from ingest.reading import ReadingBatch, Times, Values
from ingest.rollup import WindowBlock
from ingest.stores.influxdb_names import (
    BOOT,
    JOB,
    RECEIVED,
    ROW,
    SEQ,
    STATE,
    escaped,
    figure_fields,
    quality_field,
    text,
    value_field,
)

MS_NS = 1_000_000
Place = tuple[SiteId, LineId]


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """At which site and line each machine stands: tags of its points; None of a machine that the plant does not have."""

    of: Callable[[MachineId], Place | None]

    def head(self, equipment_type: EquipmentTypeId, machine: MachineId) -> str:
        """Return how every line of a machine begins."""
        site, line = self.of(machine) or ("_none", "_none")
        tags = f"line={escaped(line)},machine={escaped(machine)},site={escaped(site)}"
        return f"{escaped(equipment_type)},{tags} "


def reading_lines(batch: ReadingBatch, places: Places, *, all_flags: bool = False) -> list[str]:
    """Return one line a reading; `all_flags` also writes the flags of good values, over what was there before.

    The time of a point is the millisecond of the reading plus its sequence number modulo a million, in nanoseconds: two
    messages of one instant stay apart, and a message that is sent again falls on itself.
    """
    heads = {machine: places.head(batch.equipment_type, machine) for machine in dict.fromkeys(batch.machines.tolist())}
    values = [escaped(value_field(sensor)) + "=" for sensor in batch.sensors]
    flags = [escaped(quality_field(sensor)) + "=" for sensor in batch.sensors]
    own = _own_fields(batch)
    marked = [all_flags or bool(row.any()) for row in batch.quality]
    lines = []
    for at, (machine, row) in enumerate(zip(batch.machines.tolist(), batch.values.tolist(), strict=True)):
        cells = [f"{key}{value!r}" for key, value in zip(values, row, strict=True) if value == value]  # noqa: PLR0124
        if marked[at]:
            cells += _flag_cells(flags, row, batch.quality[at].tolist(), all_flags=all_flags)
        cells.append(own(at))
        lines.append(heads[machine] + ",".join(cells))
    return [f"{line} {time}" for line, time in zip(lines, point_times(batch).tolist(), strict=True)]


def point_times(batch: ReadingBatch) -> Times:
    """Return the time of each reading's point, (n,).

    A reading without a sequence number has the hash of its content in its place, so that only the same content falls
    on itself.
    """
    below = np.where(batch.seqs >= 0, batch.seqs % MS_NS, 0)
    for at in np.flatnonzero(batch.seqs < 0).tolist():
        below[at] = crc32(batch.values[at].tobytes() + repr((batch.sensors, batch.states[at])).encode()) % MS_NS
    times: Times = batch.event_times_ns // MS_NS * MS_NS + below
    return times


def window_lines(block: WindowBlock, reported: Values, places: Places) -> Iterator[str]:
    """Yield one line a window; of the `reported` (n, n_sensors) values of a sensor, none leaves no field."""
    names = [[escaped(field) + "=" for field in figure_fields(sensor)] for sensor in block.sensors]
    figures = (block.mean, block.count, reported, block.minimum, block.maximum, block.std, block.last)
    stacked = np.stack(figures, axis=2)
    heads = {machine: places.head(block.equipment_type, machine) for machine in dict.fromkeys(block.machines.tolist())}
    rows = zip(block.machines.tolist(), block.states.tolist(), block.starts_ns.tolist(), stacked.tolist(), strict=True)
    for machine, state, start, cells in rows:
        fields = [
            f"{key}{value!r}"
            for keys, own in zip(names, cells, strict=True)
            if own[2] > 0
            for key, value in zip(keys, own, strict=True)
            if value == value  # noqa: PLR0124
        ]
        fields.append(f"{STATE}={text(state)}")
        yield f"{heads[machine]}{','.join(fields)} {start}"


def _own_fields(batch: ReadingBatch) -> Callable[[int], str]:
    seqs, rows, received = batch.seqs.tolist(), batch.rows.tolist(), batch.received_times_ns.tolist()
    boots, states, jobs = batch.boots.tolist(), batch.states.tolist(), batch.jobs.tolist()
    texts = {value: text(value) for value in {*boots, *states, *jobs} if value is not None}

    def fields(at: int) -> str:
        own = f"{RECEIVED}={received[at]}i"
        if seqs[at] >= 0:
            own += f",{SEQ}={seqs[at]}i"
        if rows[at]:
            own += f",{ROW}={rows[at]}i"
        for name, value in ((BOOT, boots[at]), (STATE, states[at]), (JOB, jobs[at])):
            if value is not None:
                own += f",{name}={texts[value]}"
        return own

    return fields


def _flag_cells(keys: list[str], row: list[float], flags: list[int], *, all_flags: bool) -> list[str]:
    return [
        f"{key}{flag}i"
        for key, value, flag in zip(keys, row, flags, strict=True)
        if value == value and (flag or all_flags)  # noqa: PLR0124
    ]
