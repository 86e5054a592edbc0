"""Windows of learnt machines against their baselines: scores and indicators, part by part as parts are replaced."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import Machine, MachineId, SensorId, Slot
from models.artefact import Matrix, TypeModel
from models.feature_window import FeatureBlock
from models.features.recursion import Level, Rows, Smoothed, layout_of
from models.features.rows import take
from models.health_assessment.detection_state import (
    DetectionState,
    Recursions,
    Renewal,
    fresh_recursions,
    stack,
    unstack,
)
from models.health_assessment.failure_limit import scale_slots
from models.health_assessment.indicator import IndicatorMemory, indicate, standing_indicators
from models.state_detection.baseline import Deviation
from models.state_detection.novelty import Novelty, NoveltyMemory, following, score_novelty


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What n windows of learnt machines say; only windows in which a machine ran and enough was known.

    `machine` (n,) numbers `machines`; `raw` are the slots' indicators window by window, (n, slots), and `indicators`
    the smoothed ones as they stand in the end, (machines, slots), NaN where a slot has none. `recursions` and `renewals`
    say where each machine stands after its last window.
    """

    machines: tuple[Machine, ...]
    machine: Rows
    ends_ns: NDArray[np.int64]
    novelty: Novelty
    raw: Matrix
    indicators: Matrix
    recursions: tuple[Recursions, ...]
    renewals: tuple[tuple[Renewal, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What machines are judged by: the model that has learnt them all, and the sensors behind its judged features."""

    model: TypeModel
    judged: tuple[SensorId, ...]
    machines: tuple[Machine, ...]

    def own(self) -> Rows:
        """Return each machine's row in the baselines."""
        row = {machine: i for i, machine in enumerate(self.model.baselines.machines)}
        return np.array([row[machine.id] for machine in self.machines], dtype=np.int64)


def judge(
    ground: Ground,
    features: FeatureBlock,
    states: Mapping[MachineId, DetectionState],
    parts: Mapping[MachineId, tuple[Renewal, ...]],
) -> Judged:
    """Return the judgement of windows of `ground.machines`.

    `states` say where each machine stands and `parts` when parts came into its slots, oldest first. A part that is told
    of only after the windows that followed it were judged counts from the next one.
    """
    number = {machine.id: i for i, machine in enumerate(ground.machines)}
    scored = take(features, features.running & features.usable)
    code = np.array([number[MachineId(name)] for name in scored.machines.tolist()], dtype=np.int64)
    own = ground.own()
    started = [_started(ground.model, machine, states, row) for machine, row in zip(ground.machines, own, strict=True)]
    news = [
        _news(machine, states, parts, begun.learnt_to_ns)
        for machine, begun in zip(ground.machines, started, strict=True)
    ]
    return _run(ground, (scored, code), started, news)


def _started(model: TypeModel, machine: Machine, states: Mapping[MachineId, DetectionState], own: int) -> Recursions:
    """Return where the machine's recursions stand; they start afresh where its baseline or its slots are others."""
    known, slots = states[machine.id].recursions, tuple(slot.id for slot in machine.slots)
    learnt_to_ns = int(model.baselines.learnt_to_ns[own])
    is_same = known is not None and known.learnt_to_ns == learnt_to_ns and known.slots == slots
    if known is not None and is_same and len(known.novelty.value) == 4 * model.judged:
        return known
    return fresh_recursions(model, own, slots)


def _news(
    machine: Machine,
    states: Mapping[MachineId, DetectionState],
    parts: Mapping[MachineId, tuple[Renewal, ...]],
    learnt_to_ns: int,
) -> tuple[Renewal, ...]:
    """Return the renewals that have not been counted yet; what came in while the machine was learnt never is."""
    counted = {renewal.slot: renewal.at_ns for renewal in states[machine.id].renewals}
    slots = {slot.id for slot in machine.slots}
    return tuple(
        part
        for part in parts.get(machine.id, ())
        if part.slot in slots and part.at_ns > max(learnt_to_ns, counted.get(part.slot, 0))
    )


def _run(
    ground: Ground, windows: tuple[FeatureBlock, Rows], started: list[Recursions], news: list[tuple[Renewal, ...]]
) -> Judged:
    scored, code = windows
    model, slots = ground.model, max((len(machine.slots) for machine in ground.machines), default=0)
    novelty, indicators = stack(started, slots)
    scales = scale_slots(ground.machines, ground.judged, model)
    own, how = ground.own(), following(model)
    columns = _Columns(scored.ends_ns.size, 2 * model.judged, slots)
    for rows, due in _segments(scored.ends_ns, code, news):
        novelty, indicators = _renew(ground, (novelty, indicators), due)
        part, layout = take(scored, rows), layout_of(code[rows], len(ground.machines))
        found, novelty = score_novelty(model, part, own[code[rows]], layout, novelty)
        apart = (found.deviation.observed - found.deviation.expected)[:, : model.judged]
        raw, indicators = indicate((apart, part.ends_ns), scales, layout, indicators, how)
        columns.put(rows, found, raw)
    last = np.full(len(ground.machines), -1, dtype=np.int64)
    np.maximum.at(last, code, scored.ends_ns)
    return Judged(
        machines=ground.machines,
        machine=code,
        ends_ns=scored.ends_ns,
        novelty=columns.novelty(),
        raw=columns.raw,
        indicators=standing_indicators(indicators, scales),
        recursions=tuple(unstack(novelty, indicators, [(each.learnt_to_ns, each.slots) for each in started])),
        renewals=tuple(
            tuple(part for part in own_news if part.at_ns < upto)
            for own_news, upto in zip(news, last.tolist(), strict=True)
        ),
    )


def _segments(
    ends_ns: NDArray[np.int64], code: Rows, news: list[tuple[Renewal, ...]]
) -> Iterator[tuple[NDArray[np.bool_], list[tuple[int, Renewal]]]]:
    """Give the rows between changes of parts, in order of time, with the parts that came in before each stretch."""
    due = sorted(((part.at_ns, i, part) for i, own in enumerate(news) for part in own), key=lambda each: each[0])
    newest = int(ends_ns.max(initial=0))
    edges = sorted({at_ns for at_ns, _, _ in due if at_ns < newest})
    last = np.full(len(news), -1, dtype=np.int64)
    np.maximum.at(last, code, ends_ns)
    for low, high in zip([-1, *edges], [*edges, newest], strict=True):
        came = [(i, part) for at_ns, i, part in due if at_ns == low and at_ns < last[i]]
        yield (ends_ns > low) & (ends_ns <= high), came


def _renew(
    ground: Ground, memory: tuple[NoveltyMemory, IndicatorMemory], due: list[tuple[int, Renewal]]
) -> tuple[NoveltyMemory, IndicatorMemory]:
    """Return memories in which new parts count from the level that they will show, and their sensors are settling."""
    if not due:
        return memory
    novelty, indicators = _copied(memory[0]), _copied(memory[1])
    for machine, part in due:
        row = next(i for i, slot in enumerate(ground.machines[machine].slots) if slot.id == part.slot)
        _forget(indicators, machine, [row], weight=1.0)
        _forget(novelty, machine, _features_of(ground, ground.machines[machine].slots[row]), weight=0.0)
    return (
        NoveltyMemory(level=novelty[0], smoothed=novelty[1]),
        IndicatorMemory(level=indicators[0], smoothed=indicators[1]),
    )


def _copied(memory: NoveltyMemory | IndicatorMemory) -> tuple[Level, Smoothed]:
    level, smoothed = memory.level, memory.smoothed
    return (
        replace(
            level,
            value=level.value.copy(),
            settled=level.settled.copy(),
            pending=level.pending.copy(),
            seen=level.seen.copy(),
        ),
        Smoothed(total=smoothed.total.copy(), weight=smoothed.weight.copy()),
    )


def _forget(memory: tuple[Level, Smoothed], machine: int, columns: list[int], *, weight: float) -> None:
    level, smoothed = memory
    for part in (level.value, level.settled, level.pending, level.seen, smoothed.total):
        part[machine, columns] = 0.0
    smoothed.weight[machine, columns] = weight


def _features_of(ground: Ground, slot: Slot) -> list[int]:
    """Return the columns of the novelty recursions that belong to the signs of a slot."""
    signs = {sign.sensor for sign in slot.signs}
    at = [i for i, sensor in enumerate(ground.judged) if sensor in signs]
    return [column + kind * ground.model.judged for kind in range(4) for column in at]


class _Columns:
    """Collects the judgement of stretches of a block into arrays over all its rows."""

    def __init__(self, rows: int, features: int, slots: int) -> None:
        self._score = np.full(rows, np.nan)
        self._wide = [np.full((rows, features), np.nan) for _ in range(5)]
        self.raw = np.full((rows, slots), np.nan)

    def put(self, rows: NDArray[np.bool_], found: Novelty, raw: Matrix) -> None:
        shown = found.deviation
        sources = (found.smoothed, shown.observed, shown.expected, shown.marginal, shown.conditional)
        self._score[rows] = found.score
        self.raw[rows] = raw
        for target, source in zip(self._wide, sources, strict=True):
            target[rows] = source

    def novelty(self) -> Novelty:
        smoothed, observed, expected, marginal, conditional = self._wide
        return Novelty(
            score=self._score,
            smoothed=smoothed,
            deviation=Deviation(observed=observed, expected=expected, marginal=marginal, conditional=conditional),
        )
