"""C-MAPSS: simulated turbofan engines run to failure, one row a flight cycle, one machine an engine.

The sets have no clock. A cycle becomes one operating hour, and the sensor `cycle` counts them.
"""

from io import StringIO
from pathlib import Path

import numpy as np

from configs.plant import IDENTIFIER, EquipmentTypeId, SensorId
from service.errors import InvalidRequestError
from service.operations.recordings.recording import SECOND_NS, Recording, Track
from service.operations.recordings.table_text import read_text

EQUIPMENT_TYPE = EquipmentTypeId("turbofan_engine")
CYCLE_NS = 3600 * SECOND_NS
SENSORS = tuple(
    SensorId(name)
    for name in (
        "cycle", "setting_1", "setting_2", "setting_3", "t2", "t24", "t30", "t50", "p2", "p15", "p30", "nf", "nc", "epr", "ps30",
        "phi", "nrf", "nrc", "bpr", "farb", "htbleed", "nf_dmd", "pcnfr_dmd", "w31", "w32",
    )
)  # fmt: skip
SUBSETS = ("FD001", "FD002", "FD003", "FD004")


def read_cmapss(path: Path, subset: str = "FD001", engines: int | None = None) -> Recording:
    """Return the training engines of a subset in a folder, or the engines of a file; the first `engines` of them."""
    file = path / f"train_{_checked(subset)}.txt" if path.is_dir() else path
    rows = _rows(file)
    units = np.unique(rows[:, 0])[:engines]
    stem = file.stem.split("_")[-1].lower()
    prefix = stem if IDENTIFIER.fullmatch(stem) else "engine"
    tracks = tuple(_track(rows[rows[:, 0] == unit], f"{prefix}-{int(unit):03d}") for unit in units)
    return Recording(equipment_type=EQUIPMENT_TYPE, tracks=tracks, left_out=())


def _checked(subset: str) -> str:
    if subset.upper() not in SUBSETS:
        raise InvalidRequestError(f"C-MAPSS has no set {subset!r}; it has {', '.join(SUBSETS)}")
    return subset.upper()


def _rows(file: Path) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    text = read_text(file)
    try:
        rows = np.loadtxt(StringIO(text), dtype=np.float64, ndmin=2)
    except ValueError as error:
        raise InvalidRequestError(f"{file}: is no C-MAPSS file ({error})") from None
    if rows.shape[0] == 0 or rows.shape[1] != 1 + len(SENSORS) or not np.isfinite(rows).all():
        told = f"{file}: is no C-MAPSS file, it needs rows of {1 + len(SENSORS)} numbers: engine, cycle, 3 settings, 21 sensors"
        raise InvalidRequestError(told)
    return rows


def _track(rows: np.ndarray[tuple[int, int], np.dtype[np.float64]], name: str) -> Track:
    in_order = rows[np.argsort(rows[:, 1], kind="stable")]
    return Track(
        name=name,
        times_ns=np.asarray(in_order[:, 1] * CYCLE_NS, np.int64),
        sensors=SENSORS,
        values=in_order[:, 1:],
    )
