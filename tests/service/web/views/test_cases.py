from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import Plant
from service.advisory.case import CaseState, FindingKind, Severity, Verdict
from service.advisory.case_event import CaseEvent, CaseEventKind
from service.web.views.cases import CaseTab, case_row, case_view, cases_view, tab_of
from service.web.views.facts import Standing
from service.web.words import Words
from tests.fakes.facts import a_case, a_finding, facts_of
from tests.fakes.plain import plain
from tests.fakes.sample_factory import NOW


@pytest.mark.parametrize(
    ("state", "history", "tab"),
    [
        (CaseState.RAISED, False, CaseTab.WAITING),
        (CaseState.ACKNOWLEDGED, False, CaseTab.IN_HAND),
        (CaseState.IN_PROGRESS, False, CaseTab.IN_HAND),
        (CaseState.CLOSED, False, CaseTab.PAST),
        (CaseState.RAISED, True, CaseTab.PAST),
    ],
)
def test_every_case_stands_in_one_tab(state: CaseState, history: bool, tab: CaseTab) -> None:
    assert tab_of(a_case(state=state, history=history)) is tab


def test_the_list_shows_cases_of_machines_that_the_plant_has(plant: Plant, ko: Words) -> None:
    known, gone = a_case(), a_case(id="case2", machine="old-01")
    view = cases_view(
        CaseTab.WAITING, [known, gone], {CaseTab.WAITING: 1}, {known.machine: facts_of(plant)}, ko, has_older=True
    )
    assert [row.id for row in view.rows] == ["case1"]
    assert view.older == "case2"
    assert [(tab.words, tab.number, tab.is_current) for tab in view.tabs] == [
        ("미확인", 1, True),
        ("조치 중", None, False),
        ("이력", None, False),
    ]


def test_a_row_says_what_when_and_who(plant: Plant, ko: Words) -> None:
    row = case_row(a_case(), facts_of(plant), ko)
    assert plain(row.headline) == "11월 27일(금)까지 교체"
    assert row.cause == "주축 베어링 · 주축 진동이 평소의 2.6배"
    assert row.severity == "주의"
    assert row.who == "미확인 1시간 12분째"


def test_a_case_of_silence_is_called_so(plant: Plant, ko: Words) -> None:
    row = case_row(a_case(a_finding(FindingKind.NO_DATA)), facts_of(plant), ko)
    assert (row.standing, row.severity) == (Standing.NO_SIGNAL, "신호 없음")


def test_a_closed_case_says_who_closed_it_and_asks_nothing(plant: Plant, ko: Words) -> None:
    closed = a_case(state=CaseState.CLOSED, closed_at=NOW, closed_by="박기사")
    row = case_row(closed, facts_of(plant), ko)
    assert plain(row.who) == "박기사 종결 · 11월 24일(화) 17:05"
    assert row.headline == "부품 교체 시기"
    view = case_view(closed, facts_of(plant), (), ko)
    assert not view.is_open


def test_a_closed_case_without_a_time_names_nobody(plant: Plant, ko: Words) -> None:
    assert case_row(a_case(state=CaseState.CLOSED), facts_of(plant), ko).who == ""


def test_findings_name_their_subject_span_and_verdict(plant: Plant, ko: Words) -> None:
    swap = replace(a_finding(), ended_at=NOW, verdict=Verdict.PREVENTED)
    case = a_case(swap, a_finding(FindingKind.LIMIT), a_finding(FindingKind.NO_DATA))
    second, third, first = case_view(case, facts_of(plant), (), ko).findings
    assert (first.kind, first.subject, first.verdict) == ("부품 교체 시기", "주축 베어링", "예방 교체함")
    assert plain(first.span) == "11월 24일(화) 14:05 ~ 11월 24일(화) 17:05"
    assert (second.kind, second.subject) == ("한계 초과", "주축 진동")
    assert second.span.endswith("계속")
    assert plain(third.subject) == "머시닝센터 3호기"


def test_the_charts_are_of_the_sensors_that_moved_around_the_evidence(plant: Plant, ko: Words) -> None:
    view = case_view(a_case(a_finding(FindingKind.ANOMALY)), facts_of(plant), (), ko)
    assert [sensor.name for sensor in view.sensors] == ["주축 진동"]
    assert view.to_ms - view.from_ms == 9 * 3_600_000
    old = a_finding(FindingKind.ANOMALY, started_at=NOW - timedelta(days=90), ended_at=NOW - timedelta(days=50))
    span = case_view(a_case(old), facts_of(plant), (), ko)
    assert span.to_ms - span.from_ms == 30 * 86_400_000
    empty = case_view(replace(a_case(), findings=(a_finding(),)), facts_of(plant), (), ko)
    assert empty.sensors == ()


@pytest.mark.parametrize("kind", list(CaseEventKind))
def test_every_event_of_the_timeline_can_be_said(plant: Plant, ko: Words, en: Words, kind: CaseEventKind) -> None:
    event = CaseEvent(
        case_id="case1",
        number=2,
        at=NOW,
        kind=kind,
        by="김반장",
        finding_key="replace:spindle_bearing",
        severity=Severity.CRITICAL,
        note=None,
    )
    bare = replace(event, by=None, finding_key=None, severity=None, note="베어링 소리")
    for words in (ko, en):
        newest, oldest = case_view(a_case(), facts_of(plant), (bare, event), words).events
        assert newest.words
        assert newest.by == "김반장"
        assert (oldest.by, oldest.note) == ("", "베어링 소리")


def test_a_replaced_part_is_named_in_the_timeline(plant: Plant, ko: Words) -> None:
    event = CaseEvent(
        case_id="case1",
        number=2,
        at=NOW,
        kind=CaseEventKind.PART_REPLACED,
        by="김반장",
        finding_key=None,
        severity=None,
        note="spindle_bearing",
    )
    (shown,) = case_view(a_case(), facts_of(plant), (event,), ko).events
    assert (shown.words, shown.note) == ("부품 교체 기록: 주축 베어링", "")
