from dataclasses import replace
from datetime import timedelta

from configs.plant import Plant
from ingest.operation import OperatingState
from models.health import HealthStatus
from service.advisory.case import CaseState, FindingKind, Severity
from service.advisory.shelving import OutOfService
from service.web.views.facts import MachineFacts, Standing
from service.web.views.fleet import FleetView, fleet_view, learning_words, tile_words, who_words
from service.web.words import Words
from tests.fakes.facts import a_case, a_finding, facts_of, silent_for, with_bearing
from tests.fakes.plain import plain
from tests.fakes.sample_factory import NOW


def view_of(plant: Plant, words: Words, *facts: MachineFacts) -> FleetView:
    return fleet_view(plant, facts, words)


def test_a_quiet_fleet_has_no_cards_and_counts_what_is_always_counted(plant: Plant, ko: Words) -> None:
    view = view_of(plant, ko, facts_of(plant, "cnc-01"), facts_of(plant, "pump-01"))
    assert view.cards == ()
    assert [(count.words, count.number) for count in view.counts] == [("위험", 0), ("주의", 0), ("정상", 2)]
    assert [line.name for line in view.lines] == ["절삭 라인", "유틸리티"]
    assert view.machines == 2


def test_a_card_says_what_to_do_by_when_and_why(plant: Plant, ko: Words) -> None:
    (card,) = view_of(plant, ko, facts_of(plant, case=a_case(a_finding(), a_finding(FindingKind.LIMIT)))).cards
    assert plain(card.name) == "머시닝센터 3호기"
    assert card.line == "절삭 라인"
    assert card.standing_words == "주의"
    assert card.who == "미확인 1시간 12분째"
    assert plain(card.advice.headline) == "11월 27일(금)까지 교체"
    assert card.more == "그 밖에 1건"
    assert plain(card.supply) == "납기 21일 · 없으면 지금 주문, 12월 15일(화) 도착"
    assert card.chance == "7일 내 고장 61%"
    assert card.bar is not None
    assert card.is_unacknowledged


def test_a_card_about_a_sign_has_no_bar_and_no_chance(plant: Plant, ko: Words) -> None:
    (card,) = view_of(plant, ko, facts_of(plant, case=a_case(a_finding(FindingKind.ANOMALY)))).cards
    assert (card.bar, card.chance, card.supply, card.more) == (None, "", "", "")


def test_a_card_of_a_prediction_without_numbers_has_no_bar(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant, case=a_case()), remaining=None, failure_probability=None)
    (card,) = view_of(plant, ko, facts).cards
    assert (card.bar, card.chance) == (None, "")


def test_cards_are_ranked_by_severity_then_silence_last_then_nobody_on_it_then_what_fails_first(
    plant: Plant, ko: Words
) -> None:
    def machine(name: str, **case: object) -> MachineFacts:
        return facts_of(plant, name, case=a_case(a_finding(FindingKind.ANOMALY), id=name, **case))

    view = view_of(
        plant,
        ko,
        facts_of(plant, "cnc-01", case=a_case(a_finding(FindingKind.NO_DATA))),
        machine("cnc-02", state=CaseState.ACKNOWLEDGED, acknowledged_at=NOW, acknowledged_by="김반장"),
        replace(machine("air-01"), predictions=()),
        machine("cnc-03"),
        machine("pump-03", severity=Severity.CRITICAL),
    )
    assert [card.machine for card in view.cards] == ["pump-03", "cnc-03", "air-01", "cnc-02", "cnc-01"]


def test_who_is_on_a_case(ko: Words) -> None:
    taken = a_case(state=CaseState.ACKNOWLEDGED, acknowledged_at=NOW - timedelta(days=1), acknowledged_by="김반장")
    assert plain(who_words(taken, ko)) == "김반장 확인 · 11월 23일(월)"
    assert who_words(a_case(), ko) == "미확인 1시간 12분째"


def test_tiles_say_what_matters_most(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    assert facts.health is not None
    away = OutOfService(
        machine=facts.machine.id, since=NOW, until=NOW + timedelta(hours=1), reason="점검", said_by="김반장"
    )
    silent = replace(facts, progress=silent_for(timedelta(minutes=26)))

    def said(known: MachineFacts, standing: Standing) -> str:
        return plain(tile_words(known, standing, ko))

    assert said(facts, Standing.NORMAL) == "잔여 2일~"
    assert said(replace(facts, predictions=()), Standing.NORMAL) == "감시 중"
    assert said(replace(facts, case=a_case()), Standing.WARNING) == "2~12일"
    assert said(replace(facts, case=a_case(a_finding(FindingKind.ANOMALY))), Standing.WARNING) == "주의"
    assert said(facts, Standing.STOPPED) == "정지"
    assert said(replace(facts, absence=away), Standing.OUT_OF_SERVICE) == "정비 중 · 18:05까지"
    assert said(silent, Standing.NO_SIGNAL) == "신호 없음 26분"
    assert said(replace(facts, progress=None), Standing.NO_SIGNAL) == "수신 기록 없음"
    learning = replace(facts.health, status=HealthStatus.LEARNING, learnt_s=9.3 * 86_400)
    assert said(replace(facts, health=learning), Standing.LEARNING) == "학습 중 9/14일"


def test_learning_of_less_than_a_day_counts_minutes(ko: Words) -> None:
    assert learning_words(130, 400, ko) == "학습 중 2/7분"
    assert learning_words(20 * 86_400, 14 * 86_400, ko) == "학습 중 14/14일"


def test_a_tile_shows_the_worst_indicator_against_its_limit(plant: Plant, ko: Words) -> None:
    (line,) = view_of(plant, ko, facts_of(plant)).lines
    (tile,) = line.tiles
    assert tile.fill == 56.8
    assert tile.title == "주축 베어링 71% (고장 기준 100%)"


def test_a_silent_tile_shows_no_indicator(plant: Plant, ko: Words) -> None:
    silent = facts_of(plant, progress=silent_for(timedelta(minutes=26)))
    (line,) = view_of(plant, ko, silent).lines
    assert (line.tiles[0].fill, line.tiles[0].title) == (None, "")
    assert line.tiles[0].standing is Standing.NO_SIGNAL


def test_without_health_the_tile_names_the_sensor(plant: Plant, ko: Words) -> None:
    (line,) = view_of(plant, ko, facts_of(plant, health=None)).lines
    assert line.tiles[0].title.endswith("(고장 기준 100%)")
    off = facts_of(plant, progress=silent_for(timedelta(hours=9), state=OperatingState.OFF))
    assert view_of(plant, ko, off).lines[0].tiles[0].words == "정지"
