"""The readings of a native message: one instant, or columns at even steps."""

from collections.abc import Mapping
from typing import Any

from configs.plant import Machine, Sensor, SensorId
from ingest.decode.refusal import refuse, shown
from ingest.decode.timestamp import instant_ns
from ingest.decode.unit_scale import UnitScale, unit_scales
from ingest.reading import RejectionReason

MAX_ROWS = 10_000
MAX_EXACT = 2**53

Document = dict[str, Any]
Rows = tuple[tuple[int, ...], tuple[SensorId, ...], tuple[tuple[float, ...], ...]]
"""Event times, sensors, and a row of values per event time."""

_NUMBERS: frozenset[type] = frozenset({float, int})
_NUMBERS_OR_NULL: frozenset[type] = frozenset({float, int, type(None)})


def read_rows(machine: Machine, own: Mapping[str, Sensor], document: Document) -> Rows:
    """Return the readings of a message from a machine whose sensors, by name, are `own`; raise the refusal."""
    if "columns" in document:
        return _columns(machine, own, document)
    return _single(machine, own, document)


def _single(machine: Machine, own: Mapping[str, Sensor], document: Document) -> Rows:
    values = document.get("values")
    if type(values) is not dict or (not values and document.get("state") is None):
        detail = '"values" must be an object of sensor: number, and not empty unless a "state" is reported'
        raise refuse(RejectionReason.NOT_A_READING_SET, detail)
    sensors = _known_sensors(machine, own, values)
    row = tuple(values.values())
    if not set(map(type, row)) <= _NUMBERS:
        sensors, row = _without_nulls(sensors, row)
    _check_exact(sensors, row)
    scales = _scales(own, document)
    if scales:
        row = tuple(
            scales[sensor](value) if sensor in scales else value for sensor, value in zip(sensors, row, strict=True)
        )
    return (instant_ns(document.get("ts"), "ts"),), sensors, (row,)


def _without_nulls(
    sensors: tuple[SensorId, ...], row: tuple[Any, ...]
) -> tuple[tuple[SensorId, ...], tuple[float, ...]]:
    _check_numbers(sensors, (row,))
    kept = [(sensor, value) for sensor, value in zip(sensors, row, strict=True) if value is not None]
    return tuple(sensor for sensor, _ in kept), tuple(value for _, value in kept)


def _columns(machine: Machine, own: Mapping[str, Sensor], document: Document) -> Rows:
    columns = document["columns"]
    if "values" in document or type(columns) is not dict or not columns:
        raise refuse(
            RejectionReason.NOT_A_READING_SET, '"columns" must be an object of sensor: list, instead of "values"'
        )
    sensors = _known_sensors(machine, own, columns)
    lists = tuple(columns.values())
    times = _column_times(document, lists)
    rows = tuple(zip(*lists, strict=True))
    _check_numbers(sensors, rows)
    for row in rows:
        _check_exact(sensors, row)
    return times, sensors, _scaled(_scales(own, document), sensors, rows)


def _scaled(
    scales: dict[str, UnitScale], sensors: tuple[SensorId, ...], rows: tuple[tuple[Any, ...], ...]
) -> tuple[tuple[float, ...], ...]:
    if not scales and all(None not in row for row in rows):
        return rows
    per_column = tuple(scales.get(sensor, float) for sensor in sensors)
    return tuple(
        tuple(float("nan") if value is None else scale(value) for scale, value in zip(per_column, row, strict=True))
        for row in rows
    )


def _column_times(document: Document, lists: tuple[Any, ...]) -> tuple[int, ...]:
    lengths = {len(column) if type(column) is list else -1 for column in lists}
    if len(lengths) != 1 or not 0 < (length := lengths.pop()) <= MAX_ROWS:
        detail = f'the lists of "columns" must be equally long, 1 to {MAX_ROWS} values'
        raise refuse(RejectionReason.NOT_A_READING_SET, detail)
    step = document.get("dt_ms")
    if type(step) is not int or not 0 < step <= 86_400_000:
        raise refuse(RejectionReason.BAD_TIME, '"dt_ms" must be a whole number of milliseconds, 1 to 86400000')
    start_ns = instant_ns(document.get("t0"), "t0")
    return tuple(range(start_ns, start_ns + length * step * 1_000_000, step * 1_000_000))


def _known_sensors(machine: Machine, own: Mapping[str, Sensor], named: dict[str, Any]) -> tuple[SensorId, ...]:
    try:
        return tuple([own[name].id for name in named])
    except KeyError as error:
        name = str(error.args[0])[:64]
        detail = f"machine {machine.id} has no sensor {name!r}; add it to plant.toml, or correct the device"
        raise refuse(RejectionReason.UNKNOWN_SENSOR, detail) from None


def _check_numbers(sensors: tuple[SensorId, ...], rows: tuple[tuple[Any, ...], ...]) -> None:
    for row in rows:
        if not set(map(type, row)) <= _NUMBERS_OR_NULL:
            at = next(i for i, value in enumerate(row) if type(value) not in _NUMBERS_OR_NULL)
            detail = f"sensor {sensors[at]} sent {shown(row[at])}; send a plain number"
            raise refuse(RejectionReason.NOT_A_NUMBER, detail)


def _check_exact(sensors: tuple[SensorId, ...], row: tuple[Any, ...]) -> None:
    """Refuse whole numbers that a double would silently change."""
    for at, value in enumerate(row):
        if type(value) is int and not -MAX_EXACT <= value <= MAX_EXACT:
            detail = f"sensor {sensors[at]} sent a whole number beyond 2^53, which cannot be kept exactly"
            raise refuse(RejectionReason.NOT_A_NUMBER, detail)


def _scales(own: Mapping[str, Sensor], document: Document) -> dict[str, UnitScale]:
    units = document.get("units")
    return {} if units is None else unit_scales(units, own)
