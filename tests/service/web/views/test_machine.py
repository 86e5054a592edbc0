from dataclasses import replace
from datetime import timedelta

import numpy as np

from configs.instant import ns_of
from configs.plant import Bound, Plant, SlotId
from ingest.maintenance_event import MaintenanceEvent, MaintenanceKind
from ingest.ports import ConditionBlock
from models.health import HealthStatus
from models.prediction import FailureProbability, PredictionStatus, Reason, ReasonCode
from service.advisory.case import CaseState, FindingKind
from service.advisory.shelving import OutOfService
from service.web.views.facts import MachineFacts
from service.web.views.forecast import History
from service.web.views.machine import MachineView, machine_view
from service.web.words import Words
from tests.fakes.facts import a_case, a_finding, bearing, facts_of, with_bearing
from tests.fakes.parts import a_life
from tests.fakes.plain import plain
from tests.fakes.sample_factory import NOW

DAY = timedelta(days=1)
HOUR_NS = 3_600_000_000_000
NO_HISTORY = History(
    lives=(),
    events=(),
    block=ConditionBlock(
        machines=np.empty(0, object),
        keys=np.empty(0, object),
        hours_ns=np.empty(0, np.int64),
        values=np.empty(0),
        weights=np.empty(0),
    ),
)


def view_of(facts: MachineFacts, words: Words, chosen: str | None = None, history: History = NO_HISTORY) -> MachineView:
    return machine_view(facts, history, SlotId(chosen) if chosen else None, words)


def hours(*values: float, slot: str = "spindle_bearing", back: int = 0) -> ConditionBlock:
    """Return one value per six hours, the last of them `back` hours ago."""
    count = len(values)
    end = ns_of(NOW) // (6 * HOUR_NS) * 6 * HOUR_NS - back * HOUR_NS
    return ConditionBlock(
        machines=np.full(count, "cnc-03", object),
        keys=np.full(count, slot, object),
        hours_ns=np.array([end - i * 6 * HOUR_NS for i in range(count)][::-1], np.int64),
        values=np.array(values),
        weights=np.full(count, 60.0),
    )


def test_the_first_thing_is_what_to_do_and_by_when(plant: Plant, ko: Words) -> None:
    view = view_of(facts_of(plant, case=a_case()), ko)
    assert plain(view.todo.sentence) == "주축 베어링을 11월 27일(금)까지 교체하세요"
    assert view.todo.prose == "빠르면 2일, 늦으면 12일 뒤에 고장 날 수 있습니다."
    assert view.todo.who == "미확인 1시간 12분째"
    assert [(fact.name, plain(fact.value), plain(fact.note)) for fact in view.todo.facts] == [
        ("잔여수명", "6일", "예측 범위 80%: 2~12일"),
        ("7일 내 고장 확률", "61%", ""),
        ("30일 내 고장 확률", "97%", ""),
        ("예비품", "납기 21일", "없으면 지금 주문, 12월 15일(화) 도착"),
        ("기다리는 비용", "하루 약 60만 원", "지금 교체 약 92만 원"),
    ]


def test_a_case_about_a_sign_says_the_sign(plant: Plant, ko: Words) -> None:
    view = view_of(facts_of(plant, case=a_case(a_finding(FindingKind.ANOMALY))), ko)
    assert view.todo.prose.startswith("주축 진동이 평소의 3.5배")
    assert view.todo.facts == ()


def test_without_a_case_the_page_says_what_comes_next(plant: Plant, ko: Words) -> None:
    view = view_of(facts_of(plant, "pump-01"), ko)
    assert view.todo.sentence == "지금 할 일이 없습니다"
    assert view.todo.prose.startswith("다음 교체: ")
    assert view.todo.case == ""
    assert view.todo.facts[0].name == "잔여수명"


def test_what_comes_next_is_what_is_to_be_replaced_first_and_never_nothing_where_that_is_due(
    plant: Plant, ko: Words
) -> None:
    view = view_of(with_bearing(facts_of(plant), replace_by=NOW - 32 * DAY, order_by=NOW - 53 * DAY), ko)
    assert view.todo.sentence == "급한 일은 없습니다"
    assert plain(view.todo.prose) == "다음 교체: 주축 베어링, 다음 정지 때 교체 · 권장일 10월 23일(금) 지남"


def test_a_part_past_the_usual_limit_is_said_in_words(plant: Plant, ko: Words) -> None:
    worn = with_bearing(facts_of(plant, case=a_case()), indicator=120.0)
    seen = replace(NO_HISTORY, block=hours(90.0, 104.0, 99.0, *[120.0] * 8))
    never = replace(NO_HISTORY, block=hours(120.0, 121.0))
    fresh = replace(NO_HISTORY, block=hours(90.0, 99.0))
    warnings = [fan.warning for history in (seen, never, fresh) if (fan := view_of(worn, ko, history=history).fan)]
    assert [plain(each) for each in warnings] == [
        "11월 22일(일)부터 보통 고장 나는 기준을 넘어 있습니다",
        "보통 고장 나는 기준을 이미 넘었습니다",
        "보통 고장 나는 기준을 이미 넘었습니다",
    ]
    sound = view_of(with_bearing(facts_of(plant, case=a_case()), indicator=99.0), ko, history=seen).fan
    assert sound is not None
    assert sound.warning == ""


def test_dates_years_ahead_are_told_by_the_year_and_need_no_order_yet(plant: Plant, ko: Words) -> None:
    far = with_bearing(facts_of(plant), replace_by=NOW + 3000 * DAY, order_by=NOW + 2000 * DAY)
    row = next(each for each in view_of(far, ko).parts if each.slot == "spindle_bearing")
    assert (row.replace_by, row.order_by) == ("2035년쯤", "")


def test_without_predictions_the_page_stays_whole(plant: Plant, ko: Words) -> None:
    view = view_of(facts_of(plant, predictions=(), progress=None, health=None), ko)
    assert view.todo.sentence == "장치를 연결하세요"
    assert "yeji/v1/ansan/cutting/cnc-03/telemetry" in view.todo.prose
    assert view.causes == ()
    assert view.fan is None
    assert view.evidence == ""
    assert view.state == "운전 상태 모름"


def test_two_causes_at_most_each_with_a_check(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant, case=a_case())
    assert [cause.name for cause in view_of(facts, ko).causes] == ["주축 베어링"]
    worn = tuple(
        replace(each, indicator=60.0) if each.slot != "spindle_bearing" else each for each in facts.predictions
    )
    first, second = view_of(replace(facts, predictions=worn), ko).causes
    assert first.chance == "30일 내 고장 97%"
    assert first.facts[0] == "주축 진동이 평소의 2.6배 (기여 68%)"
    assert second.name == "절삭 공구"
    assert second.facts[0].startswith("카탈로그 추정값")
    assert first.check
    assert second.check


def test_a_cause_whose_slot_is_gone_is_left_out(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant, case=a_case())
    machine = replace(facts.machine, slots=tuple(s for s in facts.machine.slots if s.id != "spindle_bearing"))
    view = view_of(replace(facts, machine=machine), ko, "spindle_bearing")
    assert view.causes == ()
    assert view.fan is None


def test_the_page_says_what_a_prediction_rests_on(plant: Plant, ko: Words) -> None:
    view = view_of(facts_of(plant, case=a_case()), ko)
    assert view.evidence == "판단 근거: 상태 추이 72% · 사용 시간 21% · 기준값 7%"
    assert view.bases == ("이 현장의 고장 3건과 교체 5건을 반영했습니다",)
    other = view_of(facts_of(plant), ko, "ball_screw")
    assert other.bases == ("카탈로그 추정값이며, 현장 자료는 아직 없습니다",)


def test_states_of_their_own(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    assert facts.health is not None
    learning = replace(facts.health, status=HealthStatus.LEARNING, learnt_s=9 * 86_400.0)
    assert view_of(replace(facts, health=learning), ko).learning == "학습 중 9/14일"
    away = OutOfService(
        machine=facts.machine.id, since=NOW, until=NOW + timedelta(hours=1), reason="냉각기 점검", said_by="김반장"
    )
    assert plain(view_of(replace(facts, absence=away), ko).absence) == (
        "정비 중: 11월 24일(화) 18:05까지 감시하지 않습니다 (냉각기 점검)"
    )
    over = replace(away, until=NOW)
    assert view_of(replace(facts, absence=over), ko).absence == ""


def test_an_acknowledged_case_says_who(plant: Plant, ko: Words) -> None:
    case = a_case(state=CaseState.ACKNOWLEDGED, acknowledged_at=NOW, acknowledged_by="김반장")
    todo = view_of(facts_of(plant, case=case), ko).todo
    assert not todo.is_unacknowledged
    assert plain(todo.who) == "김반장 확인 · 11월 24일(화)"


def test_a_free_part_has_no_cost_of_waiting(plant: Plant, ko: Words) -> None:
    part_types = tuple(replace(part, price_krw=0.0) for part in plant.part_types)
    facts = facts_of(replace(plant, part_types=part_types), case=a_case())
    machine = replace(facts.machine, cost_planned_krw=None)
    names = [fact.name for fact in view_of(replace(facts, machine=machine), ko).todo.facts]
    assert "기다리는 비용" not in names


def test_the_fan_joins_past_and_forecast_and_leaves_a_gap_open(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant, case=a_case())
    block = hours(20.0, 21.0, np.nan, 24.0, 26.0)
    far = hours(18.0, back=24 * 20)
    joined = ConditionBlock(
        **{
            name: np.concatenate([getattr(far, name), getattr(block, name)])
            for name in ("machines", "keys", "hours_ns", "values", "weights")
        }
    )
    fan = view_of(facts, ko, history=replace(NO_HISTORY, block=joined)).fan
    assert fan is not None
    known = len(bearing(facts).forecast)
    assert fan.past[:-known] == (18.0, None, 20.0, 21.0, 24.0, 26.0)
    assert set(fan.past[-known:]) == {None}
    assert set(fan.middle[:-known]) == {None}
    assert all(
        low <= mid <= high
        for low, mid, high in zip(fan.low[-known:], fan.middle[-known:], fan.high[-known:], strict=True)
    )  # type: ignore[operator]
    assert list(fan.at_ms) == sorted(fan.at_ms)
    assert len(fan.at_ms) == len(fan.past) == len(fan.low)
    assert plain(fan.summary) == "주축 베어링 열화 71% (고장 기준 100%), 11월 27일(금)까지 교체"
    assert fan.rows[0].past == "18%"
    assert fan.rows[-1].high


def test_the_past_of_the_part_before_is_not_the_part_s_own(plant: Plant, ko: Words) -> None:
    life = a_life(machine="cnc-03", slot="spindle_bearing", installed_at=NOW - timedelta(hours=13))
    history = replace(NO_HISTORY, lives=(life,), block=hours(80.0, 85.0, 90.0, 20.0, 21.0))
    fan = view_of(facts_of(plant, case=a_case()), ko, history=history).fan
    assert fan is not None
    assert [value for value in fan.past if value is not None] == [20.0, 21.0]


def test_marks_show_what_was_done_to_the_part_or_the_machine(plant: Plant, ko: Words) -> None:
    def work(days: float, slot: str | None) -> MaintenanceEvent:
        return MaintenanceEvent(
            machine="cnc-03", slot=slot, at=NOW - timedelta(days=days), kind=MaintenanceKind.PREVENTIVE, note=None
        )

    life = a_life(machine="cnc-03", slot="spindle_bearing", installed_at=NOW - timedelta(days=30))
    history = History(
        lives=(life,),
        events=(work(3, None), work(5, "ball_screw"), work(80, None)),
        block=hours(20.0, 21.0),
    )
    fan = view_of(facts_of(plant, case=a_case()), ko, history=history).fan
    assert fan is not None
    assert [mark.words for mark in fan.marks] == ["주축 베어링 교체", "예방 정비"]


def test_without_past_and_forecast_there_is_no_fan(plant: Plant, ko: Words) -> None:
    assert view_of(facts_of(plant), ko, "ball_screw").fan is None


def test_a_fan_without_date_or_indicator_says_so(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant, case=a_case()), replace_by=None, indicator=None)
    fan = view_of(facts, ko, "spindle_bearing").fan
    assert fan is not None
    assert fan.replace_by_ms is None
    assert fan.summary == "주축 베어링 열화 알 수 없음 (고장 기준 100%)"


def test_sensors_that_moved_come_first_and_the_context_last(plant: Plant, ko: Words) -> None:
    names = [sensor.name for sensor in view_of(facts_of(plant, case=a_case()), ko).sensors]
    assert names[0] == "주축 진동"
    assert names[-2:] == ["주축 회전수", "주변 온도"]
    found = a_finding(FindingKind.ANOMALY)
    sensor = replace(found.sensors[0], sensor="coolant_pressure")
    case = a_case(replace(found, sensors=(sensor,)))
    assert next(s.name for s in view_of(facts_of(plant, case=case), ko).sensors) == "절삭유 압력"


def test_a_sensor_shows_its_value_age_limits_and_doubts(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    values = tuple(
        replace(each, value=2.0, quality=1) if each.sensor == "spindle_vib" else each
        for each in facts.last_values
        if each.sensor != "spindle_temp"
    )
    shown = {sensor.id: sensor for sensor in view_of(replace(facts, last_values=values), ko).sensors}
    vibration, temperature = shown["spindle_vib"], shown["spindle_temp"]
    assert (vibration.value, vibration.unit, vibration.age) == ("2.00", "mm/s", "2초 전")
    assert vibration.is_doubtful
    assert vibration.is_past_limit
    assert [limit.words for limit in vibration.limits] == ["주의 한계 1.8", "위험 한계 2.8"]
    assert (temperature.value, temperature.age, temperature.at_ms, temperature.stamp) == (
        "–",
        "수신 기록 없음",
        None,
        "",
    )
    assert not temperature.is_past_limit


def test_a_lower_limit_is_passed_from_above(plant: Plant, ko: Words) -> None:
    facts = facts_of(plant)
    limit = next(limit for sensor in facts.machine.sensors for limit in sensor.limits)
    lower = replace(limit, bound=Bound.LOWER, value=3.0)
    sensors = tuple(
        replace(each, limits=(lower,)) if each.id == "coolant_pressure" else each for each in facts.machine.sensors
    )

    def is_past(value: float) -> bool:
        values = tuple(
            replace(each, value=value) if each.sensor == "coolant_pressure" else each for each in facts.last_values
        )
        changed = replace(facts, machine=replace(facts.machine, sensors=sensors), last_values=values)
        return {each.id: each for each in view_of(changed, ko).sensors}["coolant_pressure"].is_past_limit

    assert is_past(2.0)
    assert not is_past(4.0)


def test_a_part_that_nobody_recorded_is_said_to_be_seen_and_not_installed(plant: Plant, ko: Words) -> None:
    life = a_life(machine="cnc-03", slot="spindle_bearing", installed_at=NOW - timedelta(days=240), age_at_install=None)
    rows = view_of(facts_of(plant, case=a_case()), ko, history=replace(NO_HISTORY, lives=(life,))).parts
    assert plain(rows[1].installed) == "3월 29일(일) 처음 확인"
    assert rows[1].age == "처음 확인 뒤 4,120시간 사용"


def test_parts_are_listed_soonest_first_with_age_range_and_dates(plant: Plant, ko: Words) -> None:
    life = a_life(machine="cnc-03", slot="spindle_bearing", installed_at=NOW - timedelta(days=240), age_at_install=0.0)
    rows = view_of(facts_of(plant, case=a_case()), ko, history=replace(NO_HISTORY, lives=(life,))).parts
    assert [row.name for row in rows[:2]] == ["절삭 공구", "주축 베어링"]
    tool, spindle = rows[:2]
    assert tool.middle == "약 23분 남음"
    assert tool.ends_ms is not None
    assert plain(spindle.installed) == "3월 29일(일) 설치"
    assert spindle.age == "4,120시간 사용"
    assert spindle.remaining == "2~12일"
    assert plain(spindle.replace_by) == "11월 27일(금)"
    assert plain(spindle.order_by) == "없으면 지금 주문, 12월 15일(화) 도착"
    assert spindle.has_life
    assert not rows[2].has_life
    assert spindle.has_forecast


def test_a_part_that_is_due_or_used_up_says_so(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant), replace_by=NOW - timedelta(days=4))
    rows = {row.slot: row for row in view_of(facts, ko).parts}
    assert plain(rows["spindle_bearing"].replace_by) == "11월 20일(금) (지남)"
    assert rows["spindle_bearing"].is_due
    tool = facts.prediction(SlotId("cutting_tool"))
    assert tool is not None
    assert tool.remaining is not None
    used = replace(tool, remaining=replace(tool.remaining, p50_at=NOW))
    predictions = tuple(used if each.slot == "cutting_tool" else each for each in facts.predictions)
    rows = {row.slot: row for row in view_of(replace(facts, predictions=predictions), ko).parts}
    assert rows["cutting_tool"].middle == "교체 시기"


def test_a_part_without_a_number_says_why(plant: Plant, ko: Words) -> None:
    refused = with_bearing(
        facts_of(plant),
        status=PredictionStatus.NO_DATA,
        reasons=(Reason(code=ReasonCode.NO_LIFE),),
        remaining=None,
        failure_probability=None,
        replace_by=None,
        order_by=None,
        age=None,
    )
    row = {row.slot: row for row in view_of(refused, ko).parts}["spindle_bearing"]
    assert row.refusal == "자료 없음 · 장착된 부품 기록이 없습니다. 설치를 기록하세요"
    assert (row.age, row.replace_by, row.bar) == ("사용량 모름", "", None)
    never = {row.slot: row for row in view_of(facts_of(plant, predictions=()), ko).parts}["spindle_bearing"]
    assert never.refusal == "아직 예측하지 않았습니다"


def test_a_part_that_is_used_until_it_fails_has_no_date(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant, case=a_case()), replace_by=None, order_by=None)
    view = view_of(facts, ko)
    row = {row.slot: row for row in view.parts}["spindle_bearing"]
    assert row.replace_by == "고장 나면 교체"
    assert row.order_by == ""
    assert next(fact.note for fact in view.todo.facts if fact.name == "예비품") == ""


def test_a_part_at_hand_in_time_says_by_when_to_order(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant), replace_by=NOW + timedelta(days=40), order_by=NOW + timedelta(days=12))
    row = {row.slot: row for row in view_of(facts, ko).parts}["spindle_bearing"]
    assert plain(row.order_by) == "12월 6일(일)까지 주문"
    sooner = with_bearing(facts_of(plant), replace_by=NOW + timedelta(days=30), order_by=NOW + timedelta(days=31))
    row = {row.slot: row for row in view_of(sooner, ko).parts}["spindle_bearing"]
    assert plain(row.order_by) == "12월 3일(목)까지 주문"
    today = with_bearing(facts_of(plant), replace_by=NOW + timedelta(days=40), order_by=NOW)
    row = {row.slot: row for row in view_of(today, ko).parts}["spindle_bearing"]
    assert row.order_by == "지금 주문"


def test_a_prediction_without_numbers_still_names_the_spare_part(plant: Plant, ko: Words) -> None:
    facts = with_bearing(facts_of(plant, case=a_case()), remaining=None, failure_probability=None)
    assert [fact.name for fact in view_of(facts, ko).todo.facts] == ["예비품"]


def test_an_hour_without_windows_behind_it_is_a_hole(plant: Plant, ko: Words) -> None:
    block = hours(20.0, 99.0, 21.0)
    weightless = replace(block, weights=np.array([60.0, 0.0, 60.0]))
    fan = view_of(facts_of(plant, case=a_case()), ko, history=replace(NO_HISTORY, block=weightless)).fan
    assert fan is not None
    assert [value for value in fan.past if value is not None] == [20.0, 21.0]


def test_a_wait_that_costs_next_to_nothing_is_not_priced(plant: Plant, ko: Words) -> None:
    never = FailureProbability(within_7_days=0.0, within_30_days=0.0, within_90_days=0.1)
    todo = view_of(with_bearing(facts_of(plant, case=a_case()), failure_probability=never), ko).todo
    assert "기다리는 비용" not in [fact.name for fact in todo.facts]
