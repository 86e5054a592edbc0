"""What to do about a machine and by when, as data; the pages put it into words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from configs.plant import Machine, PartType, PartTypeId, SensorId, SlotId
from models.prediction import Prediction
from service.advisory.case import Case, Finding, FindingKind, Severity
from service.advisory.severity import must_order_now

PLAN_WITHIN = timedelta(days=7)
INSPECT_WITHIN = {Severity.CRITICAL: timedelta(0), Severity.WARNING: timedelta(days=1), Severity.WATCH: PLAN_WITHIN}


class AdviceKind(StrEnum):
    """What to do, most binding first."""

    ORDER_TODAY_REPLACE_BY = "order_today_replace_by"
    REPLACE_BY = "replace_by"
    INSPECT = "inspect"
    CHECK_SENSOR = "check_sensor"
    PLAN_WEEK = "plan_week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What to do about which slot or sensor, and by when.

    `by` is the day by which it should be done, `order_by` the day by which the part must be ordered, and `is_overdue`
    says that `by` has passed.
    """

    kind: AdviceKind
    slot: SlotId | None
    part_type: PartTypeId | None
    sensor: SensorId | None
    by: datetime | None
    order_by: datetime | None
    lead_time_days: float | None
    is_overdue: bool


def advise(
    case: Case | None,
    machine: Machine,
    *,
    predictions: Mapping[SlotId, Prediction],
    part_types: Mapping[PartTypeId, PartType],
    now: datetime,
) -> Advice | None:
    """Return what to do first about a machine, or None where there is nothing to do.

    The most severe evidence that still holds speaks first; of equally severe evidence a replacement goes before an
    inspection, and an inspection before a check of the sensor. Without an open case it is the replacement that is
    due within a week, if there is one.
    """
    standing = [each for each in case.findings if each.ended_at is None] if case else []
    for finding in sorted(standing, key=lambda each: (-each.severity, _ORDER[each.kind], each.started_at)):
        prediction = predictions.get(finding.slot) if finding.slot else None
        advice = _advice_of(finding, prediction, part_types, now)
        if advice is not None:
            return advice
    return _plan(machine, predictions.values(), part_types, now)


_ORDER = {FindingKind.REPLACE: 0, FindingKind.LIMIT: 1, FindingKind.ANOMALY: 2, FindingKind.NO_DATA: 3}


def _advice_of(
    finding: Finding, prediction: Prediction | None, part_types: Mapping[PartTypeId, PartType], now: datetime
) -> Advice | None:
    if finding.kind is FindingKind.REPLACE:
        return None if prediction is None else _replacement(prediction, part_types, now)
    if finding.kind is FindingKind.NO_DATA:
        return _check_sensor(finding, now)
    return _inspection(finding, prediction, now)


def _replacement(
    prediction: Prediction, part_types: Mapping[PartTypeId, PartType], now: datetime, *, is_plan: bool = False
) -> Advice | None:
    due = prediction.replace_by or (prediction.remaining.p10_at if prediction.remaining else None)
    part = part_types.get(prediction.part_type)
    if due is None or part is None:
        return None
    kind = AdviceKind.PLAN_WEEK if is_plan else AdviceKind.REPLACE_BY
    if must_order_now(prediction, part.lead_time_days, now):
        kind = AdviceKind.ORDER_TODAY_REPLACE_BY
    return Advice(
        kind=kind,
        slot=prediction.slot,
        part_type=part.id,
        sensor=None,
        by=due,
        order_by=prediction.order_by,
        lead_time_days=part.lead_time_days,
        is_overdue=due <= now,
    )


def _inspection(finding: Finding, prediction: Prediction | None, now: datetime) -> Advice:
    return Advice(
        kind=AdviceKind.INSPECT,
        slot=finding.slot,
        part_type=prediction.part_type if prediction else None,
        sensor=finding.sensors[0].sensor if finding.sensors else None,
        by=now + INSPECT_WITHIN[finding.severity],
        order_by=None,
        lead_time_days=None,
        is_overdue=False,
    )


def _check_sensor(finding: Finding, now: datetime) -> Advice:
    return Advice(
        kind=AdviceKind.CHECK_SENSOR,
        slot=None,
        part_type=None,
        sensor=finding.sensors[0].sensor if finding.sensors else None,
        by=now + INSPECT_WITHIN[finding.severity],
        order_by=None,
        lead_time_days=None,
        is_overdue=False,
    )


def _plan(
    machine: Machine,
    predictions: Iterable[Prediction],
    part_types: Mapping[PartTypeId, PartType],
    now: datetime,
) -> Advice | None:
    slots = {slot.id for slot in machine.slots}
    due = [
        (each.replace_by, each.slot, each)
        for each in predictions
        if each.slot in slots and each.replace_by is not None and each.replace_by <= now + PLAN_WITHIN
    ]
    if not due:
        return None
    return _replacement(min(due, key=lambda one: one[:2])[2], part_types, now, is_plan=True)
