"""One sensor's past, from raw readings where they are few and still there, else from the rollups."""

from datetime import datetime, timedelta

import numpy as np

from configs.plant import Machine, Sensor
from ingest.ports import TelemetryStore
from ingest.reading import Series
from ingest.rollup import WindowBlock
from service.api.decimation import Points, closed_off, decimate, join

MOST_RAW_ROWS = 40_000
MINUTE_S = 60
GAP_PERIODS = 5
LONGEST_TAIL_NS = 6 * 3600 * 1_000_000_000
SECOND_NS = 1_000_000_000


def read_points(
    store: TelemetryStore, machine: Machine, sensor: Sensor, *, start_ns: int, end_ns: int, max_points: int
) -> tuple[Points, float]:
    """Return the points of [start, end) to draw, and the length in seconds of what each stands for (0 = a reading)."""
    span_s = (end_ns - start_ns) / SECOND_NS
    if span_s / max(sensor.period_s, 0.1) <= MOST_RAW_ROWS:
        points = _of_series(store.read_series(machine.id, start_ns, end_ns), sensor)
        if points.times_ns.size:
            first_ns = int(points.times_ns[0])
            columns = max(2, round(max_points * (end_ns - first_ns) / (end_ns - start_ns)))
            newer = decimate(points, columns=columns, gap_ns=_gap_ns(sensor.period_s))
            older = _older(store, machine, sensor, span=(start_ns, first_ns), columns=max_points - columns)
            return join(older, newer), 0.0
    width_s = float(max(MINUTE_S, -(-int(span_s / max_points) // MINUTE_S) * MINUTE_S))
    points = _with_tail(store, machine, sensor, start_ns=start_ns, end_ns=end_ns, width_s=width_s)
    gap_ns = max(_gap_ns(sensor.period_s), int(2.5 * width_s * SECOND_NS))
    return decimate(points, columns=max_points, gap_ns=gap_ns), width_s


def default_span(now: datetime, start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    """Return the span to show: what was asked for, else the day up to now."""
    until = end or now
    return start or until - timedelta(days=1), until


def _older(store: TelemetryStore, machine: Machine, sensor: Sensor, *, span: tuple[int, int], columns: int) -> Points:
    """Return what only the rollups know: the minutes before the oldest raw reading, which may have been imported."""
    minute_ns = MINUTE_S * SECOND_NS
    start_ns, end_ns = span[0], span[1] // minute_ns * minute_ns
    if columns < 1 or end_ns <= start_ns:
        return _no_points()
    block = store.read_windows(
        machine.equipment_type, [machine.id], start_ns=start_ns, end_ns=end_ns, width_s=float(MINUTE_S)
    )
    gap_ns = max(_gap_ns(sensor.period_s), 5 * minute_ns // 2)
    return closed_off(decimate(_of_windows(block, sensor), columns=columns, gap_ns=gap_ns), span[1], gap_ns)


def _with_tail(
    store: TelemetryStore, machine: Machine, sensor: Sensor, *, start_ns: int, end_ns: int, width_s: float
) -> Points:
    """Return the closed windows, and the readings since the last one, whose window is still open or not rolled up."""
    block = store.read_windows(machine.equipment_type, [machine.id], start_ns=start_ns, end_ns=end_ns, width_s=width_s)
    windows = _of_windows(block, sensor)
    closed_to_ns = int(windows.times_ns[-1] + width_s * SECOND_NS) if windows.times_ns.size else start_ns
    tail_ns = max(closed_to_ns, end_ns - LONGEST_TAIL_NS)
    if tail_ns >= end_ns:
        return windows
    return join(windows, _of_series(store.read_series(machine.id, tail_ns, end_ns), sensor))


def _of_series(series: Series, sensor: Sensor) -> Points:
    if sensor.id not in series.sensors:
        return _no_points()
    column = series.sensors.index(sensor.id)
    values, flags = series.values[:, column], series.quality[:, column].astype(np.int64)
    return Points(
        times_ns=series.event_times_ns,
        low=values,
        high=values,
        mean=values,
        good_share=(flags == 0).astype(np.float64),
        flags=flags,
    )


def _of_windows(block: WindowBlock, sensor: Sensor) -> Points:
    if sensor.id not in block.sensors:
        return _no_points()
    column = block.sensors.index(sensor.id)
    return Points(
        times_ns=block.starts_ns,
        low=block.minimum[:, column],
        high=block.maximum[:, column],
        mean=block.mean[:, column],
        good_share=np.nan_to_num(block.good_share[:, column]),
        flags=np.zeros(block.starts_ns.size, dtype=np.int64),
    )


def _no_points() -> Points:
    nothing = np.empty(0)
    whole = np.empty(0, dtype=np.int64)
    return Points(times_ns=whole, low=nothing, high=nothing, mean=nothing, good_share=nothing, flags=whole)


def _gap_ns(period_s: float) -> int:
    return int(GAP_PERIODS * max(period_s, 1.0) * SECOND_NS)
