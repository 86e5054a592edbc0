"""Conditions, predictions and cases to test with; `NOW` is when they are looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from configs.instant import ns_of as ns
from configs.plant import LifeUnit, LimitLevel, MachineId, PartTypeId, SensorId, SlotId
from models.condition import Condition, ConditionKind, Contribution
from models.health import Health, HealthStatus, SlotHealth
from models.prediction import (
    Driver,
    EvidenceKind,
    EvidenceWeight,
    FailureProbability,
    ForecastPoint,
    Prediction,
    PredictionStatus,
    Reason,
    ReasonCode,
    RemainingLife,
)
from service.advisory.case import Case
from service.advisory.case_change import apply_changes
from service.advisory.decide import Assessment, DecisionContext, decide

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


def ago(**span: float) -> datetime:
    """Return a time before `NOW`."""
    return NOW - timedelta(**span)


def a_limit(sensor: str = "vib", *, since: datetime | None = None, until: datetime | None = None, **changes: object):
    condition = Condition(
        machine=MachineId("pump1"),
        kind=ConditionKind.LIMIT,
        level=LimitLevel.WARNING,
        since_ns=ns(since or ago(minutes=5)),
        until_ns=None if until is None else ns(until),
        score=1.2,
        sensor=SensorId(sensor),
        value=6.0,
        limit=5.0,
        contributions=(),
        slots=(),
    )
    return replace(condition, **changes)


def an_anomaly(*, since: datetime | None = None, until: datetime | None = None, **changes: object) -> Condition:
    vibration = Contribution(sensor=SensorId("vib"), share=0.7, value=4.0, expected=2.0, deviation=6.0)
    heat = Contribution(sensor=SensorId("temp"), share=0.3, value=50.0, expected=45.0, deviation=2.5)
    condition = a_limit(
        since=since,
        until=until,
        kind=ConditionKind.ANOMALY,
        sensor=None,
        value=None,
        limit=None,
        contributions=(vibration, heat),
        slots=(SlotId("seal"),),
    )
    return replace(condition, **changes)


def a_silence(*, since: datetime | None = None, until: datetime | None = None, **changes: object) -> Condition:
    condition = a_limit(
        since=since, until=until, kind=ConditionKind.NO_DATA, sensor=None, value=None, limit=None, score=1.0
    )
    return replace(condition, **changes)


def a_prediction(slot: str = "seal", *, soon: float = 0.05, days: float = 20.0, **changes: object) -> Prediction:
    """Return a prediction whose part fails within 7 days with probability `soon`, and whose P10 is `days` ahead."""
    prediction = Prediction(
        machine=MachineId("pump1"),
        slot=SlotId(slot),
        part_type=PartTypeId("pump.seal"),
        made_at=NOW,
        status=PredictionStatus.OK,
        reasons=(Reason(code=ReasonCode.TREND, sensor=None, parameters=(60.0, 1.5)),),
        remaining=RemainingLife(
            unit=LifeUnit.OPERATING_HOURS,
            p10=days * 20,
            p50=days * 40,
            p90=days * 60,
            p10_at=NOW + timedelta(days=days),
            p50_at=NOW + timedelta(days=days * 2),
            p90_at=NOW + timedelta(days=days * 3),
        ),
        failure_probability=FailureProbability(within_7_days=soon, within_30_days=0.4, within_90_days=0.9),
        replace_by=NOW + timedelta(days=days),
        order_by=NOW + timedelta(days=days - 10),
        health=40.0,
        indicator=60.0,
        age=3000.0,
        drivers=(
            Driver(sensor=SensorId("vib"), share=0.8, value=4.0, expected=2.0, deviation=6.0),
            Driver(sensor=None, share=0.2, value=3000.0, expected=5000.0, deviation=0.0),
        ),
        evidence=(
            EvidenceWeight(kind=EvidenceKind.CONDITION, weight=0.8),
            EvidenceWeight(kind=EvidenceKind.AGE, weight=0.2),
        ),
        forecast=(ForecastPoint(at=NOW, p10=58.0, p50=60.0, p90=62.0),),
        raises_case=True,
        model_digest="",
        plant_revision=1,
    )
    return replace(prediction, **changes)


def a_health(machine: str = "pump1", **changes: object) -> Health:
    health = Health(
        machine=MachineId(machine),
        at_ns=ns(NOW),
        status=HealthStatus.OK,
        health=80.0,
        anomaly=0.4,
        learnt_s=1000.0,
        needed_s=1000.0,
        slots=(SlotHealth(slot=SlotId("seal"), health=80.0, indicator=20.0),),
    )
    return replace(health, **changes)


def an_assessment(
    *conditions: Condition, predictions: tuple[Prediction, ...] = (), machine: str = "pump1", **changes: object
) -> Assessment:
    assessment = Assessment(
        machine=MachineId(machine), assessed_until=NOW, conditions=conditions, predictions=predictions
    )
    return replace(assessment, **changes)


def a_case(*conditions: Condition, predictions: tuple[Prediction, ...] = (), at: datetime = NOW) -> Case:
    """Return the open case that this evidence raises; an anomaly where none is given."""
    evidence = conditions if conditions or predictions else (an_anomaly(),)
    changes = decide(an_assessment(*evidence, predictions=predictions), None, DecisionContext(), at)
    case = apply_changes(None, changes)
    assert case is not None
    return case
