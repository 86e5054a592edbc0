"""Shapes of predictions and of the course of a slot's degradation."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Self

from pydantic import BaseModel

from configs.catalogue.failure_modes import FailureMode
from models.prediction import Driver, ForecastPoint, Prediction, Reason, RemainingLife
from service.api.decimation import Points


class ReasonSchema(BaseModel):
    """Why a prediction says what it says; the words for `code` are on the page."""

    code: str
    sensor: str | None
    parameters: tuple[float, ...]

    @classmethod
    def of(cls, reason: Reason) -> Self:
        """Return the shape of a reason."""
        return cls(code=reason.code, sensor=reason.sensor, parameters=reason.parameters)


class DriverSchema(BaseModel):
    """What drives a prediction: a sensor that moved, or the part's age where `sensor` is null."""

    sensor: str | None
    share: float
    value: float
    expected: float
    deviation: float

    @classmethod
    def of(cls, driver: Driver) -> Self:
        """Return the shape of a driver."""
        return cls(
            sensor=driver.sensor,
            share=driver.share,
            value=driver.value,
            expected=driver.expected,
            deviation=driver.deviation,
        )


class RemainingLifeSchema(BaseModel):
    """Remaining useful life with its 80 % range, in the part's life unit and as dates."""

    unit: str
    p10: float
    p50: float
    p90: float
    p10_at: datetime
    p50_at: datetime
    p90_at: datetime

    @classmethod
    def of(cls, remaining: RemainingLife) -> Self:
        """Return the shape of a remaining life."""
        return cls(
            unit=remaining.unit,
            p10=remaining.p10,
            p50=remaining.p50,
            p90=remaining.p90,
            p10_at=remaining.p10_at,
            p50_at=remaining.p50_at,
            p90_at=remaining.p90_at,
        )


class FailureProbabilitySchema(BaseModel):
    """Probability that the part fails within so many days."""

    within_7_days: float
    within_30_days: float
    within_90_days: float


class ForecastPointSchema(BaseModel):
    """Degradation to come, in per cent of the failure limit."""

    at: datetime
    p10: float
    p50: float
    p90: float

    @classmethod
    def of(cls, point: ForecastPoint) -> Self:
        """Return the shape of a point of the forecast."""
        return cls(at=point.at, p10=point.p10, p50=point.p50, p90=point.p90)


class TextSchema(BaseModel):
    """A text in both languages."""

    ko: str
    en: str


class FailureModeSchema(BaseModel):
    """A failure mode (ISO 14224 code) that the readings point at, with the check that tells it from others."""

    code: str
    check: TextSchema

    @classmethod
    def of(cls, mode: FailureMode) -> Self:
        """Return the shape of a failure mode."""
        return cls(code=mode.code, check=TextSchema(ko=mode.check.ko, en=mode.check.en))


class PredictionSchema(BaseModel):
    """What is predicted of one slot. Where `status` is not `ok` there is no number, and `reasons` says why."""

    machine: str
    slot: str
    part_type: str
    made_at: datetime
    status: str
    reasons: tuple[ReasonSchema, ...]
    remaining: RemainingLifeSchema | None
    failure_probability: FailureProbabilitySchema | None
    replace_by: datetime | None
    order_by: datetime | None
    health: float | None
    indicator: float | None
    age: float | None
    drivers: tuple[DriverSchema, ...]
    failure_modes: tuple[FailureModeSchema, ...]
    basis: dict[str, float]
    raises_case: bool
    model_digest: str
    plant_revision: int

    @classmethod
    def of(cls, prediction: Prediction, modes: Sequence[FailureMode] = ()) -> Self:
        """Return the shape of a prediction; `basis` gives the weight of each kind of evidence.

        `modes` are the failure modes that its readings point at, likeliest first.
        """
        chances = prediction.failure_probability
        return cls(
            machine=prediction.machine,
            slot=prediction.slot,
            part_type=prediction.part_type,
            made_at=prediction.made_at,
            status=prediction.status,
            reasons=tuple(map(ReasonSchema.of, prediction.reasons)),
            remaining=prediction.remaining and RemainingLifeSchema.of(prediction.remaining),
            failure_probability=chances
            and FailureProbabilitySchema(
                within_7_days=chances.within_7_days,
                within_30_days=chances.within_30_days,
                within_90_days=chances.within_90_days,
            ),
            replace_by=prediction.replace_by,
            order_by=prediction.order_by,
            health=prediction.health,
            indicator=prediction.indicator,
            age=prediction.age,
            drivers=tuple(map(DriverSchema.of, prediction.drivers)),
            failure_modes=tuple(map(FailureModeSchema.of, modes)),
            basis={each.kind: each.weight for each in prediction.evidence},
            raises_case=prediction.raises_case,
            model_digest=prediction.model_digest,
            plant_revision=prediction.plant_revision,
        )


class DegradationSchema(BaseModel):
    """A slot's degradation, hour by hour, and what is to come; 100 is where the part fails.

    `at_ms` and `indicator` are columns of equal length; a null in `indicator` is a gap.
    """

    machine: str
    slot: str
    failure_limit: float
    at_ms: list[int]
    indicator: list[float | None]
    now: datetime
    forecast: tuple[ForecastPointSchema, ...]
    remaining: RemainingLifeSchema | None
    replace_by: datetime | None


FAILURE_LIMIT = 100.0


def degradation_schema(
    course: Points, prediction: Prediction | None, *, machine: str, slot: str, now: datetime
) -> DegradationSchema:
    """Return the shape of a slot's degradation; without a prediction there is only the past."""
    return DegradationSchema(
        machine=machine,
        slot=slot,
        failure_limit=FAILURE_LIMIT,
        at_ms=(course.times_ns // 1_000_000).tolist(),
        indicator=[None if math.isnan(value) else value for value in course.mean.tolist()],
        now=now,
        forecast=tuple(map(ForecastPointSchema.of, prediction.forecast)) if prediction else (),
        remaining=RemainingLifeSchema.of(prediction.remaining) if prediction and prediction.remaining else None,
        replace_by=prediction.replace_by if prediction else None,
    )
