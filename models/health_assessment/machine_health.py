"""What the judgement of its windows says of each machine: the anomaly that holds, its health, where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import LimitLevel, Machine, MachineId
from models.condition import Condition, ConditionKind
from models.health import Health, HealthStatus, SlotHealth
from models.health_assessment.detection_state import DetectionState, Renewal
from models.health_assessment.indicator import health_of
from models.health_assessment.judgement import Ground, Judged
from models.state_detection.attribution import contributions, fitting_slots
from models.state_detection.persistence import Span, track

HALF_AT_THRESHOLD = 50.0
"""Health lost per unit of anomaly score by a machine none of whose slots can be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What was found of one learnt machine in a block: where it stands, and the anomalies that held."""

    state: DetectionState
    slots: tuple[SlotHealth, ...]
    conditions: tuple[Condition, ...]
    scored: bool


def find(ground: Ground, judged: Judged, states: Mapping[MachineId, DetectionState]) -> dict[MachineId, Findings]:
    """Return the findings of every machine that was judged, those without a scored window too."""
    order = np.argsort(judged.machine, kind="stable")
    edges = np.searchsorted(judged.machine[order], np.arange(len(judged.machines) + 1))
    return {
        machine.id: _find(ground, judged, (i, order[edges[i] : edges[i + 1]]), states[machine.id])
        for i, machine in enumerate(judged.machines)
    }


def _find(ground: Ground, judged: Judged, which: tuple[int, NDArray[np.int64]], before: DetectionState) -> Findings:
    i, rows = which
    machine = judged.machines[i]
    scores = judged.novelty.score[rows]
    known = before if _is_same(before, judged, i) else replace(before, alarm=DetectionState().alarm, anomaly=None)
    spans, alarm = track(scores, judged.ends_ns[rows], known.alarm)
    conditions = tuple(_anomaly(ground, judged, (machine, rows), span) for span in spans)
    if not conditions and known.anomaly is not None:
        conditions = (known.anomaly,)
    standing = [condition for condition in conditions if condition.until_ns is None]
    finite = scores[~np.isnan(scores)]
    state = replace(
        known,
        recursions=judged.recursions[i],
        renewals=_counted(known.renewals, judged.renewals[i]),
        alarm=alarm,
        anomaly=standing[-1] if standing else None,
        score=float(finite[-1]) if finite.size else known.score,
    )
    return Findings(state=state, slots=_slot_healths(judged, i), conditions=conditions, scored=bool(finite.size))


def _is_same(before: DetectionState, judged: Judged, i: int) -> bool:
    known = before.recursions
    return known is not None and known.learnt_to_ns == judged.recursions[i].learnt_to_ns


def _counted(before: tuple[Renewal, ...], news: tuple[Renewal, ...]) -> tuple[Renewal, ...]:
    newest = {renewal.slot: renewal for renewal in (*before, *news)}
    return tuple(newest[slot] for slot in sorted(newest))


def _anomaly(ground: Ground, judged: Judged, where: tuple[Machine, NDArray[np.int64]], span: Span) -> Condition:
    """Return the condition of a stretch, with what it rested on when it was strongest."""
    machine, rows = where
    stretch = rows[span.first : span.last + 1]
    row = int(stretch[np.nanargmax(judged.novelty.score[stretch])])
    return Condition(
        machine=machine.id,
        kind=ConditionKind.ANOMALY,
        level=LimitLevel.WARNING,
        since_ns=span.since_ns,
        until_ns=span.until_ns,
        score=float(judged.novelty.score[row]),
        sensor=None,
        value=None,
        limit=None,
        contributions=contributions(ground.model, ground.judged, judged.novelty, row),
        slots=fitting_slots(machine, ground.judged, judged.novelty.smoothed[row]),
    )


def _slot_healths(judged: Judged, i: int) -> tuple[SlotHealth, ...]:
    standing = judged.indicators[i].tolist()
    return tuple(
        SlotHealth(slot=slot.id, health=health_of(value), indicator=value)
        for slot, value in zip(judged.machines[i].slots, standing, strict=False)
        if not np.isnan(value)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestWindow:
    """The newest window of a machine: its end, whether it ran, and whether enough was reported to judge it."""

    end_ns: int
    running: bool
    usable: bool


def health_of_machine(
    machine: MachineId, state: DetectionState, needed_s: float, newest: NewestWindow, found: Findings | None
) -> Health:
    """Return the health of a machine: that of its worst slot, or why there is no number.

    A machine that does not run keeps the health that it had. One without a slot that can be judged is as healthy as its
    anomaly score is low: 50 at the threshold.
    """
    status = _status(newest, found)
    score = state.score if found is not None and status is not HealthStatus.NO_DATA else None
    slots = found.slots if found is not None else ()
    return Health(
        machine=machine,
        at_ns=newest.end_ns,
        status=status,
        health=None if status in (HealthStatus.LEARNING, HealthStatus.NO_DATA) else _worst(slots, score),
        anomaly=score,
        learnt_s=min(state.learning.learnt_s, needed_s),
        needed_s=needed_s,
        slots=slots,
    )


def _status(newest: NewestWindow, found: Findings | None) -> HealthStatus:
    if found is None:
        return HealthStatus.LEARNING
    if not newest.running:
        return HealthStatus.NOT_RUNNING
    return HealthStatus.OK if newest.usable else HealthStatus.NO_DATA


def _worst(slots: tuple[SlotHealth, ...], score: float | None) -> float | None:
    if slots:
        return min(slot.health for slot in slots)
    return None if score is None else min(max(100.0 - HALF_AT_THRESHOLD * score, 0.0), 100.0)
