"""Which findings an assessment brings: those that hold, that came and went lately, that are long past."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.condition import ConditionKind
from models.prediction import Prediction, PredictionStatus
from service.advisory.assessment import Assessment, DecisionContext, Settled
from service.advisory.case import Case, Finding, FindingKind
from service.advisory.findings import finding_of_condition, finding_of_prediction, replacement_key
from service.advisory.severity import severity_of_prediction

HISTORY_AFTER = timedelta(hours=24)
"""Evidence further behind now is history: it is written down and nobody is called."""

HOLD_OFF = timedelta(days=7)
"""How long a replacement that a person has judged is not asked for again, unless it becomes more urgent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Findings that hold, that came and went lately, and that are long past; `kept` are keys that still hold."""

    holding: tuple[Finding, ...]
    recent: tuple[Finding, ...]
    past: tuple[Finding, ...]
    kept: frozenset[str]


def weigh(assessment: Assessment, open_case: Case | None, context: DecisionContext, now: datetime) -> Evidence:
    """Return the findings of an assessment that count, by when they are from.

    What a person has judged is left out, unless it is in the open case or has become more urgent since.
    """
    conditions = assessment.conditions or ()
    found = [finding_of_condition(each) for each in conditions]
    holding = [each for each in found if each.ended_at is None and _is_fresh(each, assessment, now)]
    asked = [_replacement(each, context, now) for each in assessment.predictions if _asks(each, context)]
    ended = [each for each in found if each.ended_at is not None]
    lately = [each for each in ended if each.ended_at and each.ended_at > now - HISTORY_AFTER]
    known = {each.key: each for each in open_case.findings} if open_case else {}
    past = [each for each in ended if each not in lately and not _continues(known.get(each.key), each)]
    return Evidence(
        holding=_unsettled([*holding, *asked], known, context, now),
        recent=_unsettled(lately, known, context, now),
        past=_unsettled(past, {}, context, now),
        kept=frozenset(each.key for each in [*found, *asked] if each.ended_at is None),
    )


def _is_fresh(finding: Finding, assessment: Assessment, now: datetime) -> bool:
    """Whether the finding tells of now: silence does, readings do while they are not a day behind."""
    if finding.kind is FindingKind.NO_DATA:
        return True
    return assessment.assessed_until is not None and assessment.assessed_until > now - HISTORY_AFTER


def _asks(prediction: Prediction, context: DecisionContext) -> bool:
    is_sure = prediction.status is PredictionStatus.OK and prediction.raises_case
    return is_sure and prediction.slot not in context.countdown_slots


def _replacement(prediction: Prediction, context: DecisionContext, now: datetime) -> Finding:
    days = next((each.days for each in context.lead_times if each.slot == prediction.slot), 0.0)
    return finding_of_prediction(prediction, severity_of_prediction(prediction, lead_time_days=days, now=now))


def _continues(known: Finding | None, ended: Finding) -> bool:
    return known is not None and ended.ended_at is not None and known.started_at <= ended.ended_at


def _unsettled(
    findings: Iterable[Finding], known: Mapping[str, Finding], context: DecisionContext, now: datetime
) -> tuple[Finding, ...]:
    """Leave out what a person has judged already and what has not become more urgent since."""
    settled = {each.key: each for each in context.settled}
    return tuple(each for each in findings if each.key in known or not _is_settled(each, settled.get(each.key), now))


def _is_settled(finding: Finding, settled: Settled | None, now: datetime) -> bool:
    if settled is None or finding.severity > settled.severity:
        return False
    if finding.kind is FindingKind.REPLACE:
        return now < settled.closed_at + HOLD_OFF
    return finding.started_at <= settled.until


def end_of(finding: Finding, assessment: Assessment, evidence: Evidence, now: datetime) -> datetime | None:
    """Return when a finding of the open case has ended by what the assessment says, or None where it still holds.

    Nothing ends where it was not judged, or while the machine is silent.
    """
    if finding.key in evidence.kept:
        return None
    if finding.kind is FindingKind.REPLACE:
        return _end_of_replacement(finding, assessment)
    if assessment.conditions is None:
        return None
    told = [finding_of_condition(each) for each in assessment.conditions]
    ends = [each.ended_at for each in told if each.key == finding.key and each.ended_at]
    if ends:
        return max(ends)
    is_silent = any(each.kind is ConditionKind.NO_DATA and each.until_ns is None for each in assessment.conditions)
    if is_silent:
        return None
    return assessment.assessed_until or now


def _end_of_replacement(finding: Finding, assessment: Assessment) -> datetime | None:
    for prediction in assessment.predictions:
        is_sure = prediction.status is PredictionStatus.OK
        if is_sure and replacement_key(prediction.slot) == finding.key:
            return prediction.made_at
    return None
