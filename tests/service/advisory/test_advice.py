"""What to do about a machine and by when."""

from dataclasses import replace
from datetime import timedelta

from configs.plant import LimitLevel
from service.advisory.advice import Advice, AdviceKind, advise
from service.advisory.case import Case
from tests.fakes.conclusions import NOW, a_case, a_limit, a_prediction, a_silence, an_anomaly
from tests.fakes.plants import a_machine, a_part_type

PART = a_part_type()
DAY = timedelta(days=1)


def told(case: Case | None, *predictions, parts=(PART,), machine=None) -> Advice | None:
    return advise(
        case,
        machine or a_machine(),
        predictions={each.slot: each for each in predictions},
        part_types={part.id: part for part in parts},
        now=NOW,
    )


def test_a_replacement_is_advised_with_slot_part_and_dates() -> None:
    prediction = a_prediction(days=20.0)
    assert told(a_case(predictions=(prediction,)), prediction) == Advice(
        kind=AdviceKind.REPLACE_BY,
        slot=prediction.slot,
        part_type=PART.id,
        sensor=None,
        by=NOW + 20 * DAY,
        order_by=NOW + 10 * DAY,
        lead_time_days=7.0,
        is_overdue=False,
    )


def test_a_part_that_would_come_too_late_tomorrow_is_ordered_today() -> None:
    prediction = a_prediction(days=9.0, order_by=NOW)
    advice = told(a_case(predictions=(prediction,)), prediction)
    assert advice is not None
    assert (advice.kind, advice.by) == (AdviceKind.ORDER_TODAY_REPLACE_BY, NOW + 9 * DAY)


def test_a_date_that_has_passed_is_overdue() -> None:
    prediction = a_prediction(replace_by=NOW - DAY, order_by=NOW + 9 * DAY)
    advice = told(a_case(predictions=(prediction,)), prediction)
    assert advice is not None
    assert advice.is_overdue


def test_the_lower_bound_stands_in_where_replacing_early_does_not_pay() -> None:
    prediction = a_prediction(days=20.0, replace_by=None, order_by=None)
    advice = told(a_case(predictions=(prediction,)), prediction)
    assert advice is not None
    assert (advice.kind, advice.by) == (AdviceKind.REPLACE_BY, NOW + 20 * DAY)


def test_no_date_and_no_part_mean_no_advice_to_replace() -> None:
    prediction = a_prediction()
    case = a_case(predictions=(prediction,))
    assert told(case, a_prediction(remaining=None, replace_by=None)) is None
    assert told(case, prediction, parts=()) is None
    assert told(case) is None


def test_the_most_severe_evidence_speaks_first() -> None:
    prediction = a_prediction(days=20.0)
    case = a_case(a_limit(level=LimitLevel.CRITICAL), predictions=(prediction,))
    advice = told(case, prediction)
    assert advice is not None
    assert (advice.kind, advice.sensor, advice.by) == (AdviceKind.INSPECT, "vib", NOW)


def test_of_equal_evidence_the_replacement_speaks_first() -> None:
    prediction = a_prediction(days=20.0)
    advice = told(a_case(an_anomaly(), a_silence(), predictions=(prediction,)), prediction)
    assert advice is not None
    assert advice.kind is AdviceKind.REPLACE_BY


def test_an_anomaly_asks_for_an_inspection_of_the_likeliest_slot() -> None:
    advice = told(a_case(an_anomaly()), a_prediction(raises_case=False))
    assert advice is not None
    assert (advice.kind, advice.slot, advice.part_type, advice.sensor) == (
        AdviceKind.INSPECT,
        "seal",
        PART.id,
        "vib",
    )


def test_an_anomaly_of_no_known_slot_asks_for_an_inspection_all_the_same() -> None:
    advice = told(a_case(an_anomaly(slots=(), contributions=())))
    assert advice is not None
    assert (advice.kind, advice.slot, advice.sensor) == (AdviceKind.INSPECT, None, None)


def test_silence_asks_for_a_check_of_the_sensor() -> None:
    advice = told(a_case(a_silence()))
    assert advice is not None
    assert (advice.kind, advice.sensor) == (AdviceKind.CHECK_SENSOR, None)
    named = told(a_case(a_silence(sensor="vib", value=0.0, limit=0.0)))
    assert named is not None
    assert named.sensor == "vib"


def test_evidence_that_is_over_asks_for_nothing() -> None:
    case = a_case()
    over = replace(case, findings=(replace(case.findings[0], ended_at=NOW),))
    assert told(over) is None


def test_without_a_case_the_replacement_of_this_week_is_planned() -> None:
    near, nearer = a_prediction(replace_by=NOW + 6 * DAY), a_prediction(replace_by=NOW + 5 * DAY)
    advice = told(None, near)
    assert advice is not None
    assert (advice.kind, advice.by) == (AdviceKind.PLAN_WEEK, NOW + 6 * DAY)
    assert told(None, replace(nearer, slot="elsewhere")) is None
    assert told(None, a_prediction(days=30.0)) is None
    assert told(None, a_prediction(replace_by=None)) is None
    assert told(None) is None
