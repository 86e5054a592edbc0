"""The operating state of every row: reported, or told by a sensor, or as it was."""

import numpy as np
from numpy.typing import NDArray

from ingest.columns import Rows, row_of_last, segment_starts
from ingest.operation import OperatingState
from ingest.quality.memory import QualityMemory
from ingest.quality.profile import TypeProfile
from ingest.reading import ReadingBatch


def resolve_states(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch) -> NDArray[np.object_]:
    """Return the operating state of every row, shape (n,).

    What the row reports; else what the type's operating rule tells from a sensor; else the machine's last state;
    else executing, for a machine that never tells.
    """
    states = _ruled_states(profile, batch)
    reported = np.array([state is not None for state in states], dtype=bool)
    if reported.all():
        return states
    code = machine_codes(profile, batch)
    starts = segment_starts(code)
    source = row_of_last(reported[:, None], starts)[:, 0]
    resolved = states[source]
    unknown = ~reported[source]
    resolved[unknown] = memory.state[code[unknown]]
    silent = np.array([state is None for state in resolved], dtype=bool)
    resolved[silent] = OperatingState.EXECUTING.value
    return resolved


def machine_codes(profile: TypeProfile, batch: ReadingBatch) -> Rows:
    """Return the position in the profile of every row's machine."""
    return np.fromiter((profile.machines[m] for m in batch.machines.tolist()), np.int64, batch.machines.size)


def _ruled_states(profile: TypeProfile, batch: ReadingBatch) -> NDArray[np.object_]:
    rule = profile.operating_rule
    if rule is None or rule.sensor not in batch.sensors:
        return batch.states.copy()
    column = batch.values[:, batch.sensors.index(rule.sensor)]
    told = np.where(column > rule.above, OperatingState.EXECUTING.value, OperatingState.IDLE.value).astype(object)
    told[np.isnan(column)] = None
    reported = np.array([state is not None for state in batch.states], dtype=bool)
    return np.where(reported, batch.states, told)
