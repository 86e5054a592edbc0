"""Features of closed windows: what each sensor did, and the regime in which the machine worked."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentType, MachineId, SensorId, SensorRole
from ingest.rollup import WindowBlock
from models.feature_window import FeatureBlock
from models.features.recursion import Fading, Layout, Matrix, Smoothed, decay, layout_of
from models.features.regime import is_running
from models.features.rows import number_machines

LAGS_S = (900.0, 3600.0, 14_400.0)
"""Time constants by which heat follows load, in seconds: a small motor or spindle, a machine's body, a large one's."""

LEAST_GOOD_SHARE = 0.5
LEAST_FOR_SPREAD = 4.0
LEAST_SENSORS = 0.5
_NS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePlan:
    """Which features the windows of an equipment type have, in the order of their columns.

    `judged` are the condition sensors, each with a mean and a spread; `regime` the names of the features that tell
    how the machine worked: context sensors, their lags, and the lags of running itself.
    """

    equipment_type: EquipmentType
    judged: tuple[SensorId, ...]
    context: tuple[SensorId, ...]
    names: tuple[str, ...]

    @property
    def regime(self) -> tuple[str, ...]:
        """The names of the regime features, which come last."""
        return self.names[2 * len(self.judged) :]


def plan_features(equipment_type: EquipmentType) -> FeaturePlan:
    """Return the features of an equipment type."""
    judged = tuple(s.id for s in equipment_type.sensors if s.role is SensorRole.CONDITION)
    context = tuple(s.id for s in equipment_type.sensors if s.role is SensorRole.CONTEXT)
    lags = tuple(f"{name}.lag_{span:.0f}s" for span in LAGS_S for name in ("running", *context))
    names = (*(f"{s}.mean" for s in judged), *(f"{s}.spread" for s in judged), *(f"{s}.mean" for s in context), *lags)
    return FeaturePlan(equipment_type=equipment_type, judged=judged, context=context, names=names)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureMemory:
    """What the features of a machine's next window depend on: the end of its last one, and where its lags stand.

    `totals` and `weights` of the lags are empty before the first window.
    """

    seen_ns: int = 0
    totals: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()


def extract(
    block: WindowBlock, plan: FeaturePlan, memories: Mapping[MachineId, FeatureMemory]
) -> tuple[FeatureBlock, dict[MachineId, FeatureMemory]]:
    """Return the features of a block of windows, and what the next block of the same machines depends on.

    A value counts where at least half of what was reported is good; a spread where four good values stand behind it.
    A window is usable where half of the judged sensors and every context sensor have a value.
    """
    machines, code = number_machines(block.machines)
    layout = layout_of(code, len(machines))
    ends = block.starts_ns + round(block.width_s * _NS)
    running = is_running(block, plan.equipment_type)
    mean, spread = _columns(block, plan.judged)
    context, _ = _columns(block, plan.context)
    before = [memories.get(machine, FeatureMemory()) for machine in machines]
    driven = np.column_stack([running.astype(np.float64), np.where(running[:, None], context, np.nan)])
    lags, last = _lags(driven, layout, (ends, block.width_s), before)
    present = ~np.isnan(mean)
    usable = (present.sum(axis=1) >= max(1.0, LEAST_SENSORS * len(plan.judged))) & ~np.isnan(context).any(axis=1)
    features = FeatureBlock(
        equipment_type=block.equipment_type,
        names=plan.names,
        machines=block.machines,
        ends_ns=ends,
        running=running,
        usable=usable,
        features=np.column_stack([mean, spread, context, lags]),
    )
    return features, _remember(machines, layout, ends, last)


def _columns(block: WindowBlock, sensors: tuple[SensorId, ...]) -> tuple[Matrix, Matrix]:
    """Return means and spreads (n, len(sensors)), NaN where too little is good or a sensor is not in the block."""
    mean, spread = (np.full((block.starts_ns.size, len(sensors)), np.nan) for _ in range(2))
    for column, sensor in enumerate(sensors):
        if sensor in block.sensors:
            source = block.sensors.index(sensor)
            good = (block.count[:, source] >= 1) & (block.good_share[:, source] >= LEAST_GOOD_SHARE)
            mean[good, column] = block.mean[good, source]
            many = good & (block.count[:, source] >= LEAST_FOR_SPREAD)
            spread[many, column] = block.std[many, source]
    return mean, spread


def _lags(
    driven: Matrix, layout: Layout, when: tuple[NDArray[np.int64], float], before: list[FeatureMemory]
) -> tuple[Matrix, Smoothed]:
    """Return the lags of running and context (n, lags), and where they stand.

    A machine that is first seen, or whose sensors have changed, counts as warm. While nothing is reported a machine does not run, so that the lags of
    running fall; nothing is known of the context then.
    """
    ends, width_s = when
    seen = np.array([memory.seen_ns for memory in before], dtype=np.int64)
    previous = np.where(layout.step > 0, np.concatenate(([0], ends[:-1])), seen[layout.machine])
    elapsed_s = np.where(previous > 0, (ends - previous) / _NS, width_s)
    count = driven.shape[1]
    spans = np.repeat(LAGS_S, count)[None, :]
    is_running = (np.arange(count * len(LAGS_S)) % count == 0)[None, :]
    keep = np.exp(-elapsed_s[:, None] / spans)
    new = np.broadcast_to(1.0 - np.exp(-width_s / spans), keep.shape)
    how = Fading(keep=keep, new=new, counted=np.where(is_running, 1.0 - keep, new))
    warm = tuple(is_running[0].astype(np.float64).tolist())
    stood = Smoothed(
        total=np.array([memory.totals or warm for memory in before], dtype=np.float64).reshape(len(before), len(warm)),
        weight=np.array([memory.weights or warm for memory in before], dtype=np.float64).reshape(
            len(before), len(warm)
        ),
    )
    return decay(np.tile(driven, len(LAGS_S)), how, layout, stood)


def _remember(
    machines: tuple[MachineId, ...], layout: Layout, ends: NDArray[np.int64], last: Smoothed
) -> dict[MachineId, FeatureMemory]:
    newest = ends[np.cumsum(layout.lengths) - 1] if machines else ends
    totals, weights = last.total.tolist(), last.weight.tolist()
    return {
        machine: FeatureMemory(seen_ns=int(newest[i]), totals=tuple(totals[i]), weights=tuple(weights[i]))
        for i, machine in enumerate(machines)
    }
