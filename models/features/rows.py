"""Choosing windows out of a block, and numbering its machines."""

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId
from ingest.rollup import WindowBlock
from models.feature_window import FeatureBlock
from models.features.recursion import Rows


def number_machines(names: NDArray[np.object_]) -> tuple[tuple[MachineId, ...], Rows]:
    """Return the machines of windows sorted by machine, and the number of each window's machine (n,)."""
    if names.size == 0:
        return (), np.empty(0, np.int64)
    starts = np.flatnonzero(np.concatenate(([True], names[1:] != names[:-1])))
    code = np.repeat(np.arange(starts.size), np.diff(np.append(starts, names.size))).astype(np.int64)
    return tuple(MachineId(name) for name in names[starts].tolist()), code


def take(block: FeatureBlock, rows: NDArray[np.bool_]) -> FeatureBlock:
    """Return the windows of a block that `rows` (n,) names; the block itself where it names them all."""
    if rows.all():
        return block
    return FeatureBlock(
        equipment_type=block.equipment_type,
        names=block.names,
        machines=block.machines[rows],
        ends_ns=block.ends_ns[rows],
        running=block.running[rows],
        usable=block.usable[rows],
        features=block.features[rows],
    )


def take_windows(block: WindowBlock, rows: NDArray[np.bool_]) -> WindowBlock:
    """Return the windows of a block of aggregates that `rows` (n,) names; the block itself where it names them all."""
    if rows.all():
        return block
    return WindowBlock(
        equipment_type=block.equipment_type,
        sensors=block.sensors,
        width_s=block.width_s,
        machines=block.machines[rows],
        starts_ns=block.starts_ns[rows],
        states=block.states[rows],
        count=block.count[rows],
        mean=block.mean[rows],
        minimum=block.minimum[rows],
        maximum=block.maximum[rows],
        std=block.std[rows],
        last=block.last[rows],
        good_share=block.good_share[rows],
    )


def join(blocks: list[FeatureBlock]) -> FeatureBlock:
    """Return the windows of one or more blocks of one equipment type, sorted by machine, then time."""
    machines = np.concatenate([block.machines for block in blocks])
    ends = np.concatenate([block.ends_ns for block in blocks])
    order = np.lexsort((ends, machines.astype(str)))
    return FeatureBlock(
        equipment_type=blocks[0].equipment_type,
        names=blocks[0].names,
        machines=machines[order],
        ends_ns=ends[order],
        running=np.concatenate([block.running for block in blocks])[order],
        usable=np.concatenate([block.usable for block in blocks])[order],
        features=np.concatenate([block.features for block in blocks])[order],
    )
