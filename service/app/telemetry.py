"""Which store keeps the readings."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from configs.errors import ConfigurationError
from configs.settings import StoreKind, StoreSettings
from ingest.stores.duckdb_store import DuckDBOptions, DuckDBStore

FILE_NAME = "telemetry.duckdb"


@contextmanager
def open_store(settings: StoreSettings, data_dir: Path) -> Iterator[DuckDBStore]:
    """Open the embedded store in the data folder, and close it when the context ends."""
    if settings.kind is not StoreKind.DUCKDB:
        mistake = f"store.kind = {settings.kind.value!r} is not supported by this version; use 'duckdb'"
        raise ConfigurationError("settings", (mistake,))
    options = DuckDBOptions(raw_days=settings.raw_days, dead_letters_per_device=settings.dead_letters_per_device)
    store = DuckDBStore(data_dir / FILE_NAME, options)
    try:
        yield store
    finally:
        store.close()
