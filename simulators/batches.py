"""Column batches: a machine's controller keeps some seconds and sends them as lists at even steps."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from configs.plant import Sensor
from simulators.signals import OFF, STATES, Report, Shard


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What a machine said at consecutive instants from `from_s` in one state and job; None where a sensor was not due."""

    from_s: float
    state: str
    job: str | None
    columns: dict[str, list[float | None]]


def batches_of(shard: Shard, report: Report, column: int, *, was_on: bool) -> Iterator[Batch]:
    """Divide a report of one machine where its state or job changes; a machine that is off says so once."""
    state, job = report.state[:, column], report.job[:, column]
    changes = np.flatnonzero((np.diff(state) != 0) | (np.diff(job) != 0)) + 1
    on_before = was_on
    for first, last in pairwise((0, *changes.tolist(), len(state))):
        is_on = bool(state[first] != OFF)
        if is_on:
            named = shard.job_name(column, int(job[first]))
            columns = _columns(shard.sent[column], report, column, slice(first, last))
            yield Batch(from_s=float(report.times_s[first]), state=STATES[state[first]], job=named, columns=columns)
        elif on_before:
            yield Batch(from_s=float(report.times_s[first]), state=STATES[OFF], job=None, columns={})
        on_before = is_on


def _columns(sensors: tuple[Sensor, ...], report: Report, column: int, rows: slice) -> dict[str, list[float | None]]:
    times = report.times_s[rows].astype(np.int64)
    found: dict[str, list[float | None]] = {}
    for sensor in sensors:
        values = report.values[sensor.id][rows, column].astype(float)
        said = (times % max(round(sensor.period_s), 1) == 0) & ~np.isnan(values)
        if said.any():
            found[sensor.id] = _listed(values, said)
    return found


def _listed(values: NDArray[np.float64], said: NDArray[np.bool_]) -> list[float | None]:
    return [round(value, 4) if known else None for value, known in zip(values.tolist(), said.tolist(), strict=True)]
