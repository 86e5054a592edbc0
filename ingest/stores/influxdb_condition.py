"""What the models concluded by the hour, in InfluxDB's bucket of rollups."""

from collections.abc import Iterator

import numpy as np

from configs.plant import MachineId
from ingest.ports import ConditionBlock
from ingest.stores.influxdb_link import InfluxDBLink, Rows
from ingest.stores.influxdb_names import escaped, identifier, literal

MEASUREMENT = "yeji.condition"
"""No equipment type can be called so: identifiers of a plant have no dot."""

LONGEST_READ_NS = 90 * 86_400_000_000_000


def condition_lines(block: ConditionBlock) -> Iterator[str]:
    """Yield one line an hour; the tag `key` is left out where it is empty, as InfluxDB wants it."""
    columns = (block.machines, block.keys, block.hours_ns, block.values, block.weights)
    for machine, key, hour, value, weight in zip(*(column.tolist() for column in columns), strict=True):
        tags = (f",key={escaped(key)}" if key else "") + f",machine={escaped(machine)}"
        value_cell = f"value={value!r}," if value == value else ""  # noqa: PLR0124
        yield f"{MEASUREMENT}{tags} {value_cell}weight={weight!r} {hour}"


def read_condition(link: InfluxDBLink, database: str, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
    """Return one machine's hours in order of time."""
    found: list[Rows] = []
    at = start_ns
    while at < end_ns:
        stop = min(at + LONGEST_READ_NS, end_ns)
        found += link.query(
            database,
            f'select "value", "weight" from {identifier(MEASUREMENT)} where time >= {at} and time < {stop}'
            f' and "machine" = {literal(machine)} group by "key"',
        )
        at = stop
    return _sorted(machine, found)


def _sorted(machine: MachineId, found: list[Rows]) -> ConditionBlock:
    keys = [rows.tags.get("key", "") for rows in found for _ in range(rows.size)]
    hours = np.array([hour for rows in found for hour in rows.columns["time"]], np.int64)
    order = sorted(range(len(keys)), key=lambda at: (hours[at], keys[at]))
    named = np.empty(len(keys), dtype=object)
    named[:] = [keys[at] for at in order]
    values, weights = (
        np.array([value for rows in found for value in rows.columns[name]], np.float64)[order]
        for name in ("value", "weight")
    )
    return ConditionBlock(
        machines=np.full(len(keys), machine, dtype=object),
        keys=named,
        hours_ns=hours[order],
        values=values,
        weights=weights,
    )
