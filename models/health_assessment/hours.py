"""Hourly means of concluded quantities, built up window by window."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import Machine
from ingest.columns import segment_starts
from ingest.ports import ConditionBlock
from models.features.recursion import Layout, Matrix, layout_of
from models.health_assessment.detection_state import HourMemory
from models.health_assessment.judgement import Judged

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """Hours of machines: `machine` (n,) numbers them, `sums` and `counts` have shape (n, keys)."""

    machine: NDArray[np.int64]
    hours_ns: NDArray[np.int64]
    sums: Matrix
    counts: Matrix


NO_HOURS = ConditionBlock(
    machines=np.empty(0, dtype=object),
    keys=np.empty(0, dtype=object),
    hours_ns=np.empty(0, dtype=np.int64),
    values=np.empty(0, dtype=np.float64),
    weights=np.empty(0, dtype=np.float64),
)


def hours_over(
    judged: Judged, window_ns: int, before: list[HourMemory], upto_ns: NDArray[np.int64]
) -> tuple[ConditionBlock, list[HourMemory]]:
    """Return the hours that are over, of the anomaly score (key "") and of every slot, and each machine's hour under way.

    `before` are the hours under way so far and `upto_ns` (machines,) the end of each machine's newest window.
    """
    order = np.argsort(judged.machine, kind="stable")
    values = np.column_stack([judged.novelty.score, judged.raw])[order]
    layout = layout_of(judged.machine[order], len(judged.machines))
    hours = gather_hours(values, judged.ends_ns[order] - window_ns, layout, before)
    over, under_way = split_hours(hours, len(judged.machines), upto_ns)
    return _block(hours, over, judged.machines), under_way


def _block(hours: Hours, over: NDArray[np.bool_], machines: tuple[Machine, ...]) -> ConditionBlock:
    keys = [("", *(slot.id for slot in machine.slots)) for machine in machines]
    machine, counts, sums = hours.machine[over], hours.counts[over], hours.sums[over]
    rows, columns = np.nonzero(counts > 0)
    return ConditionBlock(
        machines=np.array([machines[i].id for i in machine[rows].tolist()], dtype=object),
        keys=np.array(
            [keys[i][k] for i, k in zip(machine[rows].tolist(), columns.tolist(), strict=True)], dtype=object
        ),
        hours_ns=hours.hours_ns[over][rows],
        values=sums[rows, columns] / counts[rows, columns],
        weights=counts[rows, columns],
    )


def gather_hours(values: Matrix, starts_ns: NDArray[np.int64], layout: Layout, before: list[HourMemory]) -> Hours:
    """Return the hours of windows (n, keys) that start at `starts_ns`, together with those already under way."""
    keys = values.shape[1]
    carried = [i for i, hour in enumerate(before) if hour.totals]
    machine = np.concatenate((np.array(carried, np.int64), layout.machine))
    hour = np.concatenate((np.array([before[i].hour_ns for i in carried], np.int64), starts_ns // HOUR_NS * HOUR_NS))
    there = ~np.isnan(values)
    totals = np.concatenate((_rows([before[i].totals for i in carried], keys), np.where(there, values, 0.0)))
    counts = np.concatenate((_rows([before[i].counts for i in carried], keys), there.astype(np.float64)))
    order = np.lexsort((hour, machine))
    machine, hour, totals, counts = machine[order], hour[order], totals[order], counts[order]
    starts = segment_starts(machine * (1 << 32) + hour // HOUR_NS)
    if starts.size == 0:
        return Hours(machine=machine, hours_ns=hour, sums=totals, counts=counts)
    return Hours(
        machine=machine[starts],
        hours_ns=hour[starts],
        sums=np.add.reduceat(totals, starts, axis=0),
        counts=np.add.reduceat(counts, starts, axis=0),
    )


def split_hours(hours: Hours, machines: int, upto_ns: NDArray[np.int64]) -> tuple[NDArray[np.bool_], list[HourMemory]]:
    """Return which hours (n,) are over for machines seen up to `upto_ns` (machines,), and each one's hour under way."""
    over = hours.hours_ns + HOUR_NS <= upto_ns[hours.machine]
    under_way = [HourMemory() for _ in range(machines)]
    for row in np.flatnonzero(~over).tolist():
        under_way[hours.machine[row]] = HourMemory(
            hour_ns=int(hours.hours_ns[row]),
            totals=tuple(hours.sums[row].tolist()),
            counts=tuple(hours.counts[row].tolist()),
        )
    return over, under_way


def _rows(rows: list[tuple[float, ...]], width: int) -> Matrix:
    padded = np.zeros((len(rows), width))
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row[:width]
    return padded
