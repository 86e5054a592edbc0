"""What is remembered of a machine between its windows: an explicit value, kept with the watermark."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from configs.plant import SlotId
from models.artefact import TypeModel
from models.condition import Condition
from models.features.recursion import Level, Matrix, Smoothed
from models.features.windowing import FeatureMemory
from models.health_assessment.indicator import IndicatorMemory, blank_indicators
from models.state_detection.learning import Learning
from models.state_detection.limits import LimitMemory
from models.state_detection.novelty import NoveltyMemory, blank_memory, following
from models.state_detection.persistence import AlarmMemory

Row = tuple[float, ...]
ENDLESS = 1e18


@dataclass(frozen=True, slots=True, kw_only=True)
class RecursionRow:
    """One machine's rows of a `Level` and a `Smoothed`."""

    value: Row
    settled: Row
    pending: Row
    seen: Row
    total: Row
    weight: Row
    stretch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recursions:
    """Where the recursions of one machine stand, under a model that learnt it up to `learnt_to_ns`.

    `novelty` has the columns of `NoveltyMemory`, `indicators` one column per slot in the order of `slots`.
    """

    learnt_to_ns: int
    slots: tuple[SlotId, ...]
    novelty: RecursionRow
    indicators: RecursionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HourMemory:
    """The hour under way: sums and window counts of the anomaly score, then of every slot's indicator."""

    hour_ns: int = 0
    totals: Row = ()
    counts: Row = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A part that came into a slot at `at_ns`: what follows is counted from its own level."""

    slot: SlotId
    at_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionState:
    """All that detection and health assessment remember of one machine; survives JSON unchanged.

    `anomaly` is the anomaly that holds, as it was last judged, and `score` the newest anomaly score.
    """

    features: FeatureMemory = field(default_factory=FeatureMemory)
    learning: Learning = field(default_factory=Learning)
    recursions: Recursions | None = None
    alarm: AlarmMemory = field(default_factory=AlarmMemory)
    anomaly: Condition | None = None
    score: float | None = None
    limits: tuple[LimitMemory, ...] = ()
    hour: HourMemory = field(default_factory=HourMemory)
    renewals: tuple[Renewal, ...] = ()


def fresh_recursions(model: TypeModel, own: int, slots: tuple[SlotId, ...]) -> Recursions:
    """Return the recursions of a machine that has just been learnt."""
    novelty, indicators = blank_memory(model, 1), blank_indicators(1, len(slots), following(model))
    learnt_to_ns = int(model.baselines.learnt_to_ns[own])
    return unstack(novelty, indicators, [(learnt_to_ns, slots)])[0]


def stack(recursions: Sequence[Recursions], slots: int) -> tuple[NoveltyMemory, IndicatorMemory]:
    """Return the recursions of machines as arrays; machines with fewer slots are padded with settled ones."""
    width = max((len(each.novelty.value) for each in recursions), default=0)
    level, smoothed = _stacked([each.novelty for each in recursions], width)
    own_level, own_smoothed = _stacked([each.indicators for each in recursions], slots)
    return (
        NoveltyMemory(level=level, smoothed=smoothed),
        IndicatorMemory(level=own_level, smoothed=own_smoothed),
    )


def unstack(
    novelty: NoveltyMemory, indicators: IndicatorMemory, owners: Sequence[tuple[int, tuple[SlotId, ...]]]
) -> list[Recursions]:
    """Return each machine's rows; `owners` give what it was learnt up to, and its slots."""
    wide, narrow = _rows(novelty, None), _rows(indicators, [len(slots) for _, slots in owners])
    return [
        Recursions(learnt_to_ns=learnt_to_ns, slots=slots, novelty=wide[i], indicators=narrow[i])
        for i, (learnt_to_ns, slots) in enumerate(owners)
    ]


def _stacked(rows: Sequence[RecursionRow], width: int) -> tuple[Level, Smoothed]:
    level = Level(
        value=_padded([row.value for row in rows], width),
        settled=_padded([row.settled for row in rows], width, fill=ENDLESS),
        pending=_padded([row.pending for row in rows], width),
        seen=_padded([row.seen for row in rows], width),
        stretch=np.array([row.stretch for row in rows], dtype=np.int64),
    )
    total, weight = _padded([row.total for row in rows], width), _padded([row.weight for row in rows], width)
    return level, Smoothed(total=total, weight=weight)


def _rows(memory: NoveltyMemory | IndicatorMemory, widths: Sequence[int] | None) -> list[RecursionRow]:
    level, smoothed = memory.level, memory.smoothed
    arrays = (level.value, level.settled, level.pending, level.seen, smoothed.total, smoothed.weight)
    columns = [array.tolist() for array in arrays]
    rows = []
    for i, stretch in enumerate(level.stretch.tolist()):
        end = None if widths is None else widths[i]
        value, settled, pending, seen, total, weight = (tuple(column[i][:end]) for column in columns)
        rows.append(
            RecursionRow(
                value=value, settled=settled, pending=pending, seen=seen, total=total, weight=weight, stretch=stretch
            )
        )
    return rows


def _padded(rows: Sequence[Row], width: int, fill: float = 0.0) -> Matrix:
    padded = np.full((len(rows), width), fill)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded
