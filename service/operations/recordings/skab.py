"""SKAB, the Skoltech Anomaly Benchmark: a water rig at 1 Hz, one experiment a file, with labels that stay here."""

from pathlib import Path

import numpy as np

from configs.plant import EquipmentTypeId, SensorId
from service.errors import InvalidRequestError
from service.operations.recordings.recording import Recording, Track
from service.operations.recordings.table_text import numbers_of, read_table, times_of

EQUIPMENT_TYPE = EquipmentTypeId("skab_water_rig")
TIME = "datetime"
SENSORS = {
    "Accelerometer1RMS": SensorId("accelerometer1_rms"),
    "Accelerometer2RMS": SensorId("accelerometer2_rms"),
    "Current": SensorId("current"),
    "Pressure": SensorId("pressure"),
    "Temperature": SensorId("temperature"),
    "Thermocouple": SensorId("thermocouple"),
    "Voltage": SensorId("voltage"),
    "Volume Flow RateRMS": SensorId("volume_flow_rate_rms"),
}


def read_skab(path: Path) -> Recording:
    """Return one experiment."""
    table = read_table(path)
    lacking = [column for column in (TIME, *SENSORS) if column not in table.columns]
    if lacking:
        raise InvalidRequestError(f"{path}: is no SKAB file, it has no column {', '.join(lacking)}; try `replay csv`")
    times = times_of(path, table[TIME])
    order = np.argsort(times, kind="stable")
    values = np.column_stack([numbers_of(table[column]) for column in SENSORS])
    track = Track(name=path.stem, times_ns=times[order], sensors=tuple(SENSORS.values()), values=values[order])
    left_out = tuple(column for column in table.columns if column != TIME and column not in SENSORS)
    return Recording(equipment_type=EQUIPMENT_TYPE, tracks=(track,), left_out=left_out)
