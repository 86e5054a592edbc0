"""Why a prediction says what it says: reasons for a person, and what drives it."""

from dataclasses import dataclass

from models.condition import Contribution
from models.health import HealthStatus
from models.lesson import NOTHING_LEARNT, PartLesson
from models.prediction import Driver, Reason, ReasonCode
from models.prognosis.evidence import SlotEvidence

_MOST_DRIVERS = 5
_LEAST_SHARE = 0.01
_MOVED_SD = 3.0
_SPEAKS = 0.05
FEWEST_ENDS = 3
"""Of fewer ended lives nothing is said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a prediction rests on: ages in units of the meter, `age_score` in standard deviations of the life.

    `wait_days` is what is left until the replacement that pays best, negative once it is overdue, None where replacing
    early does not pay, or nothing is known of the part but that it runs. `risk` is the one that the site chose in place of costs.
    """

    age: float
    median_life: float
    age_score: float
    known_start: bool
    failures: int
    removals: int
    readings_weight: float
    shows: bool
    level: float | None
    growth_per_day: float
    cost_ratio: float
    wait_days: float | None
    lesson: PartLesson = NOTHING_LEARNT
    risk: float | None = None


def drivers_of(evidence: SlotEvidence, grounds: Grounds) -> tuple[Driver, ...]:
    """Return what drives the prediction, largest share first; the shares add up to 1 but for what is too small to name."""
    told = sum(contribution.share for contribution in evidence.contributions)
    of_readings = grounds.readings_weight if told > 0 else 0.0
    drivers = [
        Driver(
            sensor=None,
            share=1.0 - of_readings,
            value=grounds.age,
            expected=grounds.median_life,
            deviation=grounds.age_score,
        )
    ]
    if told > 0:
        drivers += [_driver(contribution, of_readings / told) for contribution in evidence.contributions]
    drivers.sort(key=lambda driver: -driver.share)
    return tuple(driver for driver in drivers[:_MOST_DRIVERS] if driver.share >= _LEAST_SHARE)


def reasons_of(evidence: SlotEvidence, grounds: Grounds) -> tuple[Reason, ...]:
    """Return the reasons, the most pressing first."""
    return (
        *_urgency(grounds),
        *_from_readings(evidence, grounds),
        *_from_age(evidence, grounds),
        *_from_lesson(evidence, grounds.lesson),
        *missing_readings(evidence),
    )


def missing_readings(evidence: SlotEvidence) -> tuple[Reason, ...]:
    """Return why the readings say nothing of the slot yet; empty where they do."""
    health = evidence.health
    if health is None or health.status is HealthStatus.NO_DATA:
        return (Reason(code=ReasonCode.NO_READINGS),)
    if health.status is HealthStatus.LEARNING:
        return (Reason(code=ReasonCode.LEARNING, parameters=(health.learnt_s, health.needed_s)),)
    return (Reason(code=ReasonCode.SIGNS_MISSING),) if evidence.signs_missing else ()


def _driver(contribution: Contribution, scale: float) -> Driver:
    return Driver(
        sensor=contribution.sensor,
        share=contribution.share * scale,
        value=contribution.value,
        expected=contribution.expected,
        deviation=contribution.deviation,
    )


def _urgency(grounds: Grounds) -> tuple[Reason, ...]:
    if grounds.risk is not None:
        return (Reason(code=ReasonCode.CHOSEN_RISK, parameters=(grounds.risk,)),)
    if grounds.wait_days is None:
        return (Reason(code=ReasonCode.RUN_TO_FAILURE),) if grounds.known_start else ()
    optimum = Reason(code=ReasonCode.COST_OPTIMUM, parameters=(grounds.cost_ratio,))
    if grounds.wait_days <= 0:
        return (Reason(code=ReasonCode.OVERDUE, parameters=(-grounds.wait_days,)), optimum)
    return (optimum,)


def _from_readings(evidence: SlotEvidence, grounds: Grounds) -> tuple[Reason, ...]:
    reasons = [
        Reason(code=ReasonCode.LIMIT_PASSED, sensor=limit.sensor, parameters=(limit.value, limit.limit))
        for limit in evidence.limits_passed
        if limit.value is not None and limit.limit is not None
    ]
    if grounds.shows and grounds.level is not None:
        reasons.append(Reason(code=ReasonCode.TREND, parameters=(grounds.level, grounds.growth_per_day)))
    if grounds.readings_weight >= _SPEAKS:
        reasons += [
            Reason(
                code=ReasonCode.SIGN_MOVED,
                sensor=contribution.sensor,
                parameters=(contribution.value, contribution.expected, contribution.deviation),
            )
            for contribution in evidence.contributions[:2]
            if abs(contribution.deviation) >= _MOVED_SD
        ]
    return tuple(reasons)


def _from_lesson(evidence: SlotEvidence, lesson: PartLesson) -> tuple[Reason, ...]:
    """Return what the plant's history taught of the part type, where there was enough of it."""
    reasons = []
    if lesson.wear.lives >= FEWEST_ENDS:
        level = lesson.wear.gain_in((evidence.machine, evidence.slot)).level
        reasons.append(Reason(code=ReasonCode.FAILS_AT, parameters=(level, float(lesson.wear.lives))))
    if lesson.coverage.of >= FEWEST_ENDS:
        told = (lesson.coverage.inside, lesson.coverage.of)
        reasons.append(Reason(code=ReasonCode.PAST_COVERAGE, parameters=told))
    return tuple(reasons)


def _from_age(evidence: SlotEvidence, grounds: Grounds) -> tuple[Reason, ...]:
    if grounds.known_start or evidence.life is None:
        age = Reason(code=ReasonCode.AGE_USED, parameters=(grounds.age, grounds.median_life))
    else:
        age = Reason(code=ReasonCode.UNKNOWN_START, parameters=(evidence.life.meter_at_install,))
    if grounds.removals == 0:
        return (age, Reason(code=ReasonCode.CATALOGUE_ESTIMATE))
    learnt = (float(grounds.failures), float(grounds.removals))
    return (age, Reason(code=ReasonCode.SITE_LIVES, parameters=learnt))
