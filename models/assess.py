"""Windows in, health and conditions out; evidence in, predictions out. The one way for history and live data."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from configs.plant import Machine, MachineId
from ingest.ports import ConditionBlock
from ingest.rollup import WindowBlock
from models.artefact import TypeModel
from models.condition import Condition
from models.feature_window import FeatureBlock
from models.features.recursion import Layout, layout_of
from models.features.rows import number_machines, take, take_windows
from models.features.windowing import FeatureMemory, FeaturePlan, extract
from models.health import Health
from models.health_assessment.detection_state import DetectionState, HourMemory, Renewal
from models.health_assessment.hours import NO_HOURS, hours_over
from models.health_assessment.judgement import Ground, judge
from models.health_assessment.machine_health import Findings, NewestWindow, find, health_of_machine
from models.prognosis.slots import assess_slots
from models.state_detection.learning import Learning, advance_learning
from models.state_detection.window_limits import judge_window_limits

__all__ = ["MachineAssessment", "Watched", "WindowsAssessed", "assess_slots", "assess_windows"]

_NS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The machines of one equipment type, as they are judged.

    `model` is None before any was learnt. `parts` tell when parts came into slots, oldest first. Slots whose parts last
    too short for a trend are left out of `machines` by the caller.
    """

    plan: FeaturePlan
    machines: tuple[Machine, ...]
    model: TypeModel | None
    parts: Mapping[MachineId, tuple[Renewal, ...]]

    def learnt(self) -> frozenset[MachineId]:
        """Return the machines that the model has learnt."""
        return frozenset(self.model.baselines.machines) if self.model is not None else frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineAssessment:
    """What windows say of one machine: assessed up to `window_end_ns`, with the conditions that held on the way."""

    machine: MachineId
    window_end_ns: int
    state: DetectionState
    health: Health
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowsAssessed:
    """What a block of windows says: one assessment per machine that it holds, and the hours that are over."""

    machines: tuple[MachineAssessment, ...]
    hours: ConditionBlock


def assess_windows(block: WindowBlock, watched: Watched, states: Mapping[MachineId, DetectionState]) -> WindowsAssessed:
    """Return what a block of closed windows says of its machines; window by window or all at once, it says the same.

    A machine whose learning is completed within the block is assessed up to the window that completes it: fit the
    model, then go on from there.
    """
    known = {machine.id: states.get(machine.id, DetectionState()) for machine in watched.machines}
    windows = _extracted(block, watched, known)
    limits = judge_window_limits(
        (windows.block.sensors, windows.block.mean),
        (windows.features.ends_ns, windows.features.running),
        windows.layout,
        [(machine, known[machine.id].limits) for machine in windows.machines],
    )
    found, hours, under_way = _judged(windows, watched, known)
    assessments = []
    for i, machine in enumerate(windows.machines):
        before = known[machine.id]
        findings = found.get(machine.id)
        state = replace(
            before if findings is None else findings.state,
            features=windows.memories[machine.id],
            learning=windows.learning.get(machine.id, before.learning),
            limits=limits[i][1],
            hour=under_way.get(machine.id, before.hour),
        )
        newest = windows.newest(i)
        health = health_of_machine(machine.id, state, watched.plan.equipment_type.learning_span_s, newest, findings)
        assessments.append(
            MachineAssessment(
                machine=machine.id,
                window_end_ns=newest.end_ns,
                state=state,
                health=health,
                conditions=(*limits[i][0], *(findings.conditions if findings else ())),
            )
        )
    return WindowsAssessed(machines=tuple(assessments), hours=hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Windows:
    """A block with its features; `machines` are those that it holds, in order."""

    block: WindowBlock
    features: FeatureBlock
    machines: tuple[Machine, ...]
    layout: Layout
    memories: Mapping[MachineId, FeatureMemory]
    learning: Mapping[MachineId, Learning]

    def newest(self, i: int) -> NewestWindow:
        """Return the last window of the i-th machine."""
        row = int(self.layout.lengths[: i + 1].sum()) - 1
        return NewestWindow(
            end_ns=int(self.features.ends_ns[row]),
            running=bool(self.features.running[row]),
            usable=bool(self.features.usable[row]),
        )


def _extracted(block: WindowBlock, watched: Watched, known: Mapping[MachineId, DetectionState]) -> _Windows:
    """Return the features of a block, cut where a machine completes its learning."""
    before = {name: state.features for name, state in known.items()}
    features, memories = extract(block, watched.plan, before)
    learning = _advanced(features, watched, known)
    upto = {name: each.to_ns for name, each in learning.items() if each.to_ns is not None}
    if upto:
        names, code = number_machines(features.machines)
        last = np.array([upto.get(name, np.iinfo(np.int64).max) for name in names], dtype=np.int64)
        keep = features.ends_ns <= last[code]
        block = take_windows(block, keep)
        features, memories = extract(block, watched.plan, before)
    names, code = number_machines(features.machines)
    by_id = {machine.id: machine for machine in watched.machines}
    return _Windows(
        block=block,
        features=features,
        machines=tuple(by_id[name] for name in names),
        layout=layout_of(code, len(names)),
        memories=memories,
        learning=learning,
    )


def _advanced(
    features: FeatureBlock, watched: Watched, known: Mapping[MachineId, DetectionState]
) -> dict[MachineId, Learning]:
    """Return the learning of the machines in a block that the model has not learnt yet."""
    learnt = watched.learnt()
    names, code = number_machines(features.machines)
    fresh = np.array([name not in learnt for name in names], dtype=np.bool_)
    if not fresh.any():
        return {}
    kind = watched.plan.equipment_type
    before = {name: known[name].learning for name in names}
    return advance_learning(take(features, fresh[code]), kind.window_s, kind.learning_span_s, before)


def _judged(
    windows: _Windows, watched: Watched, known: Mapping[MachineId, DetectionState]
) -> tuple[dict[MachineId, Findings], ConditionBlock, dict[MachineId, HourMemory]]:
    """Return the findings of the machines that were learnt, their hours that are over, and those under way."""
    learnt = watched.learnt()
    machines = tuple(machine for machine in windows.machines if machine.id in learnt)
    if watched.model is None or not machines:
        return {}, NO_HOURS, {}
    ground = Ground(model=watched.model, judged=watched.plan.judged, machines=machines)
    rows = np.array([name in learnt for name in windows.features.machines.tolist()], dtype=np.bool_)
    judged = judge(ground, take(windows.features, rows), known, watched.parts)
    upto = np.array([windows.memories[machine.id].seen_ns for machine in machines], dtype=np.int64)
    before = [known[machine.id].hour for machine in machines]
    hours, under_way = hours_over(judged, round(watched.model.window_s * _NS), before, upto)
    return find(ground, judged, known), hours, {m.id: under_way[i] for i, m in enumerate(machines)}
