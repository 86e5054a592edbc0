"""What judging stored rows again comes to."""

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId
from ingest.ports import Reflagged
from ingest.reading import Flags, ReadingBatch

MINUTE_NS = 60_000_000_000


def reflagged(batch: ReadingBatch, flags: Flags) -> tuple[Reflagged, NDArray[np.bool_]]:
    """Return what changes of one machine's rows, in order of event time, and in which rows (n,) something does."""
    reported = ~np.isnan(batch.values)
    different = (flags != batch.quality) & reported
    changed = different.any(axis=1)
    last = []
    for at, sensor in enumerate(batch.sensors):
        rows = np.flatnonzero(reported[:, at])
        if rows.size and different[rows[-1], at]:
            last.append((str(sensor), int(batch.event_times_ns[rows[-1]]), int(flags[rows[-1], at])))
    minutes = np.unique(batch.event_times_ns[changed] // MINUTE_NS * MINUTE_NS)
    outcome = Reflagged(
        equipment_type=batch.equipment_type,
        machine=MachineId(batch.machines[0]) if batch.machines.size else MachineId(""),
        cells=int(different.sum()),
        minutes_ns=minutes.tolist(),
        last_flags=last,
    )
    return outcome, changed
