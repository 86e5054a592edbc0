"""The prognosis of many slots at once: evidence in, one prediction each out.

Slots of one part type and cost ratio are computed together, in batches that fit the processor's cache; only the
wording of each prediction is done slot by slot.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from configs.plant import PartTypeId
from models.health import HealthStatus
from models.lesson import NO_LESSONS, NOTHING_LEARNT, PartLesson
from models.prediction import Prediction, PredictionStatus, Reason, ReasonCode
from models.prognosis.conclusion import SHOWS, Kind, conclude, foresee
from models.prognosis.decision import AgePolicy, age_policy, age_table, cost_ratio_of
from models.prognosis.evidence import SlotEvidence
from models.prognosis.lives import Ending, LifeHistory, usage_of
from models.prognosis.reasons import missing_readings
from models.prognosis.weibull import LifePosterior, fit_life, median_life

_BATCH = 48
_OUTSIDE = frozenset({ReasonCode.METER_BACKWARDS, ReasonCode.UNSEEN_REGIME})


def assess_slots(
    evidence: Sequence[SlotEvidence],
    posteriors: Mapping[PartTypeId, LifePosterior],
    *,
    now: datetime,
    lessons: Mapping[PartTypeId, PartLesson] = NO_LESSONS,
) -> tuple[Prediction, ...]:
    """Return one prediction per slot, in the order of the evidence.

    Parameters
    ----------
    evidence
        What is known of each slot; a slot without a part or a meter gets a status and a reason.
    posteriors
        What is known of the life of each part type (`weibull.fit_lives`), open lives included. A part type that is
        missing here is fitted from the open lives in `evidence`.
    now
        The moment that the predictions are made for.
    lessons
        What the plant's history has taught about part types, where there is any.
    """
    used, refused = _sorted_out(evidence, now)
    predictions = {i: _refused(evidence[i], refusal, now) for i, refusal in refused.items()}
    for kind, chosen in _groups(evidence, used, posteriors, lessons, _decided):
        done = conclude([evidence[i] for i in chosen], np.array([used[i] for i in chosen]), kind, now=now)
        predictions.update(zip(chosen, done, strict=True))
    return tuple(predictions[i] for i in range(len(evidence)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """The whole distribution of one slot's time to failure: `survival` (m,) at `edges` (m,) days, and whether wear shows.

    `features` (f,) are what was known, as `experience.features_of` tells it.
    """

    edges: NDArray[np.float64]
    survival: NDArray[np.float64]
    showing: bool
    features: NDArray[np.float64]


def foresee_slots(
    evidence: Sequence[SlotEvidence],
    posteriors: Mapping[PartTypeId, LifePosterior],
    *,
    now: datetime,
    lessons: Mapping[PartTypeId, PartLesson] = NO_LESSONS,
) -> tuple[Foreseen | None, ...]:
    """Return the distributions behind the predictions of slots, in the order of the evidence; None where there is no number."""
    used, _ = _sorted_out(evidence, now)
    found: dict[int, Foreseen] = {}
    for kind, chosen in _groups(evidence, used, posteriors, lessons, _undecided):
        outlook, features = foresee([evidence[i] for i in chosen], np.array([used[i] for i in chosen]), kind, now=now)
        for row, i in enumerate(chosen):
            shows = bool(outlook.showing[row] >= SHOWS)
            found[i] = Foreseen(
                edges=outlook.edges[row], survival=outlook.survival[row], showing=shows, features=features[row]
            )
    return tuple(found.get(i) for i in range(len(evidence)))


def _sorted_out(evidence: Sequence[SlotEvidence], now: datetime) -> tuple[dict[int, float], dict[int, Reason]]:
    """Return the ages of the slots of which something can be said, and why of the others nothing can."""
    used: dict[int, float] = {}
    refused: dict[int, Reason] = {}
    for i, item in enumerate(evidence):
        usage, refusal = _used(item, now)
        if refusal is not None:
            refused[i] = refusal
        else:
            used[i] = usage
    return used, refused


_KindsOf = Callable[[LifePosterior, PartLesson, frozenset[float]], Mapping[float, Kind]]


def _groups(
    evidence: Sequence[SlotEvidence],
    used: Mapping[int, float],
    posteriors: Mapping[PartTypeId, LifePosterior],
    lessons: Mapping[PartTypeId, PartLesson],
    kinds_of: _KindsOf,
) -> Iterator[tuple[Kind, Sequence[int]]]:
    """Give slots of one kind together, in batches."""
    groups: dict[PartTypeId, dict[_Likeness, list[int]]] = {}
    for i in used:
        groups.setdefault(evidence[i].part_type.id, {}).setdefault(_likeness(evidence[i]), []).append(i)
    for part_type, alike in groups.items():
        members = [i for chosen in alike.values() for i in chosen]
        posterior = posteriors.get(part_type) or _fitted_here(evidence, members, used)
        ratios = frozenset(ratio for ratio, _ in alike)
        yield from _batches(alike, kinds_of(posterior, lessons.get(part_type, NOTHING_LEARNT), ratios))


_Likeness = tuple[float, bool]
"""What slots of one part type are computed together by: their cost ratio, and whether readings speak of them."""


def _batches(
    alike: Mapping[_Likeness, Sequence[int]], kinds: Mapping[float, Kind]
) -> Iterator[tuple[Kind, Sequence[int]]]:
    for (ratio, _), members in alike.items():
        for start in range(0, len(members), _BATCH):
            yield kinds[ratio], members[start : start + _BATCH]


def _decided(posterior: LifePosterior, lesson: PartLesson, ratios: frozenset[float]) -> Mapping[float, Kind]:
    """Return the kinds of slots by cost ratio, with the age that pays best for each."""
    table, median = age_table(posterior), median_life(posterior)
    return {
        ratio: Kind(
            posterior=posterior, policy=age_policy(table, ratio), cost_ratio=ratio, median_life=median, lesson=lesson
        )
        for ratio in ratios
    }


def _undecided(posterior: LifePosterior, lesson: PartLesson, ratios: frozenset[float]) -> Mapping[float, Kind]:
    """Return the kinds of slots that are foreseen only: nothing is decided, so that no age has to pay."""
    never = AgePolicy(age=math.inf, cost_rate=np.zeros(posterior.weight.size))
    kind = Kind(posterior=posterior, policy=never, cost_ratio=1.0, median_life=math.nan, lesson=lesson)
    return dict.fromkeys(ratios, kind)


def _used(item: SlotEvidence, now: datetime) -> tuple[float, Reason | None]:
    """Return the part's age at reference stress, or what it did since first sight where its start is not known.

    With it comes why there can be no number, or None where there can.
    """
    if item.life is None:
        return 0.0, Reason(code=ReasonCode.NO_LIFE)
    usage = usage_of(item.life, item.meter, now)
    if usage is None or not math.isfinite(usage):
        return 0.0, Reason(code=ReasonCode.NO_METER)
    age = usage + (item.life.age_at_install or 0.0)
    if min(usage, age) < 0 or (item.life.age_at_install or 0.0) < 0:
        return 0.0, Reason(code=ReasonCode.METER_BACKWARDS, parameters=(min(usage, age),))
    if item.unseen is not None:
        return 0.0, Reason(code=ReasonCode.UNSEEN_REGIME, sensor=item.unseen[0], parameters=(item.unseen[1],))
    return age * item.stress, None


def _likeness(item: SlotEvidence) -> _Likeness:
    """Return the cost ratio, to two digits, so that slots of much the same costs share a policy, and what speaks."""
    ratio = float(f"{cost_ratio_of(item.part_type, item.cost_planned, item.cost_unplanned):.2g}")
    return ratio, item.indicator is not None or bool(item.limits_passed)


def _refused(item: SlotEvidence, refusal: Reason, now: datetime) -> Prediction:
    outside = refusal.code in _OUTSIDE
    learning = item.health is not None and item.health.status is HealthStatus.LEARNING
    status = PredictionStatus.LEARNING if learning else PredictionStatus.NO_DATA
    slot_health = next((s for s in item.health.slots if s.slot == item.slot), None) if item.health else None
    return Prediction(
        machine=item.machine,
        slot=item.slot,
        part_type=item.part_type.id,
        made_at=now,
        status=PredictionStatus.OUT_OF_DOMAIN if outside else status,
        reasons=(refusal, *missing_readings(item)),
        remaining=None,
        failure_probability=None,
        replace_by=None,
        order_by=None,
        health=slot_health.health if slot_health else None,
        indicator=slot_health.indicator if slot_health else None,
        age=None,
        drivers=(),
        evidence=(),
        forecast=(),
        raises_case=False,
        model_digest=item.model_digest,
        plant_revision=item.plant_revision,
    )


def _fitted_here(evidence: Sequence[SlotEvidence], members: Sequence[int], used: Mapping[int, float]) -> LifePosterior:
    """Return what the open lives at hand say of their part type."""
    survived = [i for i in members if used[i] > 0]
    lives = [evidence[i].life for i in survived]
    starts = [life.age_at_install if life else None for life in lives]
    exits = np.array([used[i] for i in survived], dtype=np.float64)
    entry = [(start or 0.0) * evidence[i].stress for i, start in zip(survived, starts, strict=True)]
    history = LifeHistory(
        entry=np.array(entry, dtype=np.float64),
        exit=exits,
        known_start=np.array([start is not None for start in starts], dtype=bool),
        ending=np.full(exits.size, Ending.CENSORED, dtype=np.int8),
        closed=np.zeros(exits.size, dtype=bool),
    )
    return fit_life(evidence[members[0]].part_type, history)
