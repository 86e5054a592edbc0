"""From the evidence of slots of one kind to their predictions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import special

from configs.plant import LimitLevel
from models.health import SlotHealth
from models.lesson import NOTHING_LEARNT, Gain, PartLesson
from models.prediction import (
    EvidenceKind,
    EvidenceWeight,
    FailureProbability,
    ForecastPoint,
    Prediction,
    PredictionStatus,
    RemainingLife,
)
from models.prognosis.decision import SHORTEST_LIFE_DAYS, AgePolicy, Stakes, best_wait, case_horizon_days, order_by
from models.prognosis.degradation import TrendBlocks, condense
from models.prognosis.evidence import SlotEvidence
from models.prognosis.experience import experienced, features_of
from models.prognosis.forecast import fan
from models.prognosis.outlook import (
    AgeEvidence,
    AgeOutlook,
    Outlook,
    age_outlook,
    combine,
    failure_within,
    quantiles,
    unspoken,
)
from models.prognosis.reasons import Grounds, drivers_of, reasons_of
from models.prognosis.usage import MeterRate, estimate_rate
from models.prognosis.weibull import LifePosterior, life_survival

Array = NDArray[np.float64]

LEVELS = (0.1, 0.5, 0.9)
HORIZONS_DAYS = (7.0, 30.0, 90.0)

SHOWS = 0.5
"""From this probability on wear counts as showing."""
_FARTHEST_DAYS = 1e6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What slots of one part type and cost ratio have in common; `median_life` is in life units at reference stress."""

    posterior: LifePosterior
    policy: AgePolicy
    cost_ratio: float
    median_life: float
    lesson: PartLesson = NOTHING_LEARNT


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    """What was computed of n slots, all arrays (n, ...). `wait` is infinite where replacing early does not pay."""

    failure_days: Array
    probabilities: Array
    wait: Array
    age_score: Array
    level: Array
    fan_days: Array
    fan_course: Array
    spoken: NDArray[np.bool_]
    outlook: Outlook


def conclude(items: Sequence[SlotEvidence], used: Array, kind: Kind, *, now: datetime) -> tuple[Prediction, ...]:
    """Return the predictions of slots of one kind; `used` (n,) is in life units at reference stress."""
    stands, rates = _stands(items, used, now)
    figures = _figures(items, stands, kind, now)
    return tuple(
        _prediction(item, i, _Row(figures=figures, stands=stands, kind=kind, rate=rates[i], now=now))
        for i, item in enumerate(items)
    )


def foresee(items: Sequence[SlotEvidence], used: Array, kind: Kind, *, now: datetime) -> tuple[Outlook, Array]:
    """Return the outlook of slots of one kind, which predictions are read from, and what was known as features (n, f)."""
    stands, _ = _stands(items, used, now)
    told = _told(items, stands, kind, now)
    return _concluded(told, stands, kind), _features(told, stands, kind)


def _stands(items: Sequence[SlotEvidence], used: Array, now: datetime) -> tuple[AgeEvidence, list[MeterRate]]:
    rates = [item.rate or estimate_rate(item.part_type.life_unit, 0.0, 0.0) for item in items]
    stands = AgeEvidence(
        used=used,
        known_start=np.array([item.life is not None and item.life.age_at_install is not None for item in items]),
        rate=np.array([rate.per_day * item.stress for rate, item in zip(rates, items, strict=True)]),
        rate_cv=np.array([rate.cv for rate in rates]),
        in_place_days=np.array([(now - item.life.installed_at) / _DAY if item.life else 0.0 for item in items]),
    )
    return stands, rates


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What the laws say of n slots, before past predictions are heard; `spoken` (n,) tells of which any reading speaks."""

    age: AgeOutlook
    said: Outlook
    blocks: TrendBlocks
    spoken: NDArray[np.bool_]
    gains: tuple[Gain, ...]


def _told(items: Sequence[SlotEvidence], stands: AgeEvidence, kind: Kind, now: datetime) -> _Told:
    age = age_outlook(kind.posterior, stands, kind.policy.cost_rate)
    since = [item.life.installed_at if item.life else now for item in items]
    blocks = condense([item.indicator for item in items], since, now)
    limits = [_levels(item) for item in items]
    spoken = blocks.usable | np.array([bool(levels) for levels in limits])
    gains = tuple(kind.lesson.wear.gain_in((item.machine, item.slot)) for item in items)
    said = combine(age, blocks, limits, gains, kind.lesson.wear) if spoken.any() else unspoken(age)
    return _Told(age=age, said=said, blocks=blocks, spoken=spoken, gains=gains)


def _concluded(told: _Told, stands: AgeEvidence, kind: Kind) -> Outlook:
    """Return the outlook once what past predictions were worth, and what became of like parts, has been heard."""
    corrected = _corrected(told.said, kind.lesson)
    experience = kind.lesson.experience
    return corrected if experience is None else experienced(corrected, _features(told, stands, kind), experience)


def _features(told: _Told, stands: AgeEvidence, kind: Kind) -> Array:
    ln_gain = np.array([gain.mean for gain in told.gains])
    return features_of(told.age, told.said, told.blocks, stands=stands, posterior=kind.posterior, ln_gain=ln_gain)


def _corrected(said: Outlook, lesson: PartLesson) -> Outlook:
    """Return an outlook with survival as it turned out where so much was said before."""
    shows = (said.showing >= SHOWS)[:, None]
    survival, healthy = (
        np.where(shows, lesson.showing.corrected(each), lesson.calm.corrected(each))
        for each in (said.survival, said.healthy_survival)
    )
    return replace(said, survival=survival, healthy_survival=healthy)


def _figures(items: Sequence[SlotEvidence], stands: AgeEvidence, kind: Kind, now: datetime) -> _Figures:
    told = _told(items, stands, kind, now)
    age, blocks, spoken, outlook = told.age, told.blocks, told.spoken, _concluded(told, stands, kind)
    failure_days = quantiles(outlook.edges, outlook.survival, LEVELS)
    fan_days, fan_course = fan(outlook, age.age_days, np.nan_to_num(blocks.level), failure_days)
    survived = life_survival(kind.posterior, stands.used)
    return _Figures(
        failure_days=failure_days,
        probabilities=failure_within(outlook.edges, outlook.survival, HORIZONS_DAYS),
        wait=_wait_at_risk([item.risk for item in items], outlook, _wait(stands, age, outlook, kind, spoken)),
        age_score=special.ndtri(np.clip(1.0 - survived, 1e-9, 1.0 - 1e-9)),
        level=blocks.level,
        fan_days=fan_days,
        fan_course=fan_course,
        spoken=spoken,
        outlook=outlook,
    )


def _levels(item: SlotEvidence) -> tuple[LimitLevel, ...]:
    """Return the levels passed, the most serious one only of each sensor."""
    worst: dict[object, LimitLevel] = {}
    for limit in item.limits_passed:
        if worst.get(limit.sensor) is not LimitLevel.CRITICAL:
            worst[limit.sensor] = limit.level
    return tuple(worst.values())


def _wait(stands: AgeEvidence, age: AgeOutlook, outlook: Outlook, kind: Kind, spoken: NDArray[np.bool_]) -> Array:
    """Return the days until the best replacement, infinite where only the risk gives a date.

    By age where age is known and all there is, else by the outlook; no part is overdue for longer than it is there. A part of unknown age that shows no wear is no
    reason to act on: all that is known of it is how often such parts fail.
    """
    by_age = np.maximum((kind.policy.age - stands.used) / stands.rate, -stands.in_place_days)
    stakes = Stakes(
        edges=outlook.edges,
        survival=outlook.survival,
        healthy_survival=outlook.healthy_survival,
        showing=outlook.showing,
        worth=age.worth,
        cost_ratio=np.full(stands.used.shape, kind.cost_ratio),
    )
    by_outlook = best_wait(stakes)
    unfounded = ~stands.known_start & (outlook.showing < SHOWS)
    return np.where(unfounded, np.inf, np.where(spoken, by_outlook, by_age))


def _wait_at_risk(risks: Sequence[float | None], outlook: Outlook, wait: Array) -> Array:
    """Return `wait` (n,), but the days until so many such parts have failed where the site chose a risk."""
    chosen = np.array([np.nan if risk is None else risk for risk in risks])
    for risk in np.unique(chosen[np.isfinite(chosen)]):
        rows = chosen == risk
        wait = wait.copy()
        wait[rows] = quantiles(outlook.edges[rows], outlook.survival[rows], (float(risk),))[:, 0]
    return wait


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """Where the figures of one slot are found, and what they are read with."""

    figures: _Figures
    stands: AgeEvidence
    kind: Kind
    rate: MeterRate
    now: datetime


def _prediction(item: SlotEvidence, i: int, row: _Row) -> Prediction:
    figures = row.figures
    grounds = _grounds(item, i, row)
    remaining = _remaining(item, figures.failure_days[i], row)
    wait = figures.failure_days[i, 0] if grounds.wait_days is None else grounds.wait_days
    health = _slot_health(item)
    week, month, quarter = figures.probabilities[i].tolist()
    return Prediction(
        machine=item.machine,
        slot=item.slot,
        part_type=item.part_type.id,
        made_at=row.now,
        status=PredictionStatus.OK,
        reasons=reasons_of(item, grounds),
        remaining=remaining,
        failure_probability=FailureProbability(within_7_days=week, within_30_days=month, within_90_days=quarter),
        replace_by=_date(row.now, wait),
        order_by=order_by(remaining.p10_at, item.part_type.lead_time_days, row.now),
        health=health.health if health else None,
        indicator=health.indicator if health else grounds.level,
        age=grounds.age,
        drivers=drivers_of(item, grounds),
        evidence=_evidence(figures.outlook, i),
        forecast=_forecast(figures, i, row.now),
        raises_case=_raises_case(item, figures.failure_days[i], grounds, row),
        model_digest=item.model_digest,
        plant_revision=item.plant_revision,
    )


def _grounds(item: SlotEvidence, i: int, row: _Row) -> Grounds:
    figures, posterior = row.figures, row.kind.posterior
    wait, level = float(figures.wait[i]), float(figures.level[i])
    first_day = max(float(figures.fan_days[i, 1]), 1e-6)
    return Grounds(
        age=float(row.stands.used[i]) / item.stress,
        median_life=row.kind.median_life / item.stress,
        age_score=float(figures.age_score[i]),
        known_start=bool(row.stands.known_start[i]),
        failures=posterior.failures,
        removals=posterior.removals,
        readings_weight=float(1.0 - figures.outlook.age_weight[i]),
        shows=bool(figures.spoken[i] and figures.outlook.showing[i] >= SHOWS),
        level=level if np.isfinite(level) else None,
        growth_per_day=float(figures.fan_course[i, 1, 1] - figures.fan_course[i, 0, 1]) / first_day,
        cost_ratio=row.kind.cost_ratio,
        wait_days=wait if np.isfinite(wait) else None,
        lesson=row.kind.lesson,
        risk=item.risk,
    )


def _remaining(item: SlotEvidence, days: Array, row: _Row) -> RemainingLife:
    p10, p50, p90 = days.tolist()
    return RemainingLife(
        unit=item.part_type.life_unit,
        p10=p10 * row.rate.per_day,
        p50=p50 * row.rate.per_day,
        p90=p90 * row.rate.per_day,
        p10_at=_date(row.now, p10),
        p50_at=_date(row.now, p50),
        p90_at=_date(row.now, p90),
    )


def _raises_case(item: SlotEvidence, days: Array, grounds: Grounds, row: _Row) -> bool:
    """Return whether a person should be told now: wear shows and the part is due soon, or it is overdue."""
    if grounds.median_life / row.rate.per_day < SHORTEST_LIFE_DAYS:
        return False
    wait = float("inf") if grounds.wait_days is None else grounds.wait_days
    due = min(wait, float(days[0])) <= case_horizon_days(item.part_type.lead_time_days)
    return wait <= 0 or (grounds.shows and due)


def _evidence(outlook: Outlook, i: int) -> tuple[EvidenceWeight, ...]:
    weights: tuple[tuple[EvidenceKind, float], ...] = (
        (EvidenceKind.AGE, outlook.age_weight[i]),
        (EvidenceKind.CONDITION, outlook.condition_weight[i]),
        (EvidenceKind.RULES, outlook.rules_weight[i]),
    )
    if outlook.experience_weight is not None:
        weights = (*weights, (EvidenceKind.EXPERIENCE, outlook.experience_weight[i]))
    return tuple(EvidenceWeight(kind=kind, weight=float(weight)) for kind, weight in weights)


def _forecast(figures: _Figures, i: int, now: datetime) -> tuple[ForecastPoint, ...]:
    """Return the fan, or nothing where no indicator was seen."""
    if not np.isfinite(figures.level[i]):
        return ()
    return tuple(
        ForecastPoint(at=_date(now, days), p10=low, p50=middle, p90=high)
        for days, (low, middle, high) in zip(figures.fan_days[i].tolist(), figures.fan_course[i].tolist(), strict=True)
    )


def _slot_health(item: SlotEvidence) -> SlotHealth | None:
    if item.health is None:
        return None
    return next((slot for slot in item.health.slots if slot.slot == item.slot), None)


def _date(now: datetime, days: float) -> datetime:
    """Return the date so many days ahead; past a million days the calendar ends, so the rest is drawn together in order."""
    if days > _FARTHEST_DAYS:
        days = _FARTHEST_DAYS * (2.0 - _FARTHEST_DAYS / days)
    return now + timedelta(days=days)
