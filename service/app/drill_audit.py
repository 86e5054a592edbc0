"""What the drill's second writer has stored, read once it has ended."""

from collections.abc import Sequence
from pathlib import Path

from configs.plant import EquipmentTypeId, SensorId
from ingest.ports import StoredValue
from ingest.stores.duckdb_audit import stored_values
from ingest.stores.duckdb_store import DuckDBStore
from service.app.telemetry import FILE_NAME


def rows_in(folder: Path, equipment_type: str, sensor: str) -> Sequence[StoredValue]:
    """Return every row that was stored."""
    return tuple(stored_values(folder / FILE_NAME, EquipmentTypeId(equipment_type), SensorId(sensor)))


def missing_in(folder: Path) -> int:
    """Return how many numbers the ledgers report as missing."""
    store = DuckDBStore(folder / FILE_NAME)
    try:
        return sum(gap.last - gap.first + 1 for gap in store.gaps())
    finally:
        store.close()
