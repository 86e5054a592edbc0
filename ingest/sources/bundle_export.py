"""Writing a history bundle: closed minutes as Parquet by type and month, facts as CSV, checksums in the manifest.

The same content gives the same bytes, whichever store it comes from.
"""

import csv
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from configs.instant import utc_of_ns
from configs.plant import EquipmentTypeId, SensorId
from ingest.history_file import CLOSED_MINUTES, FIGURES
from ingest.label import Label
from ingest.maintenance_event import MaintenanceEvent
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.rollup import WindowBlock
from ingest.sources.bundle import FORMAT, MANIFEST, PLANT_FILE, VERSION

_TIME = pa.timestamp("ms", tz="UTC")
_WORD = pa.dictionary(pa.int32(), pa.string())


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known beside the readings."""

    lives: Sequence[PartLife]
    events: Sequence[MaintenanceEvent]
    labels: Sequence[Label]
    meters: Sequence[MeterState]


class MinuteFiles:
    """The files of one equipment type and month: minutes of one value in one, those with other figures in another."""

    def __init__(self, folder: Path, equipment_type: EquipmentTypeId, month: str, sensors: Iterable[SensorId]) -> None:
        self._stem = folder / "readings" / f"{equipment_type}-{month}"
        self._stem.parent.mkdir(parents=True, exist_ok=True)
        self._sensors = tuple(sorted(sensors))
        self._writers: dict[bool, pq.ParquetWriter] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for writer in self._writers.values():
            writer.close()

    def write(self, block: WindowBlock) -> int:
        """Write one-minute windows, sorted by machine and time; return how many."""
        order = [block.sensors.index(sensor) for sensor in self._sensors]
        single = _are_single(block)
        for has_figures, rows in ((False, np.flatnonzero(single)), (True, np.flatnonzero(~single))):
            if rows.size:
                table = _table(block, rows, tuple(zip(self._sensors, order, strict=True)), has_figures=has_figures)
                self._writer(table.schema, has_figures=has_figures).write_table(table)
        return int(block.starts_ns.size)

    def _writer(self, schema: pa.Schema, *, has_figures: bool) -> pq.ParquetWriter:
        if has_figures not in self._writers:
            path = self._stem.with_name(self._stem.name + ("-figures" if has_figures else "") + ".parquet")
            self._writers[has_figures] = pq.ParquetWriter(path, schema, compression="zstd")
        return self._writers[has_figures]


def write_facts(folder: Path, plant_text: str, facts: Facts) -> None:
    """Write the plant file and the tables of a bundle."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PLANT_FILE).write_text(plant_text, encoding="utf-8")
    _write_csv(folder / "part_lives.csv", _LIFE_COLUMNS, sorted(map(_life, facts.lives)))
    _write_csv(
        folder / "maintenance_events.csv", ("machine", "slot", "at", "kind", "note"), sorted(map(_event, facts.events))
    )
    label_columns = ("machine", "slot", "start", "end", "kind", "said_by", "said_at")
    _write_csv(folder / "labels.csv", label_columns, sorted(map(_label, facts.labels)))
    _write_csv(folder / "meters.csv", ("machine", "unit", "value", "at"), sorted(map(_meter, facts.meters)))


def write_manifest(folder: Path, rows: int, *, simulated: bool) -> Mapping[str, str]:
    """Write the manifest over everything in the folder; return the checksum of each file."""
    files = {
        path.relative_to(folder).as_posix(): _sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    document = {"format": FORMAT, "version": VERSION, "simulated": simulated, "rows": rows, "files": files}
    (folder / MANIFEST).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return files


def months_of(start_ns: int, end_ns: int) -> Iterator[tuple[str, int, int]]:
    """Yield the calendar months (UTC) of a span: name, start and end, the first and the last cut off.

    Examples
    --------
    >>> [name for name, _, _ in months_of(0, 40 * 86_400_000_000_000)]
    ['1970-01', '1970-02']
    """
    month = np.datetime64(start_ns, "ns").astype("datetime64[M]")
    while (begin := int(month.astype("datetime64[ns]").astype(np.int64))) < end_ns:
        following = month + np.timedelta64(1, "M")
        end = int(following.astype("datetime64[ns]").astype(np.int64))
        yield str(month), max(begin, start_ns), min(end, end_ns)
        month = following


def _are_single(block: WindowBlock) -> NDArray[np.bool_]:
    """Return which minutes hold at most one value of each sensor, which a short number tells whole; (n,)."""
    blank = np.isnan(block.good_share)
    one = (block.count == 1) & (block.good_share == 1) & (block.std == 0)
    for figure in (block.minimum, block.maximum, block.last, block.mean.astype(np.float32).astype(np.float64)):
        one &= figure == block.mean
    single: NDArray[np.bool_] = (blank | one).all(axis=1)
    return single


def _table(
    block: WindowBlock, rows: NDArray[np.intp], sensors: Sequence[tuple[SensorId, int]], *, has_figures: bool
) -> pa.Table:
    columns: dict[str, pa.Array] = {
        "machine": pa.array(block.machines[rows], pa.string()).dictionary_encode(),
        "event_time": pa.array(block.starts_ns[rows] // 1_000_000, pa.int64()).cast(_TIME),
        "state": pa.array(block.states[rows], pa.string()).dictionary_encode(),
    }
    for sensor, at in sensors:
        columns[sensor] = _numbers(block.mean[rows, at], pa.float64() if has_figures else pa.float32())
        if has_figures:
            columns |= _figures(block, rows, sensor, at)
    fields = [pa.field(name, _WORD if name in {"machine", "state"} else each.type) for name, each in columns.items()]
    return pa.table(list(columns.values()), schema=pa.schema(fields, metadata=CLOSED_MINUTES))


def _figures(block: WindowBlock, rows: NDArray[np.intp], sensor: SensorId, at: int) -> dict[str, pa.Array]:
    count, share = block.count[rows, at], block.good_share[rows, at]
    told = ~np.isnan(share)
    reported = np.where(count > 0, np.round(count / np.where(share > 0, share, 1.0)), 1.0)
    figures = (
        np.where(told, count, np.nan),
        np.where(told, reported, np.nan),
        block.minimum[rows, at],
        block.maximum[rows, at],
        block.std[rows, at],
        block.last[rows, at],
    )
    return {f"{sensor}.{name}": _numbers(figure, pa.float64()) for name, figure in zip(FIGURES, figures, strict=True)}


def _numbers(values: NDArray[np.float64], kind: pa.DataType) -> pa.Array:
    return pa.array(values, pa.float64(), from_pandas=True).cast(kind, safe=False)


_LIFE_COLUMNS = (
    "id",
    "machine",
    "slot",
    "part_type",
    "life_unit",
    "installed_at",
    "meter_at_install",
    "age_at_install",
    "removed_at",
    "meter_at_removal",
    "removal_reason",
    "failure_mode",
    "note",
)


def _life(life: PartLife) -> tuple[str, ...]:
    return tuple(_cell(getattr(life, name)) for name in _LIFE_COLUMNS)


def _event(event: MaintenanceEvent) -> tuple[str, ...]:
    return tuple(map(_cell, (event.machine, event.slot, event.at, event.kind, event.note)))


def _label(label: Label) -> tuple[str, ...]:
    told = (label.machine, label.slot, label.start, label.end, label.kind, label.said_by, label.said_at)
    return tuple(map(_cell, told))


def _meter(meter: MeterState) -> tuple[str, ...]:
    return tuple(map(_cell, (meter.machine, meter.unit, meter.value, utc_of_ns(meter.at_ns))))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if hasattr(value, "isoformat"):
        return str(value.isoformat()).replace("+00:00", "Z")
    return repr(value) if isinstance(value, float) else str(value)


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
