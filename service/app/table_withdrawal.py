"""Taking the readings of an import back out of the store."""

import numpy as np

from configs.plant import LifeUnit, MachineId
from ingest.meter import MeterState
from ingest.ports import Withdrawal, Withdrawing
from service.app.table_folder import StagedReadings, TableFolder
from service.app.table_ports import TableStore
from service.app.table_storing import MINUTE_NS
from service.errors import ConflictError
from service.state.table_imports import Added


def take_out(store: TableStore, folder: TableFolder, import_id: str, added: Added) -> None:
    """Take out every value that an import stored, and what the meters gained by it."""
    minutes: dict[MachineId, list[StagedReadings]] = {}
    for staged in folder.staged(import_id):
        minutes.setdefault(staged.machine, []).append(staged)
    if not minutes:
        return
    if not isinstance(store, Withdrawing):
        raise ConflictError("readings cannot be taken back out of this store; only the embedded one can do that")
    for machine, own in minutes.items():
        times = np.concatenate([each.times_ns for each in own])
        store.withdraw(
            Withdrawal(
                equipment_type=own[0].equipment_type,
                machine=machine,
                boot=import_id,
                minutes_ns=np.unique(times // MINUTE_NS * MINUTE_NS),
                meters=_gained_by(machine, added),
            )
        )


def _gained_by(machine: MachineId, added: Added) -> tuple[MeterState, ...]:
    own = ((name.split(" ")[1], value) for name, value in added.meters.items() if name.split(" ")[0] == machine)
    return tuple(MeterState(machine=machine, unit=LifeUnit(unit), value=value, at_ns=0) for unit, value in own)
