"""Turns what was concluded of a machine into changes of its case (ISA-18.2, ISO 13374 AG)."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from configs.plant import MachineId, SlotId
from models.condition import Condition, ConditionKind
from models.prediction import Prediction, PredictionStatus
from service.advisory.case import Case, Finding, FindingKind, Severity
from service.advisory.case_change import CaseChange, apply_change
from service.advisory.case_event import CaseEventKind
from service.advisory.findings import draw_id, finding_of_condition, finding_of_prediction, replacement_key
from service.advisory.severity import severity_of_prediction
from service.advisory.shelving import OutOfService

HISTORY_AFTER = timedelta(hours=24)
"""Evidence further behind now is history: it is written down and nobody is called."""

HOLD_OFF = timedelta(days=7)
"""How long a replacement that a person has judged is not asked for again, unless it becomes more urgent."""

TOLD_AGAIN_AFTER = timedelta(hours=1)
"""A case whose evidence comes back this long after it cleared is told again; sooner, it has only flickered."""

GROWTH = 1.5
"""By what factor a score must grow before the finding is rewritten, so that a case does not change every minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was concluded of one machine in one round of the monitor.

    `assessed_until` is the end, in event time, of the newest window that was judged. `conditions` are all that hold
    and all that have ended since the round before, None where conditions were not judged in this round.
    """

    machine: MachineId
    assessed_until: datetime | None
    conditions: tuple[Condition, ...] | None
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A finding that a person has judged by closing its case: it holds off the same evidence up to `until`."""

    key: str
    severity: Severity
    started_at: datetime
    closed_at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """How many days the part of a slot takes to arrive."""

    slot: SlotId
    days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionContext:
    """What else counts: is the machine in service, what was judged before, which slots only count down."""

    out_of_service: OutOfService | None = None
    settled: tuple[Settled, ...] = ()
    countdown_slots: frozenset[SlotId] = frozenset()
    lead_times: tuple[LeadTime, ...] = ()


def decide(
    assessment: Assessment, open_case: Case | None, context: DecisionContext, now: datetime
) -> tuple[CaseChange, ...]:
    """Return how the machine's cases change; changes of one case follow each other in order.

    There is at most one open case: news joins it. A case of history is raised and closed in one go.
    """
    evidence = _weigh(assessment, open_case, context, now)
    round_ = _Round(machine=assessment.machine, now=now, case=open_case)
    _end_findings(round_, assessment, evidence)
    if context.out_of_service is None or not context.out_of_service.holds_at(now):
        _take_in(round_, evidence)
        _raise_severity(round_)
    _mark_cleared(round_, was_open=open_case is not None)
    return (*round_.changes, *_history(assessment.machine, evidence.past, context, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evidence:
    """Findings that hold, that came and went lately, and that are long past; `kept` are keys that still hold."""

    holding: tuple[Finding, ...]
    recent: tuple[Finding, ...]
    past: tuple[Finding, ...]
    kept: frozenset[str]


@dataclass(slots=True, kw_only=True)
class _Round:
    machine: MachineId
    now: datetime
    case: Case | None
    changes: list[CaseChange] = field(default_factory=list)

    def step(self, kind: CaseEventKind, finding: Finding | None = None, *, notifies: bool = False) -> None:
        severity = finding.severity if finding else None
        self._add(kind, finding=finding, severity=severity, notifies=notifies)

    def step_to(self, kind: CaseEventKind, severity: Severity, *, notifies: bool) -> None:
        self._add(kind, finding=None, severity=severity, notifies=notifies)

    def finding(self, key: str) -> Finding | None:
        findings = self.case.findings if self.case else ()
        return next((each for each in findings if each.key == key), None)

    def _add(self, kind: CaseEventKind, *, finding: Finding | None, severity: Severity | None, notifies: bool) -> None:
        case_id = self.case.id if self.case else draw_id(self.machine, "case", self.now)
        change = CaseChange(
            kind=kind,
            case_id=case_id,
            machine=self.machine,
            at=self.now,
            finding=finding,
            severity=severity,
            notifies=notifies,
        )
        self.changes.append(change)
        self.case = apply_change(self.case, change)


def _weigh(assessment: Assessment, open_case: Case | None, context: DecisionContext, now: datetime) -> _Evidence:
    conditions = assessment.conditions or ()
    found = [finding_of_condition(each) for each in conditions]
    holding = [each for each in found if each.ended_at is None and _is_fresh(each, assessment, now)]
    asked = [_replacement(each, context, now) for each in assessment.predictions if _asks(each, context)]
    ended = [each for each in found if each.ended_at is not None]
    lately = [each for each in ended if each.ended_at and each.ended_at > now - HISTORY_AFTER]
    known = {each.key: each for each in open_case.findings} if open_case else {}
    past = [each for each in ended if each not in lately and not _continues(known.get(each.key), each)]
    return _Evidence(
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
    findings: Iterable[Finding], known: dict[str, Finding], context: DecisionContext, now: datetime
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


def _end_findings(round_: _Round, assessment: Assessment, evidence: _Evidence) -> None:
    open_findings = round_.case.findings if round_.case else ()
    for finding in open_findings:
        ended_at = None if finding.ended_at else _end_of(finding, assessment, evidence, round_.now)
        if ended_at is not None:
            ended = replace(finding, ended_at=max(ended_at, finding.started_at))
            round_.step(CaseEventKind.FINDING_ENDED, ended)


def _end_of(finding: Finding, assessment: Assessment, evidence: _Evidence, now: datetime) -> datetime | None:
    if finding.key in evidence.kept:
        return None
    if finding.kind is FindingKind.REPLACE:
        return _end_of_replacement(finding, assessment)
    if assessment.conditions is None:
        return None
    ends = [each.ended_at for each in (*evidence.recent, *evidence.past) if each.key == finding.key and each.ended_at]
    told = [finding_of_condition(each) for each in assessment.conditions]
    ends += [each.ended_at for each in told if each.key == finding.key and each.ended_at]
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


def _take_in(round_: _Round, evidence: _Evidence) -> None:
    if round_.case is None and (evidence.holding or evidence.recent):
        worst = max(each.severity for each in (*evidence.holding, *evidence.recent))
        round_.step_to(CaseEventKind.RAISED, worst, notifies=bool(evidence.holding))
    for finding in (*evidence.recent, *evidence.holding):
        _merge(round_, finding)


def _merge(round_: _Round, news: Finding) -> None:
    known = round_.finding(news.key)
    if known is None:
        round_.step(CaseEventKind.FINDING_ADDED, news)
        return
    if news.ended_at is not None:
        return
    grown = replace(
        known if news.score < known.score else news,
        id=known.id,
        severity=max(known.severity, news.severity),
        started_at=known.started_at,
        ended_at=None,
    )
    if known.ended_at is not None:
        round_.step(CaseEventKind.FINDING_RETURNED, grown)
    elif news.severity > known.severity or news.score >= GROWTH * known.score > 0:
        round_.step(CaseEventKind.FINDING_GREW, grown)


def _raise_severity(round_: _Round) -> None:
    if round_.case is None:
        return
    worst = max((each.severity for each in round_.case.findings), default=round_.case.severity)
    if worst > round_.case.severity:
        round_.step_to(CaseEventKind.SEVERITY_RAISED, worst, notifies=True)


def _mark_cleared(round_: _Round, *, was_open: bool) -> None:
    case = round_.case
    if case is None or not case.findings:
        return
    is_over = all(each.ended_at is not None for each in case.findings)
    if is_over and case.cleared_at is None:
        round_.step(CaseEventKind.CLEARED, notifies=was_open)
    elif not is_over and case.cleared_at is not None:
        was_never_told = case.cleared_at == case.raised_at
        is_anew = round_.now - case.cleared_at >= TOLD_AGAIN_AFTER
        round_.step(CaseEventKind.RETURNED, notifies=was_never_told or is_anew)


def _history(
    machine: MachineId, past: tuple[Finding, ...], context: DecisionContext, now: datetime
) -> tuple[CaseChange, ...]:
    if context.out_of_service is not None and context.out_of_service.holds_at(now):
        return ()
    return tuple(change for finding in past for change in _written_down(machine, finding, now))


def _written_down(machine: MachineId, finding: Finding, now: datetime) -> tuple[CaseChange, ...]:
    """Return the changes that write a finding of the past down as a case of history, closed from the start."""
    case_id = draw_id(machine, f"history:{finding.key}", finding.started_at)
    kinds = (
        (CaseEventKind.RAISED, None),
        (CaseEventKind.FINDING_ADDED, finding),
        (CaseEventKind.CLEARED, None),
        (CaseEventKind.CLOSED, None),
    )
    return tuple(
        CaseChange(
            kind=kind,
            case_id=case_id,
            machine=machine,
            at=now,
            finding=found,
            severity=finding.severity if kind is not CaseEventKind.CLOSED else None,
            history=True,
        )
        for kind, found in kinds
    )
