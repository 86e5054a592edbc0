from dataclasses import replace
from datetime import timedelta

import pytest

from configs.plant import LifeUnit, Plant, SensorId
from models.prediction import Driver, EvidenceKind, EvidenceWeight, Reason, ReasonCode
from service.advisory.case import FindingKind, FindingSensor
from service.web.views.causes import amount, driver_words, evidence_words, finding_words, moved, reason_words
from service.web.words import Words
from tests.fakes.facts import a_finding, bearing, facts_of, silent_for
from tests.fakes.plain import plain

VIB = SensorId("spindle_vib")


@pytest.mark.parametrize("code", list(ReasonCode))
@pytest.mark.parametrize("parameters", [(), (4.0, 2.0, 1.0)])
@pytest.mark.parametrize("sensor", [None, VIB, SensorId("gone")])
def test_every_reason_can_be_said_in_both_languages(
    plant: Plant, ko: Words, en: Words, code: ReasonCode, parameters: tuple[float, ...], sensor: SensorId | None
) -> None:
    reason = Reason(code=code, sensor=sensor, parameters=parameters)
    facts = facts_of(plant)
    for words in (ko, en):
        said = reason_words(reason, bearing(facts), facts, words)
        assert said
        assert "{" not in said


def test_reasons_carry_their_figures(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)

    def said(code: ReasonCode, *parameters: float) -> str:
        return reason_words(Reason(code=code, sensor=VIB, parameters=parameters), bearing(facts), facts, ko)

    assert said(ReasonCode.SITE_LIVES, 3, 5) == "이 현장의 고장 3건과 교체 5건을 반영했습니다"
    assert said(ReasonCode.AGE_USED, 4120, 5100) == "4,120시간 사용, 보통 수명 5,100시간"
    assert said(ReasonCode.TREND, 71, 2.4) == "열화 71.0%, 하루 2.40%씩 진행"
    assert said(ReasonCode.LIMIT_PASSED, 2.1, 1.8) == "주축 진동 2.10 mm/s, 한계 1.80 mm/s 초과"
    assert said(ReasonCode.LEARNING, 9 * 86_400, 14 * 86_400) == "기준 상태 학습 중: 14일 중 9일"
    assert said(ReasonCode.SIGN_MOVED, 1.46, 0.56, 6.2) == "주축 진동이 평소의 2.6배"
    assert said(ReasonCode.OVERDUE, 4) == "권장일이 4일 지났습니다"


@pytest.mark.parametrize(
    ("value", "expected", "said"),
    [
        (2.1, 0.6, "주축 진동이 평소의 3.5배"),
        (0.7, 0.6, "주축 진동 0.70 mm/s, 평소 0.60 mm/s"),
        (0.1, 0.6, "주축 진동 0.10 mm/s, 평소 0.60 mm/s"),
        (50.0, 0.6, "주축 진동 50.0 mm/s, 평소 0.60 mm/s"),
        (2.1, 0.0, "주축 진동 2.10 mm/s, 평소 0 mm/s"),
    ],
)
def test_a_multiple_is_said_only_where_it_tells(
    plant: Plant, ko: Words, value: float, expected: float, said: str
) -> None:
    sensor = FindingSensor(sensor=VIB, share=1.0, value=value, expected=expected)
    assert moved(sensor, facts_of(plant), ko) == said


def test_a_sensor_that_left_the_plant_file_is_named_by_its_id(plant: Plant, ko: Words) -> None:
    gone = FindingSensor(sensor=SensorId("old_temp"), share=1.0, value=1.0, expected=1.0)
    assert moved(gone, facts_of(plant), ko) == "센서 old_temp는 설비 구성에서 빠졌습니다"


def test_findings_in_words(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    bare = {kind: replace(a_finding(kind), sensors=()) for kind in FindingKind}
    assert finding_words(a_finding(FindingKind.LIMIT), facts, ko) == "주축 진동 2.10 mm/s, 주의 한계 1.80 mm/s"
    assert (
        finding_words(a_finding(FindingKind.ANOMALY), facts, ko)
        == "주축 진동이 평소의 3.5배 (2.10 mm/s, 평소 0.60 mm/s)"
    )
    assert finding_words(a_finding(FindingKind.REPLACE), facts, ko) == "주축 진동이 평소의 2.6배"
    assert finding_words(bare[FindingKind.ANOMALY], facts, ko) == "여러 센서가 함께 평소와 다릅니다"
    assert finding_words(bare[FindingKind.LIMIT], facts, ko) == "한계를 넘은 센서가 설비 구성에서 빠졌습니다"
    unpredicted = replace(facts, predictions=())
    assert finding_words(bare[FindingKind.REPLACE], unpredicted, ko) == "마모가 진행되고 있습니다"
    slight = FindingSensor(sensor=VIB, share=1.0, value=0.7, expected=0.6)
    assert finding_words(replace(a_finding(FindingKind.ANOMALY), sensors=(slight,)), facts, ko) == (
        "주축 진동 0.70 mm/s, 평소 0.60 mm/s"
    )


def test_a_limit_that_was_changed_since_is_told_by_what_the_finding_kept(plant: Plant, ko: Words) -> None:
    finding = replace(a_finding(FindingKind.LIMIT), key="limit:spindle_vib:unknown")
    assert finding_words(finding, facts_of(plant), ko) == "주축 진동 2.10 mm/s, 주의 한계 0.60 mm/s"


def test_silence_says_when_it_was_last_heard(plant: Plant, ko: Words) -> None:
    silent = facts_of(plant, progress=silent_for(timedelta(minutes=26)))
    said = plain(finding_words(a_finding(FindingKind.NO_DATA), silent, ko))
    assert said == "마지막 수신 11월 24일(화) 16:39 (26분 전)"
    never = facts_of(plant, progress=None)
    assert finding_words(a_finding(FindingKind.NO_DATA), never, ko) == "아직 수신된 데이터가 없습니다"


def test_age_as_a_driver(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    aged = Driver(sensor=None, share=0.2, value=1.0, expected=1.0, deviation=0.0)
    assert driver_words(aged, bearing(facts), facts, ko) == "4,120시간 사용, 보통 수명 5,100시간"
    without = replace(bearing(facts), reasons=())
    assert driver_words(aged, without, facts, ko) == "사용 시간이 길어졌습니다"


def test_evidence_is_told_heaviest_first_and_nothing_without_weight(ko: Words) -> None:
    weights = (
        EvidenceWeight(kind=EvidenceKind.AGE, weight=0.21),
        EvidenceWeight(kind=EvidenceKind.CONDITION, weight=0.79),
        EvidenceWeight(kind=EvidenceKind.RULES, weight=0.0),
    )
    assert evidence_words(weights, ko) == "판단 근거: 상태 추이 79% · 사용 시간 21%"
    assert evidence_words((), ko) == ""


@pytest.mark.parametrize("unit", list(LifeUnit))
def test_every_life_unit_has_words(ko: Words, en: Words, unit: LifeUnit) -> None:
    assert "1,234" in amount(1234.4, unit, ko)
    assert "2.5" in amount(2.5, unit, en)
