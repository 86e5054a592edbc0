"""Keeping the 1-minute rollups in InfluxDB up to date: readings of touched minutes in, windows out."""

from collections.abc import Iterator, Sequence

import numpy as np

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.reading import Series, Times
from ingest.rollup import count_reported, roll_up
from ingest.standing import MINUTE_NS, Minute
from ingest.stores.influxdb_lines import Places, window_lines
from ingest.stores.influxdb_link import InfluxDBLink
from ingest.stores.influxdb_reader import Selection, Span, kept, read_series

LONGEST_SPAN_NS = 60 * MINUTE_NS
MACHINES_AT_ONCE = 100
MINUTE_S = 60.0


def spans_of(minutes: Sequence[Minute]) -> Iterator[tuple[Span, list[Minute]]]:
    """Yield touched minutes, sorted by time, in groups that one query can read, each with its span.

    A group is of at most an hour, and ends where nothing was touched for ten minutes.

    Examples
    --------
    >>> [span for span, _ in spans_of([("a", 0), ("b", MINUTE_NS), ("a", 90 * MINUTE_NS)])]
    [(0, 120000000000), (5400000000000, 5460000000000)]
    """
    group: list[Minute] = []
    for minute in minutes:
        if group and (minute[1] - group[0][1] >= LONGEST_SPAN_NS or minute[1] - group[-1][1] > 10 * MINUTE_NS):
            yield (group[0][1], group[-1][1] + MINUTE_NS), group
            group = []
        group.append(minute)
    if group:
        yield (group[0][1], group[-1][1] + MINUTE_NS), group


def lines_of_minutes(
    link: InfluxDBLink,
    wanted: tuple[str, EquipmentTypeId, tuple[SensorId, ...]],
    touched: tuple[Span, Sequence[Minute]],
    places: Places,
) -> list[str]:
    """Return the rollups of touched minutes as lines; `wanted` is the bucket of readings, the type and its sensors."""
    database, equipment_type, sensors = wanted
    span, minutes = touched
    by_machine: dict[MachineId, list[int]] = {}
    for machine, minute in minutes:
        by_machine.setdefault(machine, []).append(minute)
    lines: list[str] = []
    names = sorted(by_machine)
    for at in range(0, len(names), MACHINES_AT_ONCE):
        chosen = tuple(names[at : at + MACHINES_AT_ONCE])
        selection = Selection(
            database=database, equipment_type=equipment_type, machines=chosen, sensors=sensors, span=span
        )
        for machine, series in read_series(link, selection).items():
            lines += _lines(series, equipment_type, np.array(by_machine[machine], np.int64), places)
    return lines


def _lines(series: Series, equipment_type: EquipmentTypeId, minutes: Times, places: Places) -> Iterator[str]:
    touched = kept(series, np.isin(series.event_times_ns // MINUTE_NS * MINUTE_NS, minutes))
    return window_lines(roll_up(touched, equipment_type, MINUTE_S), count_reported(touched, MINUTE_S), places)
