"""The list of cases, and the page of one case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from configs.instant import ns_of
from configs.plant import MachineId, SlotId
from service.advisory.case import Case, CaseState, Finding, FindingKind, Severity, Verdict
from service.advisory.case_event import CaseEvent, CaseEventKind
from service.web.views.advice import advice_words
from service.web.views.causes import finding_words
from service.web.views.facts import MachineFacts, Standing, standing_of_case
from service.web.views.fleet import line_words, standing_words, who_words
from service.web.views.sensors import SensorView, sensor_views
from service.web.words import Words, key

SPAN_BEFORE = timedelta(hours=6)
SPAN_AFTER = timedelta(hours=1)
LONGEST_SPAN = timedelta(days=30)
MOST_SENSORS = 4

SEVERITIES = {
    Severity.CRITICAL: key("standing.critical"),
    Severity.WARNING: key("standing.warning"),
    Severity.WATCH: key("standing.watch"),
}
STATES = {
    CaseState.RAISED: key("case.raised"),
    CaseState.ACKNOWLEDGED: key("case.acknowledged"),
    CaseState.IN_PROGRESS: key("case.in_progress"),
    CaseState.CLOSED: key("case.closed"),
}
KINDS = {
    FindingKind.LIMIT: key("finding.limit"),
    FindingKind.ANOMALY: key("finding.anomaly"),
    FindingKind.REPLACE: key("finding.replace"),
    FindingKind.NO_DATA: key("finding.no_data"),
}
VERDICTS = {
    Verdict.REAL_FAILURE: key("verdict.real_failure"),
    Verdict.PREVENTED: key("verdict.prevented"),
    Verdict.NOTHING_FOUND: key("verdict.nothing_found"),
    Verdict.SENSOR_OR_NETWORK: key("verdict.sensor_or_network"),
    Verdict.PROCESS_CHANGE: key("verdict.process_change"),
    Verdict.PLANNED_WORK: key("verdict.planned_work"),
}
EVENTS = {
    CaseEventKind.RAISED: key("event.raised"),
    CaseEventKind.FINDING_ADDED: key("event.finding_added"),
    CaseEventKind.FINDING_GREW: key("event.finding_grew"),
    CaseEventKind.FINDING_ENDED: key("event.finding_ended"),
    CaseEventKind.FINDING_RETURNED: key("event.finding_returned"),
    CaseEventKind.SEVERITY_RAISED: key("event.severity_raised"),
    CaseEventKind.CLEARED: key("event.cleared"),
    CaseEventKind.RETURNED: key("event.returned"),
    CaseEventKind.ACKNOWLEDGED: key("event.acknowledged"),
    CaseEventKind.PART_REPLACED: key("event.part_replaced"),
    CaseEventKind.FINDING_JUDGED: key("event.finding_judged"),
    CaseEventKind.CLOSED: key("event.closed"),
}
STANDING_OF = {
    Severity.CRITICAL: Standing.CRITICAL,
    Severity.WARNING: Standing.WARNING,
    Severity.WATCH: Standing.WATCH,
}


class CaseTab(StrEnum):
    """Which cases the list shows."""

    WAITING = "waiting"
    IN_HAND = "in_hand"
    PAST = "past"


TABS = {CaseTab.WAITING: key("tab.waiting"), CaseTab.IN_HAND: key("tab.in_hand"), CaseTab.PAST: key("tab.past")}


@dataclass(frozen=True, slots=True, kw_only=True)
class TabView:
    """One tab of the list, with how many cases it holds (None: not counted)."""

    id: CaseTab
    words: str
    number: int | None
    is_current: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case in the list."""

    id: str
    machine: MachineId
    machine_name: str
    line: str
    standing: Standing
    severity: str
    state: str
    headline: str
    cause: str
    raised: str
    lasting: str
    who: str
    version: int
    is_unacknowledged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesView:
    """The list of cases; `older` is the cursor of the next page."""

    tabs: tuple[TabView, ...]
    rows: tuple[CaseRow, ...]
    older: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """One piece of evidence, and what was said of it."""

    id: str
    kind: str
    subject: str
    standing: Standing
    severity: str
    words: str
    span: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One entry of the timeline."""

    at: str
    stamp: str
    words: str
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """All that the page of a case shows; the charts span `from_ms` to `to_ms`."""

    row: CaseRow
    instruction: str
    findings: tuple[FindingView, ...]
    sensors: tuple[SensorView, ...]
    events: tuple[EventView, ...]
    verdicts: tuple[tuple[str, str], ...]
    is_open: bool
    is_history: bool
    from_ms: int
    to_ms: int


def cases_view(
    tab: CaseTab,
    cases: Sequence[Case],
    counts: Mapping[CaseTab, int],
    facts: Mapping[MachineId, MachineFacts],
    words: Words,
    *,
    has_older: bool,
) -> CasesView:
    """Return the list of cases of a tab; those of machines that the plant no longer has are left out."""
    known = [case for case in cases if case.machine in facts]
    return CasesView(
        tabs=tuple(
            TabView(id=each, words=words.say(TABS[each]), number=counts.get(each), is_current=each is tab)
            for each in CaseTab
        ),
        rows=tuple(case_row(case, facts[case.machine], words) for case in known),
        older=cases[-1].id if has_older and cases else "",
    )


def tab_of(case: Case) -> CaseTab:
    """Return in which tab a case stands."""
    if case.state is CaseState.CLOSED or case.history:
        return CaseTab.PAST
    return CaseTab.WAITING if case.state is CaseState.RAISED else CaseTab.IN_HAND


def case_row(case: Case, facts: MachineFacts, words: Words) -> CaseRow:
    """Return a case as a row of the list."""
    advice = advice_words(facts, case, words)
    ended = case.closed_at or words.now
    return CaseRow(
        id=case.id,
        machine=case.machine,
        machine_name=words.text(facts.machine.name),
        line=line_words(facts, words),
        standing=standing_of_case(case),
        severity=standing_words(standing_of_case(case), words),
        state=words.say(STATES[case.state]),
        headline=words.say(KINDS[advice.finding.kind]) if case.state is CaseState.CLOSED else advice.headline,
        cause=advice.line,
        raised=words.moment(case.raised_at),
        lasting=words.lasting(ended - case.raised_at),
        who=closed_words(case, words) if case.state is CaseState.CLOSED else who_words(case, words),
        version=case.version,
        is_unacknowledged=case.state is CaseState.RAISED,
    )


def closed_words(case: Case, words: Words) -> str:
    """Return who closed a case, and when."""
    if case.closed_at is None:
        return ""
    return words.say("case.closed_by", who=case.closed_by or "", day=words.moment(case.closed_at))


def case_view(case: Case, facts: MachineFacts, events: Sequence[CaseEvent], words: Words) -> CaseView:
    """Return the page of one case."""
    advice = advice_words(facts, case, words)
    start, end = _span(case, words)
    shown = {sensor.sensor for finding in case.findings for sensor in finding.sensors}
    sensors = [view for view in sensor_views(facts, advice.prediction, words) if view.id in shown]
    return CaseView(
        row=case_row(case, facts, words),
        instruction=advice.instruction,
        findings=tuple(_finding_view(finding, facts, words) for finding in sorted(case.findings, key=_weight)),
        sensors=tuple(sensors[:MOST_SENSORS]),
        events=tuple(_event_view(event, case, facts, words) for event in reversed(events)),
        verdicts=tuple((verdict.value, words.say(name)) for verdict, name in VERDICTS.items()),
        is_open=case.state is not CaseState.CLOSED,
        is_history=case.history,
        from_ms=start,
        to_ms=end,
    )


def _weight(finding: Finding) -> tuple[bool, int, datetime]:
    """Return what findings are sorted by: those that last first, the most severe first, the oldest first."""
    return finding.ended_at is not None, -finding.severity, finding.started_at


def _span(case: Case, words: Words) -> tuple[int, int]:
    """Return the span of the evidence with a little before and after, in milliseconds since 1970."""
    starts = [finding.started_at for finding in case.findings] or [case.raised_at]
    ends = [finding.ended_at or words.now for finding in case.findings] or [words.now]
    end = min(max(ends) + SPAN_AFTER, words.now)
    start = max(min(starts) - SPAN_BEFORE, end - LONGEST_SPAN)
    return ns_of(start) // 1_000_000, ns_of(end) // 1_000_000


def _finding_view(finding: Finding, facts: MachineFacts, words: Words) -> FindingView:
    ended = words.moment(finding.ended_at) if finding.ended_at is not None else words.say("finding.lasts")
    return FindingView(
        id=finding.id,
        kind=words.say(KINDS[finding.kind]),
        subject=subject_words(finding, facts, words),
        standing=STANDING_OF[finding.severity],
        severity=words.say(SEVERITIES[finding.severity]),
        words=finding_words(finding, facts, words),
        span=words.say("finding.span", start=words.moment(finding.started_at), end=ended),
        verdict=words.say(VERDICTS[finding.verdict]) if finding.verdict is not None else "",
    )


def subject_words(finding: Finding, facts: MachineFacts, words: Words) -> str:
    """Return what a finding is about: its part, its sensors, or the machine."""
    slot = facts.slot(finding.slot) if finding.slot is not None else None
    if slot is not None:
        return words.text(slot.name)
    sensors = [facts.sensor(each.sensor) for each in finding.sensors[:2]]
    names = [words.text(sensor.name) for sensor in sensors if sensor is not None]
    return ", ".join(names) or words.text(facts.machine.name)


def _event_view(event: CaseEvent, case: Case, facts: MachineFacts, words: Words) -> EventView:
    finding = next((each for each in case.findings if each.key == event.finding_key), None)
    replaced = facts.slot(SlotId(event.note or "")) if event.kind is CaseEventKind.PART_REPLACED else None
    subject = ""
    if finding is not None:
        subject = f"{words.say(KINDS[finding.kind])} · {subject_words(finding, facts, words)}"
    if replaced is not None:
        subject = words.text(replaced.name)
    severity = words.say(SEVERITIES[event.severity]) if event.severity is not None else ""
    return EventView(
        at=words.moment(event.at),
        stamp=event.at.isoformat(),
        words=words.say(EVENTS[event.kind], subject=subject, severity=severity),
        by=event.by or "",
        note="" if replaced is not None else event.note or "",
    )
