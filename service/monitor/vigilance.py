"""What cannot wait for a window to close: limits on newest values, and machines that have gone silent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from configs.plant import LimitLevel, Machine, MachineId, OperatingRule, SensorId
from ingest.operation import OperatingState
from ingest.ports import LastValue, MachineProgress
from ingest.reading import UNTRUSTED
from models.condition import Condition, ConditionKind
from models.state_detection.limits import LimitMemory, Samples
from models.state_detection.window_limits import Standing, judge_limits

SILENT_WINDOWS = 5.0
LEAST_SILENCE_S = 300.0
"""A running machine is silent after so long without a message, or five windows where that is longer."""

NEW_ARRIVAL_NS = 7 * 86_400_000_000_000
"""A machine that has not been heard of for longer has been taken away, or is only known from an import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveView:
    """What is newest of one machine: its values that can be trusted, and whether it runs."""

    machine: Machine
    values: Mapping[SensorId, LastValue]
    runs: bool


@dataclass(slots=True)
class NewestValues:
    """Remembers which newest values have been judged, so that only what is new is judged again."""

    seen: dict[tuple[MachineId, SensorId], int] = field(default_factory=dict)

    def fresh(self, values: Iterable[LastValue]) -> list[LastValue]:
        """Return the values that are newer than when they were last asked for."""
        news = [v for v in values if self.seen.get((v.machine, v.sensor)) != v.event_time_ns]
        self.seen.update({(v.machine, v.sensor): v.event_time_ns for v in news})
        return news


def live_views(
    machines: Mapping[MachineId, tuple[Machine, OperatingRule | None]],
    progress: Mapping[MachineId, MachineProgress],
    values: Iterable[LastValue],
) -> list[LiveView]:
    """Return the newest values of machines that have limits."""
    trusted: dict[MachineId, dict[SensorId, LastValue]] = {}
    for value in values:
        if value.machine in machines and not value.quality & int(UNTRUSTED):
            trusted.setdefault(value.machine, {})[value.sensor] = value
    return [
        LiveView(machine=machine, values=own, runs=_runs(progress[name].state, rule, own))
        for name, own in trusted.items()
        if name in progress
        for machine, rule in (machines[name],)
    ]


def _runs(state: OperatingState, rule: OperatingRule | None, values: Mapping[SensorId, LastValue]) -> bool:
    if state is not OperatingState.UNKNOWN or rule is None:
        return state in (OperatingState.EXECUTING, OperatingState.UNKNOWN)
    shown = values.get(rule.sensor)
    return shown is not None and shown.value > rule.above


def judge_live(view: LiveView, known: tuple[LimitMemory, ...]) -> Standing:
    """Return the conditions of a machine's limits on its newest values, and where the limits stand."""
    samples = {
        sensor: Samples(
            times_ns=np.array([value.event_time_ns], dtype=np.int64),
            values=np.array([value.value], dtype=np.float64),
            judged=np.array([view.runs], dtype=np.bool_),
        )
        for sensor, value in view.values.items()
    }
    return judge_limits(view.machine, samples, known)


def silence(progress: MachineProgress, window_s: float, now_ns: int) -> Condition | None:
    """Return the condition that a machine, which ran when it was last heard of, has gone silent; else None."""
    heard = progress.newest_received_time_ns
    longest = max(SILENT_WINDOWS * window_s, LEAST_SILENCE_S) * 1e9
    runs = progress.state in (OperatingState.EXECUTING, OperatingState.UNKNOWN)
    if not runs or heard <= 0 or not longest < now_ns - heard < NEW_ARRIVAL_NS:
        return None
    return Condition(
        machine=progress.machine,
        kind=ConditionKind.NO_DATA,
        level=LimitLevel.WARNING,
        since_ns=heard,
        until_ns=None,
        score=1.0,
        sensor=None,
        value=None,
        limit=None,
        contributions=(),
        slots=(),
    )
