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


@dataclass(frozen=True, slots=True, kw_only=True)
class Recursions:
    """One machine's rows of the recursions of a model that learnt it up to `learnt_to_ns`.

    Level, settled, total and weight of the novelty (4 j each) and of the slots' indicators, in the order of `slots`.
    """

    learnt_to_ns: int
    slots: tuple[SlotId, ...]
    novelty: tuple[Row, Row, Row, Row]
    indicators: tuple[Row, Row, Row, Row]


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
    novelty, indicators = blank_memory(model, 1), blank_indicators(1, len(slots), following(model).settling)
    learnt_to_ns = int(model.baselines.learnt_to_ns[own])
    return unstack(novelty, indicators, [(learnt_to_ns, slots)])[0]


def stack(recursions: Sequence[Recursions], slots: int) -> tuple[NoveltyMemory, IndicatorMemory]:
    """Return the recursions of machines as arrays; machines with fewer slots are padded."""
    level, settled, total, weight = (np.array([each.novelty[i] for each in recursions]) for i in range(4))
    own = [_padded([each.indicators[i] for each in recursions], slots) for i in range(4)]
    return (
        NoveltyMemory(level=Level(value=level, settled=settled), smoothed=Smoothed(total=total, weight=weight)),
        IndicatorMemory(level=Level(value=own[0], settled=own[1]), smoothed=Smoothed(total=own[2], weight=own[3])),
    )


def unstack(
    novelty: NoveltyMemory, indicators: IndicatorMemory, owners: Sequence[tuple[int, tuple[SlotId, ...]]]
) -> list[Recursions]:
    """Return each machine's rows; `owners` give what it was learnt up to, and its slots."""
    first = [part.tolist() for part in _parts(novelty)]
    second = [part.tolist() for part in _parts(indicators)]
    return [
        Recursions(
            learnt_to_ns=learnt_to_ns,
            slots=slots,
            novelty=(tuple(first[0][i]), tuple(first[1][i]), tuple(first[2][i]), tuple(first[3][i])),
            indicators=(
                tuple(second[0][i][: len(slots)]),
                tuple(second[1][i][: len(slots)]),
                tuple(second[2][i][: len(slots)]),
                tuple(second[3][i][: len(slots)]),
            ),
        )
        for i, (learnt_to_ns, slots) in enumerate(owners)
    ]


def _parts(memory: NoveltyMemory | IndicatorMemory) -> tuple[Matrix, Matrix, Matrix, Matrix]:
    return memory.level.value, memory.level.settled, memory.smoothed.total, memory.smoothed.weight


def _padded(rows: Sequence[Row], width: int) -> Matrix:
    padded = np.zeros((len(rows), width))
    for i, row in enumerate(rows):
        padded[i, : len(row)] = row
    return padded
