"""Assessing closed windows of one fleet, in stretches that fit into memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from configs.plant import MachineId
from ingest.ports import MachineProgress, TelemetryStore
from ingest.rollup import WindowBlock
from models.assess import WindowsAssessed, assess_windows
from models.features.rows import number_machines, take_windows
from models.health_assessment.detection_state import DetectionState, Renewal
from service.monitor.fleet import Fleet, Standing

WINDOWS_AT_ONCE = 12_000
"""Machine windows per stretch: a day of eight machines by the minute; it bounds the memory of a back-fill."""

NEAR_WINDOWS = 180
"""Machines this few windows behind are assessed together, however far behind the others are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Windows of some machines that are due: those that end after each machine's `after_ns`, up to its `upto_ns`.

    `is_far` says that the machines are so far behind that assessing them takes a while.
    """

    machines: tuple[MachineId, ...]
    after_ns: Mapping[MachineId, int]
    upto_ns: Mapping[MachineId, int]
    is_far: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchAssessed:
    """What a stretch of `windows` windows says, and up to where each of its machines is assessed now, with or without one."""

    assessed: WindowsAssessed
    upto_ns: Mapping[MachineId, int]
    windows: int


def next_stretch(fleet: Fleet, standing: Standing, progress: Mapping[MachineId, MachineProgress]) -> Stretch | None:
    """Return the windows to assess next, or None where nothing is due.

    Machines that have learnt enough wait until those that are still learning from stored readings have too, so that a
    fleet with a history is learnt in one go.
    """
    width_ns = round(fleet.equipment_type.window_s * 1e9)
    after = {m: _begun(standing, progress[m], width_ns) for m in fleet.machines if m in progress}
    closed = {m: progress[m].newest_event_time_ns // width_ns * width_ns for m in after}
    due = [m for m in after if closed[m] > after[m] and not is_waiting(fleet, standing, m)]
    if not due:
        return None
    near = [m for m in due if closed[m] - after[m] <= NEAR_WINDOWS * width_ns]
    chosen = near or due
    start = min(after[m] for m in chosen)
    reach = max(WINDOWS_AT_ONCE // len(chosen), NEAR_WINDOWS) * width_ns
    end = min(max(closed[m] for m in chosen), start + reach)
    inside = tuple(sorted(m for m in chosen if after[m] < end))
    return Stretch(
        machines=inside,
        after_ns={m: after[m] for m in inside},
        upto_ns={m: min(closed[m], end) for m in inside},
        is_far=not near,
    )


def is_waiting(fleet: Fleet, standing: Standing, machine: MachineId) -> bool:
    """Whether a machine has seen enough and waits for the model to learn it."""
    state = standing.states.get(machine)
    return state is not None and state.learning.to_ns is not None and not fleet.has_learnt(machine)


def _begun(standing: Standing, progress: MachineProgress, width_ns: int) -> int:
    known = standing.upto_ns.get(progress.machine)
    return known if known is not None else progress.first_event_time_ns // width_ns * width_ns


def assess_stretch(
    telemetry: TelemetryStore,
    fleet: Fleet,
    stretch: Stretch,
    states: Mapping[MachineId, DetectionState],
    parts: Mapping[MachineId, tuple[Renewal, ...]],
) -> StretchAssessed:
    """Return what the windows of a stretch say."""
    block = read_due(telemetry, fleet, stretch)
    assessed = assess_windows(block, fleet.watched(stretch.machines, parts), states)
    upto = dict(stretch.upto_ns)
    for machine in assessed.machines:
        if machine.state.learning.to_ns is not None and not fleet.has_learnt(machine.machine):
            upto[machine.machine] = machine.window_end_ns
    return StretchAssessed(assessed=assessed, upto_ns=upto, windows=block.starts_ns.size)


def read_due(telemetry: TelemetryStore, fleet: Fleet, stretch: Stretch) -> WindowBlock:
    """Return the windows of a stretch."""
    width_ns = round(fleet.equipment_type.window_s * 1e9)
    block = telemetry.read_windows(
        fleet.equipment_type.id,
        stretch.machines,
        start_ns=min(stretch.after_ns.values()),
        end_ns=max(stretch.upto_ns.values()),
        width_s=fleet.equipment_type.window_s,
    )
    names, code = number_machines(block.machines)
    after = np.array([stretch.after_ns[name] for name in names], dtype=np.int64)
    ends = block.starts_ns + width_ns
    upto = np.array([stretch.upto_ns[name] for name in names], dtype=np.int64)
    wanted = (ends > after[code]) & (ends <= upto[code]) if names else np.zeros(0, dtype=np.bool_)
    return take_windows(block, wanted)


def ready_to_learn(fleet: Fleet, standing: Standing) -> Sequence[MachineId]:
    """Return the machines that wait for the model to learn them."""
    return [machine for machine in sorted(fleet.machines) if is_waiting(fleet, standing, machine)]
