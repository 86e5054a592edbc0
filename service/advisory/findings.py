"""Findings made from conditions and predictions; the key says what a finding is about."""

import hashlib
from datetime import datetime

from configs.instant import utc_of_ns
from configs.plant import MachineId, SensorId, SiteId, SlotId
from models.condition import Condition, ConditionKind
from models.prediction import Prediction
from service.advisory.case import Finding, FindingKind, FindingSensor, Severity
from service.advisory.severity import severity_of_condition

SENSORS_SHOWN = 5

_KIND_OF = {
    ConditionKind.LIMIT: FindingKind.LIMIT,
    ConditionKind.ANOMALY: FindingKind.ANOMALY,
    ConditionKind.NO_DATA: FindingKind.NO_DATA,
}


def replacement_key(slot: SlotId) -> str:
    """Return the key of the finding that a slot's part must be replaced."""
    return f"{FindingKind.REPLACE}:{slot}"


def condition_key(condition: Condition) -> str:
    """Return the key of the finding that a condition makes."""
    if condition.kind is ConditionKind.LIMIT:
        return f"{FindingKind.LIMIT}:{condition.sensor}:{condition.level}"
    return str(_KIND_OF[condition.kind])


def finding_of_condition(condition: Condition) -> Finding:
    """Return the finding of a condition, with the sensors that show it most."""
    key, started_at = condition_key(condition), utc_of_ns(condition.since_ns)
    return Finding(
        id=draw_id(condition.machine, key, started_at),
        key=key,
        kind=_KIND_OF[condition.kind],
        severity=severity_of_condition(condition),
        slot=condition.slots[0] if condition.slots else None,
        sensors=_sensors_of_condition(condition),
        started_at=started_at,
        ended_at=None if condition.until_ns is None else utc_of_ns(condition.until_ns),
        score=condition.score,
        verdict=None,
    )


def finding_of_prediction(prediction: Prediction, severity: Severity) -> Finding:
    """Return the finding that a part must be replaced; its score is the failure probability within 30 days."""
    key = replacement_key(prediction.slot)
    chances = prediction.failure_probability
    return Finding(
        id=draw_id(prediction.machine, key, prediction.made_at),
        key=key,
        kind=FindingKind.REPLACE,
        severity=severity,
        slot=prediction.slot,
        sensors=_sensors_of_prediction(prediction),
        started_at=prediction.made_at,
        ended_at=None,
        score=chances.within_30_days if chances else 0.0,
        verdict=None,
    )


def draw_id(place: MachineId | SiteId, what: str, at: datetime) -> str:
    """Return the identifier of what concerns a machine or a site from a time on: the same facts give the same identifier."""
    return hashlib.sha256(f"{place}\n{what}\n{at.isoformat()}".encode()).hexdigest()[:16]


def _sensors_of_condition(condition: Condition) -> tuple[FindingSensor, ...]:
    if condition.contributions:
        shown = condition.contributions[:SENSORS_SHOWN]
        return tuple(
            FindingSensor(sensor=each.sensor, share=each.share, value=each.value, expected=each.expected)
            for each in shown
        )
    if condition.sensor is None or condition.value is None or condition.limit is None:
        return ()
    return (_alone(condition.sensor, condition.value, condition.limit),)


def _alone(sensor: SensorId, value: float, limit: float) -> FindingSensor:
    return FindingSensor(sensor=sensor, share=1.0, value=value, expected=limit)


def _sensors_of_prediction(prediction: Prediction) -> tuple[FindingSensor, ...]:
    return tuple(
        FindingSensor(sensor=each.sensor, share=each.share, value=each.value, expected=each.expected)
        for each in prediction.drivers
        if each.sensor is not None
    )[:SENSORS_SHOWN]
