"""NAB, the Numenta Anomaly Benchmark: the temperature inside a large machine, every five minutes."""

from pathlib import Path

import numpy as np

from configs.plant import EquipmentTypeId, SensorId
from service.errors import InvalidRequestError
from service.operations.recordings.recording import Recording, Track
from service.operations.recordings.table_text import numbers_of, read_table, times_of

EQUIPMENT_TYPE = EquipmentTypeId("machine_temperature")
FILE_NAME = "machine_temperature_system_failure.csv"
SENSOR = SensorId("temperature")
TIME, VALUE = "timestamp", "value"


def read_nab(path: Path) -> Recording:
    """Return the recording of a file, or of the file in a folder."""
    file = path / FILE_NAME if path.is_dir() else path
    table = read_table(file)
    if not {TIME, VALUE} <= set(table.columns):
        raise InvalidRequestError(f"{file}: is no NAB file, it needs the columns {TIME} and {VALUE}; try `replay csv`")
    times = times_of(file, table[TIME])
    order = np.argsort(times, kind="stable")
    values = numbers_of(table[VALUE])[order, None]
    track = Track(name=file.stem, times_ns=times[order], sensors=(SENSOR,), values=values)
    return Recording(equipment_type=EQUIPMENT_TYPE, tracks=(track,), left_out=())
