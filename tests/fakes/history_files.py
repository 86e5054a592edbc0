"""Files of a history bundle, small."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def a_parquet_of(path: Path, rows: list[tuple[str, int, str, float | None]]) -> Path:
    """Return the file, with rows of (machine, event time in ms, state, vib)."""
    table = pa.table(
        {
            "machine": pa.array([row[0] for row in rows]).dictionary_encode(),
            "event_time": pa.array([row[1] for row in rows], pa.timestamp("ms", tz="UTC")),
            "state": pa.array([row[2] for row in rows]).dictionary_encode(),
            "vib": pa.array([row[3] for row in rows], pa.float32()),
        }
    )
    pq.write_table(table, path)
    return path
