from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from configs.plant import LifeUnit, Plant
from models.prediction import FailureProbability, RemainingLife
from service.advisory.case import FindingKind, Severity
from service.web.views.advice import AdviceWords, advice_words, leading_finding, replacement_words, week_words
from service.web.words import Words
from tests.fakes.facts import a_case, a_finding, facts_of, with_bearing
from tests.fakes.plain import plain
from tests.fakes.sample_factory import NOW

DAY = timedelta(days=1)


def advised(plant: Plant, words: Words, **changes: object) -> AdviceWords:
    facts = with_bearing(facts_of(plant), **changes)
    return advice_words(facts, a_case(), words)


@pytest.mark.parametrize(
    ("days", "order_days", "headline", "instruction"),
    [
        (40, 19, "1월 3일(일)까지 교체", "주축 베어링을 2027년 1월 3일(일)까지 교체하세요"),
        (2.9, -18, "11월 27일(금)까지 교체", "주축 베어링을 11월 27일(금)까지 교체하세요"),
        (21.5, 0.5, "오늘 주문, 12월 16일(수)까지 교체", "주축 베어링을 오늘 주문하고 12월 16일(수)까지 교체하세요"),
        (0.2, 0.1, "오늘 교체", "주축 베어링을 오늘 11월 24일(화) 안에 교체하세요"),
        (
            -4,
            -25,
            "지금 교체 · 권장일 11월 20일(금) 지남",
            "주축 베어링을 지금 교체하세요. 권장일 11월 20일(금)이 지났습니다",
        ),
    ],
)
def test_a_replacement_says_what_and_by_when(
    plant: Plant, ko: Words, days: float, order_days: float, headline: str, instruction: str
) -> None:
    advice = advised(plant, ko, replace_by=NOW + days * DAY, order_by=NOW + order_days * DAY)
    assert plain(advice.headline).removeprefix("2027년 ") == headline
    assert plain(advice.instruction) == instruction
    assert plain(advice.line) == "주축 베어링 · 주축 진동이 평소의 2.6배"


def test_english_says_the_same(plant: Plant, en: Words) -> None:
    advice = advised(plant, en, replace_by=NOW + 10 * DAY, order_by=NOW + 5 * DAY)
    assert plain(advice.instruction) == "Replace the spindle bearing by Fri 4 Dec"


def test_a_sign_asks_for_a_check_by_a_day_that_depends_on_its_severity(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    headlines = {
        severity: plain(advice_words(facts, a_case(a_finding(FindingKind.ANOMALY, severity=severity)), ko).headline)
        for severity in Severity
    }
    assert headlines == {
        Severity.CRITICAL: "지금 점검",
        Severity.WARNING: "11월 25일(수)까지 점검",
        Severity.WATCH: "12월 1일(화)까지 점검",
    }


def test_a_limit_names_the_sensor_and_the_limit(plant: Plant, ko: Words) -> None:
    advice = advice_words(facts_of(plant), a_case(a_finding(FindingKind.LIMIT)), ko)
    assert advice.line == "주축 진동 2.10 mm/s, 주의 한계 1.80 mm/s"
    assert plain(advice.instruction) == "주축 진동을 11월 25일(수)까지 점검하세요"


def test_silence_asks_to_look_at_sensors_and_network(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    late = advice_words(facts, a_case(a_finding(FindingKind.NO_DATA)), ko)
    now = advice_words(facts, a_case(a_finding(FindingKind.NO_DATA, severity=Severity.CRITICAL)), ko)
    assert plain(late.headline) == "11월 25일(수)까지 센서·통신 점검"
    assert now.headline == "지금 센서·통신 점검"
    assert "게이트웨이" in now.instruction


def test_a_case_whose_evidence_has_ended_still_says_what_it_was_about(plant: Plant, ko: Words) -> None:
    over = a_finding(FindingKind.ANOMALY, ended_at=NOW - timedelta(hours=1))
    facts = replace(facts_of(plant), predictions=())
    advice = advice_words(facts, a_case(over), ko)
    assert advice.headline == "정상 복귀 · 확인 뒤 종결"
    assert plain(advice.instruction) == "모든 근거가 정상으로 돌아왔습니다. 확인한 뒤 종결하세요"
    assert advice.finding == over


def test_a_plan_names_the_week(plant: Plant, ko: Words) -> None:
    """Without evidence that lasts, the advice is the replacement that is due within a week."""
    over = a_finding(FindingKind.ANOMALY, ended_at=NOW - timedelta(hours=1))
    facts = with_bearing(facts_of(plant), replace_by=NOW + 6 * DAY, order_by=NOW + 3 * DAY)
    advice = advice_words(facts, a_case(over), ko)
    assert advice.headline == "11월 여섯째 주에 교체 계획"


def test_the_leading_finding_is_the_most_severe_then_the_dated_one() -> None:
    limit, swap = a_finding(FindingKind.LIMIT), a_finding()
    assert leading_finding(a_case(limit, swap)) == swap
    grave = replace(limit, severity=Severity.CRITICAL)
    assert leading_finding(a_case(grave, swap)) == grave


def test_weeks_of_a_month_begin_on_monday(ko: Words, en: Words) -> None:
    at = datetime(2026, 12, 16, tzinfo=UTC)
    assert week_words(at, ko) == "12월 셋째 주"
    assert week_words(at, en) == "the 3rd week of December"


def test_a_date_that_has_passed_is_told_as_such(ko: Words) -> None:
    assert plain(replacement_words(NOW - 4 * DAY, ko)) == "다음 정지 때 교체 · 권장일 11월 20일(금) 지남"
    assert replacement_words(NOW, ko) == "다음 정지 때 교체"
    assert plain(replacement_words(NOW + 4 * DAY, ko)) == "11월 28일(토)까지 교체"


def far(**changes: object) -> dict[str, object]:
    """Return a life that may end from four months on, and changes."""
    spans = {"p10_at": NOW + 120 * DAY, "p50_at": NOW + 300 * DAY, "p90_at": NOW + 500 * DAY}
    return {"remaining": RemainingLife(unit=LifeUnit.OPERATING_HOURS, p10=1, p50=2, p90=3, **spans), **changes}


def test_a_watch_that_is_overdue_waits_for_the_next_stop(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant), **far(replace_by=NOW - 4 * DAY, order_by=NOW - 10 * DAY))
    advice = advice_words(facts, a_case(a_finding(severity=Severity.WATCH)), ko)
    assert plain(advice.headline) == "다음 정지 때 교체 · 권장일 11월 20일(금) 지남"
    assert plain(advice.instruction) == "주축 베어링을 다음 정지 때 교체하세요. 권장일 11월 20일(금)이 지났습니다"


def test_what_is_due_since_this_morning_is_due_today(plant: Plant, ko: Words) -> None:
    assert advised(plant, ko, replace_by=NOW - timedelta(hours=2), order_by=NOW).headline == "오늘 교체"


def test_a_watch_that_is_due_today_waits_for_the_next_stop_too(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant), **far(replace_by=NOW, order_by=NOW))
    advice = advice_words(facts, a_case(a_finding(severity=Severity.WATCH)), ko)
    assert advice.headline == "다음 정지 때 교체"


def test_what_hardly_fails_within_a_week_waits_for_the_next_stop_though_its_part_must_be_ordered(
    plant: Plant, ko: Words
) -> None:
    unlikely = FailureProbability(within_7_days=0.04, within_30_days=0.6, within_90_days=0.9)
    spans = {"p10_at": NOW + 14 * DAY, "p50_at": NOW + 18 * DAY, "p90_at": NOW + 23 * DAY}
    later = RemainingLife(unit=LifeUnit.OPERATING_HOURS, p10=200, p50=300, p90=400, **spans)
    changes = {"replace_by": NOW, "order_by": NOW - 10 * DAY, "failure_probability": unlikely, "remaining": later}
    patient = advised(plant, ko, **changes)
    assert plain(patient.headline) == "다음 정지 때, 늦어도 12월 8일(화) 전에 교체"
    assert plain(patient.instruction) == "주축 베어링을 다음 정지 때, 늦어도 12월 8일(화) 전에 교체하세요"
    soon = replace(later, p10_at=NOW + 6 * DAY)
    assert advised(plant, ko, **changes | {"remaining": soon}).headline == "오늘 교체"
    likely = replace(unlikely, within_7_days=0.2)
    assert advised(plant, ko, **changes | {"failure_probability": likely}).headline == "오늘 교체"
