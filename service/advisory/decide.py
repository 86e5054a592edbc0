"""Turns what was concluded of a machine into changes of its case (ISA-18.2, ISO 13374 AG)."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from configs.plant import MachineId
from service.advisory.assessment import Assessment, DecisionContext, LeadTime, Settled
from service.advisory.case import Case, Finding, FindingKind, Severity
from service.advisory.case_change import CaseChange, apply_change
from service.advisory.case_event import CaseEventKind
from service.advisory.evidence import Evidence, end_of, weigh
from service.advisory.findings import draw_id

__all__ = ["Assessment", "DecisionContext", "LeadTime", "Settled", "decide"]

TOLD_AGAIN_AFTER = timedelta(hours=1)
"""A case whose evidence comes back this long after it cleared is told again; sooner, it has only flickered."""

GROWTH = 1.5
"""By what factor a score must grow before the finding is rewritten, so that a case does not change every minute."""


def decide(
    assessment: Assessment, open_case: Case | None, context: DecisionContext, now: datetime
) -> tuple[CaseChange, ...]:
    """Return how the machine's cases change; changes of one case follow each other in order.

    There is at most one open case: news joins it. A case of history is raised and closed in one go.
    """
    evidence = weigh(assessment, open_case, context, now)
    round_ = _Round(machine=assessment.machine, now=now, case=open_case)
    _end_findings(round_, assessment, evidence, context)
    if context.out_of_service is None or not context.out_of_service.holds_at(now):
        _take_in(round_, evidence)
        _raise_severity(round_, _news(evidence, open_case))
    _mark_cleared(round_, was_open=open_case is not None)
    return (*round_.changes, *_history(assessment.machine, evidence.past, context, now))


@dataclass(slots=True, kw_only=True)
class _Round:
    machine: MachineId
    now: datetime
    case: Case | None
    changes: list[CaseChange] = field(default_factory=list)

    def step(self, kind: CaseEventKind, finding: Finding | None = None, *, notifies: bool = False) -> None:
        severity = finding.severity if finding else None
        self._add(kind, finding=finding, severity=severity, notifies=notifies)

    def end(self, finding: Finding, eased_to: Severity | None) -> None:
        self._add(
            CaseEventKind.FINDING_ENDED, finding=finding, severity=finding.severity, eased_to=eased_to, notifies=False
        )

    def step_to(self, kind: CaseEventKind, severity: Severity, *, notifies: bool) -> None:
        self._add(kind, finding=None, severity=severity, notifies=notifies)

    def finding(self, key: str) -> Finding | None:
        findings = self.case.findings if self.case else ()
        return next((each for each in findings if each.key == key), None)

    def _add(
        self,
        kind: CaseEventKind,
        *,
        finding: Finding | None,
        severity: Severity | None,
        notifies: bool,
        eased_to: Severity | None = None,
    ) -> None:
        case_id = self.case.id if self.case else draw_id(self.machine, "case", self.now)
        change = CaseChange(
            kind=kind,
            case_id=case_id,
            machine=self.machine,
            at=self.now,
            finding=finding,
            severity=severity,
            eased_to=eased_to,
            notifies=notifies,
        )
        self.changes.append(change)
        self.case = apply_change(self.case, change)


def _end_findings(round_: _Round, assessment: Assessment, evidence: Evidence, context: DecisionContext) -> None:
    open_findings = round_.case.findings if round_.case else ()
    for finding in open_findings:
        ended_at = None if finding.ended_at else end_of(finding, assessment, evidence, round_.now)
        if ended_at is not None and round_.case is not None:
            ended = replace(finding, ended_at=max(ended_at, finding.started_at))
            has_gone = _worn_part_has_gone(open_findings, context)
            round_.end(ended, round_.case.severity_without(ended) if has_gone else None)


def _worn_part_has_gone(findings: tuple[Finding, ...], context: DecisionContext) -> bool:
    """Whether a part that a case asked to replace has been: then what remains says how urgent the case is."""
    renewed = {each.slot: each.at for each in context.renewed}
    return any(
        finding.kind is FindingKind.REPLACE and finding.slot in renewed and renewed[finding.slot] > finding.started_at
        for finding in findings
    )


def _take_in(round_: _Round, evidence: Evidence) -> None:
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


def _news(evidence: Evidence, open_case: Case | None) -> frozenset[str]:
    """Return the keys of findings that hold, or that came and went since the case was last judged."""
    known = {each.key for each in open_case.findings} if open_case is not None else set()
    return frozenset(
        [each.key for each in evidence.holding] + [each.key for each in evidence.recent if each.key not in known]
    )


def _raise_severity(round_: _Round, news: frozenset[str]) -> None:
    if round_.case is None:
        return
    told = [each.severity for each in round_.case.findings if each.key in news]
    worst = max(told, default=round_.case.severity)
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
