"""Findings, drivers and reasons in words."""

from collections.abc import Callable
from datetime import timedelta

from configs.instant import utc_of_ns
from configs.plant import LifeUnit, LimitLevel
from models.prediction import Driver, EvidenceKind, EvidenceWeight, Prediction, Reason, ReasonCode
from service.advisory.case import Finding, FindingKind, FindingSensor
from service.web.numbers import figure, measured, percent
from service.web.views.facts import MachineFacts
from service.web.words import Words, key

TELLING_RATIO = 1.25
MOST_TELLING_RATIO = 20.0

EVIDENCE = {
    EvidenceKind.AGE: key("evidence.age"),
    EvidenceKind.CONDITION: key("evidence.condition"),
    EvidenceKind.RULES: key("evidence.rules"),
    EvidenceKind.EXPERIENCE: key("evidence.experience"),
}
LEVELS = {LimitLevel.WARNING: key("limit.warning"), LimitLevel.CRITICAL: key("limit.critical")}
UNITS = {
    LifeUnit.OPERATING_HOURS: key("unit.operating_hours"),
    LifeUnit.CUTTING_MINUTES: key("unit.cutting_minutes"),
    LifeUnit.SHOTS: key("unit.shots"),
    LifeUnit.STROKES: key("unit.strokes"),
    LifeUnit.STARTS: key("unit.starts"),
    LifeUnit.KILOMETRES: key("unit.kilometres"),
    LifeUnit.CALENDAR_DAYS: key("unit.calendar_days"),
}
UNIT_NAMES = {
    LifeUnit.OPERATING_HOURS: key("unit_name.operating_hours"),
    LifeUnit.CUTTING_MINUTES: key("unit_name.cutting_minutes"),
    LifeUnit.SHOTS: key("unit_name.shots"),
    LifeUnit.STROKES: key("unit_name.strokes"),
    LifeUnit.STARTS: key("unit_name.starts"),
    LifeUnit.KILOMETRES: key("unit_name.kilometres"),
    LifeUnit.CALENDAR_DAYS: key("unit_name.calendar_days"),
}


def amount(value: float, unit: LifeUnit, words: Words) -> str:
    """Return an age or a life in its unit."""
    shown = f"{value:,.0f}" if value >= 10 else f"{value:.1f}".removesuffix(".0")
    return words.count(UNITS[unit], round(value), amount=shown)


def moved(sensor: Driver | FindingSensor, facts: MachineFacts, words: Words) -> str:
    """Return how a sensor moved against what was to be expected: as a multiple where that tells, else both values."""
    known = facts.sensor(sensor.sensor) if sensor.sensor is not None else None
    if known is None:
        return words.say("cause.sensor_gone", sensor=sensor.sensor)
    name = words.text(known.name)
    if _is_telling(sensor):
        return words.say("cause.times", sensor=name, times=f"{sensor.value / sensor.expected:.1f}")
    return words.say(
        "cause.instead",
        sensor=name,
        value=measured(sensor.value, known.unit),
        expected=measured(sensor.expected, known.unit),
    )


def _is_telling(sensor: Driver | FindingSensor) -> bool:
    """Whether a multiple says more than two values."""
    return sensor.expected > 0 and TELLING_RATIO <= sensor.value / sensor.expected <= MOST_TELLING_RATIO


def finding_words(finding: Finding, facts: MachineFacts, words: Words) -> str:
    """Return what a finding says, in one line."""
    return _FINDING_WORDS[finding.kind](finding, facts, words)


def driver_words(driver: Driver, prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    """Return what a driver says: which sensor moved and how, or how old the part is."""
    if driver.sensor is not None:
        return moved(driver, facts, words)
    aged = next((reason for reason in prediction.reasons if reason.code is ReasonCode.AGE_USED), None)
    return reason_words(aged, prediction, facts, words) if aged else words.say("cause.age")


def reason_words(reason: Reason, prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    """Return a reason of a prediction in words."""
    plain = _PLAIN_REASONS.get(reason.code)
    if plain is not None:
        return words.say(plain)
    return _REASON_WORDS[reason.code](reason, prediction, facts, words)


def evidence_words(weights: tuple[EvidenceWeight, ...], words: Words) -> str:
    """Return what a prediction rests on, heaviest first."""
    ranked = sorted((each for each in weights if each.weight >= 0.005), key=lambda each: -each.weight)
    parts = [words.say(EVIDENCE[each.kind], share=percent(each.weight)) for each in ranked]
    return words.say("evidence.line", parts=" · ".join(parts)) if parts else ""


def _limit_words(finding: Finding, facts: MachineFacts, words: Words) -> str:
    sensor = finding.sensors[0] if finding.sensors else None
    known = facts.sensor(sensor.sensor) if sensor else None
    if sensor is None or known is None:
        return words.say("cause.limit_gone")
    name_of_level = finding.key.rsplit(":", 1)[-1]
    limit = next((each for each in known.limits if each.level.value == name_of_level), None)
    level = LEVELS[limit.level] if limit else LEVELS[LimitLevel.WARNING]
    return words.say(
        "cause.limit",
        sensor=words.text(known.name),
        value=measured(sensor.value, known.unit),
        level=words.say(level),
        limit=measured(limit.value if limit else sensor.expected, known.unit),
    )


def _anomaly_words(finding: Finding, facts: MachineFacts, words: Words) -> str:
    if not finding.sensors:
        return words.say("cause.anomaly")
    first = finding.sensors[0]
    known = facts.sensor(first.sensor)
    if known is None or not _is_telling(first):
        return moved(first, facts, words)
    return words.say(
        "cause.times_values",
        moved=moved(first, facts, words),
        value=measured(first.value, known.unit),
        expected=measured(first.expected, known.unit),
    )


def _replace_words(finding: Finding, facts: MachineFacts, words: Words) -> str:
    prediction = facts.prediction(finding.slot) if finding.slot is not None else None
    if prediction is not None and prediction.drivers:
        return driver_words(prediction.drivers[0], prediction, facts, words)
    return moved(finding.sensors[0], facts, words) if finding.sensors else words.say("cause.wear")


def _no_data_words(_finding: Finding, facts: MachineFacts, words: Words) -> str:
    if facts.progress is None:
        return words.say("cause.never_heard")
    at = utc_of_ns(facts.progress.newest_event_time_ns)
    return words.say("cause.no_data", at=words.moment(at), ago=words.ago(at))


_FINDING_WORDS: dict[FindingKind, Callable[[Finding, MachineFacts, Words], str]] = {
    FindingKind.LIMIT: _limit_words,
    FindingKind.ANOMALY: _anomaly_words,
    FindingKind.REPLACE: _replace_words,
    FindingKind.NO_DATA: _no_data_words,
}

_PLAIN_REASONS = {
    ReasonCode.CATALOGUE_ESTIMATE: key("reason.catalogue_estimate"),
    ReasonCode.NO_READINGS: key("reason.no_readings"),
    ReasonCode.SIGNS_MISSING: key("reason.signs_missing"),
    ReasonCode.NO_METER: key("reason.no_meter"),
    ReasonCode.NO_LIFE: key("reason.no_life"),
    ReasonCode.METER_BACKWARDS: key("reason.meter_backwards"),
    ReasonCode.RUN_TO_FAILURE: key("reason.run_to_failure"),
}


def _site_lives(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    failures, removals = _whole(reason, 0), _whole(reason, 1)
    return words.say("reason.site_lives", failures=failures, removals=removals)


def _age_used(reason: Reason, prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    unit = facts.plant.part_type(prediction.part_type).life_unit
    age, median = (amount(_parameter(reason, i), unit, words) for i in (0, 1))
    return words.say("reason.age_used", age=age, median=median)


def _unknown_start(reason: Reason, prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    unit = facts.plant.part_type(prediction.part_type).life_unit
    return words.say("reason.unknown_start", meter=amount(_parameter(reason, 0), unit, words))


def _sign_moved(reason: Reason, _prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    seen = Driver(
        sensor=reason.sensor,
        share=0.0,
        value=_parameter(reason, 0),
        expected=_parameter(reason, 1),
        deviation=_parameter(reason, 2),
    )
    return moved(seen, facts, words)


def _trend(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    return words.say("reason.trend", now=figure(_parameter(reason, 0)), growth=figure(_parameter(reason, 1)))


def _limit_passed(reason: Reason, _prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    known = facts.sensor(reason.sensor) if reason.sensor else None
    if known is None:
        return words.say("cause.limit_gone")
    value, limit = (measured(_parameter(reason, i), known.unit) for i in (0, 1))
    return words.say("reason.limit_passed", sensor=words.text(known.name), value=value, limit=limit)


def _learning(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    learnt, needed = (timedelta(seconds=_parameter(reason, i)) for i in (0, 1))
    return words.say("reason.learning", learnt=words.length(learnt), needed=words.length(needed))


def _unseen_regime(reason: Reason, _prediction: Prediction, facts: MachineFacts, words: Words) -> str:
    known = facts.sensor(reason.sensor) if reason.sensor else None
    if known is None:
        return words.say("reason.unseen_regime_unknown")
    value = measured(_parameter(reason, 0), known.unit)
    return words.say("reason.unseen_regime", sensor=words.text(known.name), value=value)


def _cost_optimum(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    return words.say("reason.cost_optimum", ratio=f"{_parameter(reason, 0):.2g}")


def _chosen_risk(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    return words.say("reason.chosen_risk", number=round(1.0 / max(_parameter(reason, 0), 0.001)))


def _past_coverage(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    inside, known = _parameter(reason, 0), max(_parameter(reason, 1), 1e-9)
    return words.say("reason.past_coverage", share=percent(inside / known), known=_whole(reason, 1))


def _fails_at(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    return words.say("reason.fails_at", level=_whole(reason, 0), lives=_whole(reason, 1))


def _overdue(reason: Reason, _prediction: Prediction, _facts: MachineFacts, words: Words) -> str:
    return words.count("reason.overdue", round(_parameter(reason, 0)))


_REASON_WORDS: dict[ReasonCode, Callable[[Reason, Prediction, MachineFacts, Words], str]] = {
    ReasonCode.SITE_LIVES: _site_lives,
    ReasonCode.AGE_USED: _age_used,
    ReasonCode.UNKNOWN_START: _unknown_start,
    ReasonCode.SIGN_MOVED: _sign_moved,
    ReasonCode.TREND: _trend,
    ReasonCode.LIMIT_PASSED: _limit_passed,
    ReasonCode.LEARNING: _learning,
    ReasonCode.UNSEEN_REGIME: _unseen_regime,
    ReasonCode.COST_OPTIMUM: _cost_optimum,
    ReasonCode.CHOSEN_RISK: _chosen_risk,
    ReasonCode.OVERDUE: _overdue,
    ReasonCode.PAST_COVERAGE: _past_coverage,
    ReasonCode.FAILS_AT: _fails_at,
}


def _parameter(reason: Reason, position: int) -> float:
    return reason.parameters[position] if position < len(reason.parameters) else 0.0


def _whole(reason: Reason, position: int) -> int:
    return round(_parameter(reason, position))
