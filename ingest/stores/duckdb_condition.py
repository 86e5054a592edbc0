"""What the models concluded by the hour, in the embedded store."""

import numpy as np

from configs.plant import MachineId
from ingest.ports import ConditionBlock
from ingest.stores.duckdb_file import DuckDBFile, registered

_DELETE = "delete from condition_hours where (machine, key, hour_ns) in (select (machine, key, hour_ns) from fresh)"
_READ = """
select machine, key, hour_ns, value, weight from condition_hours
where machine = ? and hour_ns >= ? and hour_ns < ? order by hour_ns, key
"""


def write_condition(file: DuckDBFile, block: ConditionBlock) -> None:
    """Replace the hours of the block's machines and keys."""
    if block.machines.size == 0:
        return
    fresh = {
        "machine": block.machines,
        "key": block.keys,
        "hour_ns": block.hours_ns,
        "value": block.values,
        "weight": block.weights,
    }
    with file.transaction() as cursor, registered(cursor, "fresh", fresh):
        cursor.execute(_DELETE)
        cursor.execute("insert into condition_hours by name select * from fresh")


def read_condition(file: DuckDBFile, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
    """Return one machine's hours in order of time."""
    found = file.fetch(_READ, [machine, start_ns, end_ns])
    return ConditionBlock(
        machines=found["machine"].astype(object),
        keys=found["key"].astype(object),
        hours_ns=found["hour_ns"],
        values=found["value"].astype(np.float64),
        weights=found["weight"].astype(np.float64),
    )
