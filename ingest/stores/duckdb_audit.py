"""What is in an embedded store row by row, to be compared with what was sent: nothing is merged or left out."""

from collections.abc import Iterator
from pathlib import Path

from configs.plant import EquipmentTypeId, SensorId
from ingest.ports import StoredValue
from ingest.stores.duckdb_file import DuckDBFile
from ingest.stores.duckdb_schema import Schema

MEMORY_MIB = 256


def stored_values(path: Path, equipment_type: EquipmentTypeId, sensor: SensorId) -> Iterator[StoredValue]:
    """Yield every raw row of a type; the store must be open nowhere else.

    Raises
    ------
    StoreLockedError
        Another process has the file open.
    StoreUnavailableError
        The file cannot be read.
    """
    file = DuckDBFile(path, threads=1, memory_mib=MEMORY_MIB)
    try:
        schema = Schema(file)
        if schema.knows(equipment_type, [sensor]):
            column = schema.columns(equipment_type)[sensor]
            table = schema.raw_table(equipment_type)
            yield from map(StoredValue._make, file.rows(f"select machine, boot, seq, {column} from {table}"))
    finally:
        file.close()
