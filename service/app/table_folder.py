"""The files of imports: each in a folder of its own, as it was handed in, and its readings as they were read."""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from configs.plant import EquipmentTypeId, MachineId, SensorId
from ingest.errors import TableFileError
from ingest.reading import Times, Values
from ingest.sources.table_file import LARGEST_BYTES
from service.app.data_folder import translate_disk_errors
from service.errors import NotFoundError

FOLDER = "imports"
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedReadings:
    """Readings of one machine, read and not yet stored: times (n,), values (n, n_sensors), NaN where there is none."""

    machine: MachineId
    equipment_type: EquipmentTypeId
    sensors: tuple[SensorId, ...]
    times_ns: Times
    states: tuple[str | None, ...]
    values: Values


class TableFolder:
    """Keeps the files of imports under the data folder."""

    def __init__(self, data_folder: Path) -> None:
        self._folder = data_folder / FOLDER

    def keep(self, import_id: str, file_name: str, file: BinaryIO) -> str:
        """Copy a file in; return its sha256. TableFileError, and nothing kept, where it is too large."""
        own = self._folder / import_id
        digest, size = hashlib.sha256(), 0
        with translate_disk_errors(self._folder):
            own.mkdir(parents=True, mode=0o700)
            with (own / _safe(file_name)).open("wb") as copy:
                while block := file.read(_BLOCK):
                    size += len(block)
                    if size > LARGEST_BYTES:
                        break
                    digest.update(block)
                    copy.write(block)
        if size > LARGEST_BYTES:
            self.forget(import_id)
            raise TableFileError(
                f"{file_name}: larger than {LARGEST_BYTES // 1_000_000} MB; split it by year or machine"
            )
        return digest.hexdigest()

    def file_of(self, import_id: str) -> Path:
        """Return the file as it was handed in; NotFoundError where it is not kept."""
        found = [path for path in (self._folder / import_id).glob("*") if path.is_file()]
        if not found:
            raise NotFoundError("the file of this import is not kept any more; hand it in again")
        return found[0]

    def stage(self, import_id: str, readings: Iterable[StagedReadings]) -> None:
        """Replace the readings of an import."""
        folder = self._folder / import_id / "readings"
        shutil.rmtree(folder, ignore_errors=True)
        with translate_disk_errors(self._folder):
            folder.mkdir(parents=True)
            for number, each in enumerate(readings):
                np.savez(
                    folder / f"{number:04}.npz",
                    machine=np.array([each.machine, each.equipment_type]),
                    sensors=np.array(each.sensors, dtype=str),
                    times_ns=each.times_ns,
                    states=np.array([state or "" for state in each.states], dtype=str),
                    values=each.values,
                )

    def staged(self, import_id: str) -> Iterator[StagedReadings]:
        """Give the readings of an import, a machine of a sheet at a time."""
        for path in sorted((self._folder / import_id / "readings").glob("*.npz")):
            with np.load(path) as kept:
                machine, equipment_type = kept["machine"].tolist()
                yield StagedReadings(
                    machine=MachineId(machine),
                    equipment_type=EquipmentTypeId(equipment_type),
                    sensors=tuple(map(SensorId, kept["sensors"].tolist())),
                    times_ns=kept["times_ns"],
                    states=tuple(state or None for state in kept["states"].tolist()),
                    values=kept["values"],
                )

    def forget(self, import_id: str) -> None:
        """Delete everything of an import."""
        shutil.rmtree(self._folder / import_id, ignore_errors=True)


def _safe(file_name: str) -> str:
    name = Path(file_name.replace("\\", "/")).name.replace("\x00", "")[:120]
    return name if name.strip(".") else "table"
