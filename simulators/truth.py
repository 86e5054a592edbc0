"""What really happened, kept apart from everything that a model may read."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from simulators.layout import Layout
from simulators.removal import Reason, TrueLife
from simulators.sensor_faults import FaultSpan
from simulators.signals import PointFault
from simulators.trace import Trace

_EVERY_TICKS = 6
_LINE = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY


def write_lives(path: Path, lives: Iterable[TrueLife]) -> None:
    """Write true part lives, one JSON object a line."""
    _write_lines(path, lives)


def read_lives(path: Path) -> Iterator[TrueLife]:
    """Read true part lives back, one at a time: of tools there are hundreds of thousands."""
    with path.open("rb") as file:
        for line in file:
            yield _life(orjson.loads(line))


def write_damage(path: Path, layout: Layout, trace: Trace) -> None:
    """Write damage curves, a row every six hours and slot: damage and progress (failure = 1), and the use that remains."""
    rows = slice(_EVERY_TICKS - 1, None, _EVERY_TICKS)
    damage = trace.damage[rows]
    ticks, slots = damage.shape
    times = pa.array((trace.edges_s[1:][rows] * 1000).astype(np.int64), type=pa.timestamp("ms", tz="UTC"))
    table = pa.table({
        "event_time": times.take(pa.array(np.repeat(np.arange(ticks), slots))),
        "machine": _repeated([place.machine.id for place in layout.worn], ticks),
        "slot": _repeated([place.slot.id for place in layout.worn], ticks),
        "damage": damage.ravel(),
        "progress": trace.progress_to[rows].ravel(),
        "severity": trace.severity_to[rows].ravel(),
        "remaining_use": trace.remaining[rows].ravel(),
    })  # fmt: skip
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")


def _repeated(names: list[str], times: int) -> pa.DictionaryArray:
    """Give a list of names so many times over; a dictionary without repeats is written to the same bytes each time."""
    known = list(dict.fromkeys(names))
    number = np.array([known.index(name) for name in names], dtype=np.int32)
    return pa.DictionaryArray.from_arrays(np.tile(number, times), known)


def write_faults(path: Path, faults: Iterable[FaultSpan | PointFault]) -> None:
    """Write injected sensor faults, one JSON object a line."""
    _write_lines(path, faults)


def _write_lines(path: Path, facts: Iterable[TrueLife | FaultSpan | PointFault]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(orjson.dumps(fact, option=_LINE) for fact in facts)


def _life(row: dict[str, Any]) -> TrueLife:
    reason = None if row["reason"] is None else Reason(row["reason"])
    return TrueLife(**{**row, "reason": reason, "chance": tuple(row["chance"])})
