"""What is predicted of one slot: when its part fails, how sure that is, what to do and why (ISO 13374 PA)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from configs.plant import LifeUnit, MachineId, PartTypeId, SensorId, SlotId


class PredictionStatus(StrEnum):
    """Whether there is ground for a number; each refusal comes with a reason."""

    OK = "ok"
    LEARNING = "learning"
    NO_DATA = "no_data"
    OUT_OF_DOMAIN = "out_of_domain"


class EvidenceKind(StrEnum):
    """What a prediction is based on."""

    AGE = "age"
    CONDITION = "condition"
    RULES = "rules"
    EXPERIENCE = "experience"


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceWeight:
    """How much one kind of evidence counts in a prediction, 0–1; the weights of one prediction add up to 1."""

    kind: EvidenceKind
    weight: float


class ReasonCode(StrEnum):
    """A reason, to be put into words by the pages; the parameters it takes stand behind it."""

    CATALOGUE_ESTIMATE = "catalogue_estimate"
    """No closed life here yet. No parameters."""
    SITE_LIVES = "site_lives"
    """failures, removals"""
    AGE_USED = "age_used"
    """age, median_life (both in life units)"""
    UNKNOWN_START = "unknown_start"
    """meter at first sight"""
    SIGN_MOVED = "sign_moved"
    """value, expected, deviation; names a sensor"""
    TREND = "trend"
    """indicator now (per cent of the failure limit), growth per day"""
    LIMIT_PASSED = "limit_passed"
    """value, limit; names a sensor"""
    LEARNING = "learning"
    """seconds learnt, seconds needed"""
    NO_READINGS = "no_readings"
    """Nothing was received. No parameters."""
    NO_METER = "no_meter"
    """The meter of this life unit is not known. No parameters."""
    METER_BACKWARDS = "meter_backwards"
    """The meter stands below where the part was installed, or the clock went back. age"""
    NO_LIFE = "no_life"
    """No part is recorded in this slot. No parameters."""
    SIGNS_MISSING = "signs_missing"
    """None of the slot's sensors gives a value that can be used. No parameters."""
    UNSEEN_REGIME = "unseen_regime"
    """Works outside what the model has seen; names a sensor. value"""
    RUN_TO_FAILURE = "run_to_failure"
    """Replacing early does not pay; replace-by is when one in ten such parts has failed. No parameters."""
    COST_OPTIMUM = "cost_optimum"
    """cost ratio"""
    CHOSEN_RISK = "chosen_risk"
    """Nobody typed costs, but the site chose how many parts may fail before they are replaced. risk"""
    PAST_COVERAGE = "past_coverage"
    """of past predictions whose end is known: how many held between P10 and P90, how many there are"""
    FAILS_AT = "fails_at"
    """level at which parts of the type were seen to fail (per cent of the usual limit), from how many ends"""
    OVERDUE = "overdue"
    """days past the cost-optimal date"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a prediction says what it says."""

    code: ReasonCode
    sensor: SensorId | None = None
    parameters: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """What drives a prediction: the sensor that moved, or None for age; `share` in 0–1, largest first."""

    sensor: SensorId | None
    share: float
    value: float
    expected: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainingLife:
    """Remaining life at P10, P50 and P90: in life units, and as dates. P10 < P50 < P90."""

    unit: LifeUnit
    p10: float
    p50: float
    p90: float
    p10_at: datetime
    p50_at: datetime
    p90_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureProbability:
    """Probability that the part fails within so many days from now."""

    within_7_days: float
    within_30_days: float
    within_90_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastPoint:
    """Degradation to come, in per cent of the usual failure limit: P10, P50 and P90 of its course, p10 <= p50 <= p90.

    A part that has outlived the usual limit rises to a limit of its own, above 100.
    """

    at: datetime
    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The conclusion about one slot.

    With status `OK` every field but `health` and `indicator` is there, and `forecast` is empty where no indicator was
    seen. `replace_by` is the cost-optimal date, in the past once it is overdue; where replacing early does not pay, or the
    part's age is unknown and no wear shows, it is when one in ten such parts has failed (a reason says so); where the site
    chose a risk instead of costs, when so many have failed. `order_by` is never before `made_at`. With any other
    status `reasons` says why there is no number. `model_digest` is the sha256 of the artefact, "" where none was used.
    """

    machine: MachineId
    slot: SlotId
    part_type: PartTypeId
    made_at: datetime
    status: PredictionStatus
    reasons: tuple[Reason, ...]
    remaining: RemainingLife | None
    failure_probability: FailureProbability | None
    replace_by: datetime | None
    order_by: datetime | None
    health: float | None
    indicator: float | None
    age: float | None
    drivers: tuple[Driver, ...]
    evidence: tuple[EvidenceWeight, ...]
    forecast: tuple[ForecastPoint, ...]
    raises_case: bool
    model_digest: str
    plant_revision: int
