"""Whether a machine works in a window: only then is its condition judged."""

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType
from ingest.operation import OperatingState
from ingest.rollup import WindowBlock


def is_running(block: WindowBlock, equipment_type: EquipmentType) -> NDArray[np.bool_]:
    """Return of each window (n,) whether the machine executed.

    A reported state decides. Where none is reported the operating rule of the type does, and a machine without a
    rule counts as running; a rule whose sensor has no good value says nothing, so the window does not count.
    """
    executing: NDArray[np.bool_] = block.states == OperatingState.EXECUTING.value
    unknown: NDArray[np.bool_] = block.states == OperatingState.UNKNOWN.value
    rule = equipment_type.operating_rule
    if rule is None:
        return executing | unknown
    if rule.sensor not in block.sensors:
        return executing
    return executing | (unknown & (block.mean[:, block.sensors.index(rule.sensor)] > rule.above))
