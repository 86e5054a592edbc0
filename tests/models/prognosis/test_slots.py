import math
import time
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import LifeUnit, LimitLevel, PartType, PartTypeId, SensorId
from models.assess import assess_slots
from models.health import HealthStatus
from models.lesson import LEVELS, USUAL_WEAR, Coverage, PartLesson, Recalibration
from models.prediction import EvidenceKind, Prediction, PredictionStatus, Reason, ReasonCode
from models.prognosis.evidence import SlotEvidence
from models.prognosis.lives import Ending
from models.prognosis.slots import foresee_slots
from models.prognosis.usage import MeterRate
from models.prognosis.weibull import LifePosterior, fit_life
from tests.fakes.experience import an_experience
from tests.fakes.parts import (
    NOW,
    a_contribution,
    a_flat_course,
    a_health,
    a_history,
    a_life,
    a_limit_passed,
    a_series,
    a_slot,
    a_worn_course,
)
from tests.fakes.plants import a_part_type

DAY = timedelta(days=1)


def predict(evidence: SlotEvidence, posterior: LifePosterior | None = None) -> Prediction:
    known = posterior or fit_life(evidence.part_type)
    return assess_slots([evidence], {evidence.part_type.id: known}, now=NOW)[0]


def codes(prediction: Prediction) -> list[ReasonCode]:
    return [reason.code for reason in prediction.reasons]


def days_to_replace(prediction: Prediction) -> float:
    assert prediction.replace_by is not None
    return (prediction.replace_by - NOW) / DAY


def weight_of(prediction: Prediction, kind: EvidenceKind) -> float:
    return next(weight.weight for weight in prediction.evidence if weight.kind is kind)


def assert_complete(prediction: Prediction) -> None:
    """Check what every prediction with status OK promises."""
    remaining, probability = prediction.remaining, prediction.failure_probability
    assert prediction.status is PredictionStatus.OK
    assert remaining is not None
    assert probability is not None
    assert remaining.p10 < remaining.p50 < remaining.p90
    assert NOW < remaining.p10_at < remaining.p50_at < remaining.p90_at
    assert 0 <= probability.within_7_days <= probability.within_30_days <= probability.within_90_days <= 1
    assert prediction.replace_by is not None
    assert prediction.order_by is not None
    assert prediction.order_by >= NOW
    assert prediction.drivers
    assert prediction.reasons
    shares = [driver.share for driver in prediction.drivers]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0, abs=0.06)
    assert sum(weight.weight for weight in prediction.evidence) == pytest.approx(1.0)
    assert len(prediction.forecast) <= 30
    assert all(point.p10 <= point.p50 <= point.p90 for point in prediction.forecast)


def test_a_known_part_and_meter_are_enough_from_day_one() -> None:
    prediction = predict(a_slot(rate=None))
    assert_complete(prediction)
    assert prediction.age == 2000.0
    assert [driver.sensor for driver in prediction.drivers] == [None]
    assert prediction.forecast == ()
    assert weight_of(prediction, EvidenceKind.AGE) == pytest.approx(1.0)
    assert codes(prediction) == [
        ReasonCode.COST_OPTIMUM,
        ReasonCode.AGE_USED,
        ReasonCode.CATALOGUE_ESTIMATE,
        ReasonCode.NO_READINGS,
    ]


def test_closed_lives_of_the_site_are_named_as_ground() -> None:
    history = a_history(np.array([5000.0, 7000.0, 6500.0]), np.array([Ending.FAILED, Ending.CENSORED, Ending.FAILED]))
    prediction = predict(a_slot(), fit_life(a_part_type(), history))
    learnt = next(reason for reason in prediction.reasons if reason.code is ReasonCode.SITE_LIVES)
    assert learnt.parameters == (2.0, 3.0)


def test_a_machine_that_still_learns_has_a_prediction_by_age_and_says_so() -> None:
    prediction = predict(a_slot(health=a_health(HealthStatus.LEARNING)))
    assert_complete(prediction)
    assert next(r for r in prediction.reasons if r.code is ReasonCode.LEARNING).parameters == (3600.0, 7200.0)


def test_a_part_past_its_best_age_is_overdue_since_a_date() -> None:
    prediction = predict(a_slot(age=9000.0))
    overdue = next(reason for reason in prediction.reasons if reason.code is ReasonCode.OVERDUE)
    assert days_to_replace(prediction) == pytest.approx(-overdue.parameters[0], abs=1e-3)
    assert prediction.raises_case


def test_no_part_is_overdue_since_before_it_came_in() -> None:
    assert days_to_replace(predict(a_slot(age=90_000.0, life=a_life(used_days=11.0)))) == pytest.approx(-11.0)


def test_where_replacing_early_does_not_pay_the_date_is_that_of_one_in_ten() -> None:
    prediction = predict(a_slot(part_type=a_part_type(beta=1.1, cost_ratio=2.0)))
    assert_complete(prediction)
    assert prediction.remaining is not None
    assert prediction.replace_by == prediction.remaining.p10_at
    assert codes(prediction)[0] is ReasonCode.RUN_TO_FAILURE
    assert not prediction.raises_case


def test_a_part_of_unknown_age_is_dated_by_risk_and_no_cause_for_alarm() -> None:
    evidence = a_slot(age=9000.0)
    assert evidence.life is not None
    prediction = predict(replace(evidence, life=replace(evidence.life, age_at_install=None)))
    assert_complete(prediction)
    assert prediction.remaining is not None
    assert prediction.replace_by == prediction.remaining.p10_at
    assert codes(prediction)[0] is ReasonCode.UNKNOWN_START
    assert prediction.reasons[0].parameters == (1000.0,)
    assert not prediction.raises_case


def test_visible_wear_raises_a_case_in_time(rng: np.random.Generator) -> None:
    evidence = a_slot(
        age=4000.0,
        indicator=a_series(a_worn_course(90, rng, fails_in_days=12.0)),
        contributions=(a_contribution("vib", 0.8), a_contribution("temp", 0.2, deviation=1.0)),
        health=a_health(indicator=44.0),
        model_digest="ab12",
    )
    prediction = predict(evidence)
    assert_complete(prediction)
    assert prediction.raises_case
    assert days_to_replace(prediction) < 12.0
    assert prediction.remaining is not None
    assert (prediction.remaining.p10_at - NOW) / DAY < 12.0 < (prediction.remaining.p90_at - NOW) / DAY
    assert prediction.drivers[0].sensor == SensorId("vib")
    assert {driver.sensor for driver in prediction.drivers} == {SensorId("vib"), SensorId("temp"), None}
    assert [r.sensor for r in prediction.reasons if r.code is ReasonCode.SIGN_MOVED] == [SensorId("vib")]
    trend = next(reason for reason in prediction.reasons if reason.code is ReasonCode.TREND)
    assert trend.parameters[0] == pytest.approx(44.0, abs=8.0)
    assert trend.parameters[1] > 0.5
    assert (prediction.health, prediction.indicator, prediction.model_digest) == (56.0, 44.0, "ab12")
    assert weight_of(prediction, EvidenceKind.CONDITION) > 0.5
    assert prediction.forecast[0].p50 == pytest.approx(44.0, abs=8.0)


def test_a_healthy_indicator_lets_a_part_run_past_its_best_age(rng: np.random.Generator) -> None:
    """The best age by the catalogue is where an average part is risky; this one shows nothing."""
    without = predict(a_slot(age=4200.0))
    healthy = predict(a_slot(age=4200.0, indicator=a_series(a_flat_course(90, rng)), health=a_health()))
    assert days_to_replace(healthy) > days_to_replace(without)
    assert not healthy.raises_case
    assert ReasonCode.TREND not in codes(healthy)


def test_a_passed_limit_counts_and_is_told() -> None:
    evidence = a_slot(age=3000.0, limits_passed=(a_limit_passed(), a_limit_passed(LimitLevel.WARNING)))
    prediction = predict(evidence)
    assert_complete(prediction)
    assert weight_of(prediction, EvidenceKind.RULES) > 0.1
    passed = next(reason for reason in prediction.reasons if reason.code is ReasonCode.LIMIT_PASSED)
    assert (passed.sensor, passed.parameters) == (SensorId("vib"), (8.0, 7.1))
    assert days_to_replace(prediction) < days_to_replace(predict(a_slot(age=3000.0)))


def test_a_limit_without_a_value_is_counted_and_not_told() -> None:
    unknown = replace(a_limit_passed(), value=None)
    prediction = predict(a_slot(age=5000.0, limits_passed=(unknown,)))
    assert ReasonCode.LIMIT_PASSED not in codes(prediction)
    assert weight_of(prediction, EvidenceKind.RULES) > 0.1


def test_a_second_warning_of_the_same_sensor_adds_nothing() -> None:
    critical = predict(a_slot(limits_passed=(a_limit_passed(),)))
    both = predict(a_slot(limits_passed=(a_limit_passed(LimitLevel.WARNING), a_limit_passed())))
    assert both.remaining == critical.remaining


def test_parts_that_last_less_than_three_days_raise_no_case() -> None:
    tool = a_part_type("mill.tool", life_unit=LifeUnit.CUTTING_MINUTES, beta=4.0, eta=60.0, ln_sd_eta=0.1)
    evidence = a_slot(
        age=90.0,
        part_type=tool,
        life=a_life(used_days=0.4, part_type=tool.id, life_unit=LifeUnit.CUTTING_MINUTES),
        rate=MeterRate(per_day=240.0, cv=0.1),
    )
    prediction = predict(evidence)
    assert_complete(prediction)
    assert ReasonCode.OVERDUE in codes(prediction)
    assert not prediction.raises_case


def test_the_sites_own_costs_move_the_date() -> None:
    cheap = predict(a_slot(cost_planned=100.0, cost_unplanned=250.0))
    dear = predict(a_slot(cost_planned=100.0, cost_unplanned=4000.0))
    assert days_to_replace(dear) < days_to_replace(cheap)
    assert next(r for r in dear.reasons if r.code is ReasonCode.COST_OPTIMUM).parameters == (40.0,)


def test_stress_shortens_what_is_left() -> None:
    calm, hard = predict(a_slot()), predict(a_slot(stress=2.0))
    assert calm.remaining is not None
    assert hard.remaining is not None
    assert hard.remaining.p50 < 0.6 * calm.remaining.p50
    assert (hard.age, calm.age) == (2000.0, 2000.0)


def test_calendar_parts_need_no_meter() -> None:
    grease = a_part_type("pump.grease", life_unit=LifeUnit.CALENDAR_DAYS, eta=700.0)
    life = a_life(used_days=300.0, part_type=grease.id, life_unit=LifeUnit.CALENDAR_DAYS)
    prediction = predict(a_slot(part_type=grease, life=life, meter=None, rate=None))
    assert_complete(prediction)
    assert prediction.age == pytest.approx(300.0)


@pytest.mark.parametrize(
    ("changes", "status", "first"),
    [
        ({"life": None}, PredictionStatus.NO_DATA, ReasonCode.NO_LIFE),
        ({"meter": None}, PredictionStatus.NO_DATA, ReasonCode.NO_METER),
        ({"meter": math.nan}, PredictionStatus.NO_DATA, ReasonCode.NO_METER),
        ({"meter": 400.0}, PredictionStatus.OUT_OF_DOMAIN, ReasonCode.METER_BACKWARDS),
        ({"life": a_life(age_at_install=-5.0)}, PredictionStatus.OUT_OF_DOMAIN, ReasonCode.METER_BACKWARDS),
        ({"unseen": (SensorId("load"), 900.0)}, PredictionStatus.OUT_OF_DOMAIN, ReasonCode.UNSEEN_REGIME),
        (
            {"meter": None, "health": a_health(HealthStatus.LEARNING)},
            PredictionStatus.LEARNING,
            ReasonCode.NO_METER,
        ),
        ({"meter": None, "health": a_health()}, PredictionStatus.NO_DATA, ReasonCode.NO_METER),
    ],
)
def test_without_ground_there_is_a_reason_and_no_number(
    changes: dict[str, object], status: PredictionStatus, first: ReasonCode
) -> None:
    prediction = predict(a_slot(**changes))
    assert prediction.status is status
    assert codes(prediction)[0] is first
    assert prediction.remaining is None
    assert prediction.failure_probability is None
    assert prediction.replace_by is None
    assert not prediction.raises_case


def test_a_part_type_never_fitted_is_fitted_from_the_open_lives_at_hand() -> None:
    young = replace(a_slot(age=3000.0), life=a_life(age_at_install=None))
    evidence = [a_slot(age=30_000.0), a_slot(age=0.0), young]
    alone = assess_slots(evidence[1:2], {}, now=NOW)[0]
    among_old = assess_slots(evidence, {}, now=NOW)[1]
    assert alone.remaining is not None
    assert among_old.remaining is not None
    assert among_old.remaining.p50 > 1.3 * alone.remaining.p50


def test_predictions_come_in_the_order_of_the_evidence_and_one_by_one_or_together(rng: np.random.Generator) -> None:
    other = a_part_type("pump.bearing", beta=1.3)
    slots = [
        a_slot(age=100.0),
        a_slot(age=4000.0, indicator=a_series(a_worn_course(50, rng, fails_in_days=5.0))),
        a_slot(life=None),
        a_slot(age=700.0, part_type=other),
        a_slot(age=6000.0, cost_planned=1.0, cost_unplanned=9.0),
    ]
    posteriors = {part.id: fit_life(part) for part in (a_part_type(), other)}
    together = assess_slots(slots, posteriors, now=NOW)
    assert together == assess_slots(slots, posteriors, now=NOW)
    for slot, prediction in zip(slots, together, strict=True):
        alone = assess_slots([slot], posteriors, now=NOW)[0]
        assert (alone.status, codes(alone), alone.raises_case) == (
            prediction.status,
            codes(prediction),
            prediction.raises_case,
        )
        if alone.remaining is not None and prediction.remaining is not None:
            assert alone.remaining.p50 == pytest.approx(prediction.remaining.p50)


@given(
    age=st.floats(0.0, 1e5),
    beta=st.floats(0.7, 5.0),
    eta=st.floats(10.0, 2e5),
    ratio=st.floats(0.5, 100.0),
    per_day=st.floats(1e-3, 2e3),
    cv=st.floats(0.0, 0.9),
    known=st.booleans(),
    fails_in_days=st.one_of(st.none(), st.floats(0.0, 60.0)),
)
def test_every_slot_with_a_part_and_a_meter_has_a_complete_prediction(
    age: float,
    beta: float,
    eta: float,
    ratio: float,
    per_day: float,
    cv: float,
    known: bool,
    fails_in_days: float | None,
) -> None:
    part = a_part_type(beta=beta, eta=eta, cost_ratio=ratio)
    course = a_worn_course(30, np.random.default_rng(2), fails_in_days=fails_in_days or 0.0)
    evidence = a_slot(
        age=age,
        part_type=part,
        life=a_life(age_at_install=0.0 if known else None),
        rate=MeterRate(per_day=per_day, cv=cv),
        indicator=None if fails_in_days is None else a_series(course),
    )
    assert_complete(predict(evidence))


def many(n: int, part_types: list[PartType], rng: np.random.Generator) -> list[SlotEvidence]:
    worn, flat = a_series(a_worn_course(60, rng, fails_in_days=9.0)), a_series(a_flat_course(60, rng))
    kinds = rng.integers(0, len(part_types), n)
    return [
        a_slot(age=float(rng.uniform(0, 6000)), part_type=part_types[kind], indicator=(worn, flat, None)[i % 3])
        for i, kind in enumerate(kinds)
    ]


def test_a_small_factory_is_predicted_in_seconds_of_work(rng: np.random.Generator) -> None:
    """264 slots of 44 part types; processor time, so that a busy machine changes nothing, and several times what it takes."""
    parts = [a_part_type(PartTypeId(f"p{i}.x"), beta=1.2 + 0.05 * i) for i in range(44)]
    posteriors = {part.id: fit_life(part) for part in parts}
    slots = many(264, parts, rng)
    began = time.process_time()
    predictions = assess_slots(slots, posteriors, now=NOW)
    assert time.process_time() - began < 5.0
    assert all(prediction.status is PredictionStatus.OK for prediction in predictions)


def test_a_chosen_risk_gives_the_date_where_so_many_parts_have_failed() -> None:
    plain, bold, usual = (predict(a_slot(risk=risk)) for risk in (0.1, 0.2, None))
    assert plain.remaining is not None
    assert plain.replace_by == plain.remaining.p10_at
    assert bold.replace_by is not None
    assert plain.replace_by < bold.replace_by
    assert bold.reasons[0] == Reason(code=ReasonCode.CHOSEN_RISK, parameters=(0.2,))
    assert usual.reasons[0].code is not ReasonCode.CHOSEN_RISK


def test_a_slot_whose_sensors_are_all_missing_is_predicted_by_age_and_says_so() -> None:
    prediction = predict(a_slot(signs_missing=True, health=a_health()))
    assert prediction.status is PredictionStatus.OK
    assert ReasonCode.SIGNS_MISSING in codes(prediction)
    assert weight_of(prediction, EvidenceKind.AGE) == 1.0


def test_lessons_of_the_plant_are_told_and_correct_the_prediction() -> None:
    lesson = PartLesson(
        wear=replace(USUAL_WEAR, lives=8),
        calm=Recalibration(happened=np.sqrt(LEVELS), lives=20.0),
        coverage=Coverage(inside=15.0, of=20.0),
    )
    plain = predict(a_slot())
    (taught,) = assess_slots([a_slot()], {}, now=NOW, lessons={a_slot().part_type.id: lesson})
    assert plain.remaining is not None
    assert taught.remaining is not None
    assert taught.remaining.p50 < plain.remaining.p50
    told = {reason.code: reason.parameters for reason in taught.reasons}
    assert told[ReasonCode.PAST_COVERAGE] == (15.0, 20.0)
    assert told[ReasonCode.FAILS_AT] == (USUAL_WEAR.gain.level, 8.0)
    assert ReasonCode.FAILS_AT not in codes(plain)


def test_what_became_of_like_parts_moves_a_prediction_and_is_shown_with_its_weight() -> None:
    lesson = PartLesson(experience=an_experience(high=2.0, low=2.0))
    (taught,) = assess_slots([a_slot()], {}, now=NOW, lessons={a_slot().part_type.id: lesson})
    plain = predict(a_slot())
    assert_complete(taught)
    assert taught.remaining is not None
    assert plain.remaining is not None
    assert taught.remaining.p50 < plain.remaining.p50
    assert weight_of(taught, EvidenceKind.EXPERIENCE) > 0.3
    assert EvidenceKind.EXPERIENCE not in {weight.kind for weight in plain.evidence}


def test_the_distribution_behind_a_prediction_is_the_one_it_is_read_from(rng: np.random.Generator) -> None:
    worn = a_slot(indicator=a_series(a_worn_course(60, rng, fails_in_days=12.0)), health=a_health())
    said, refused = foresee_slots([worn, a_slot(life=None)], {}, now=NOW)
    assert refused is None
    assert said is not None
    assert said.showing
    (prediction,) = assess_slots([worn], {}, now=NOW)
    assert prediction.failure_probability is not None
    within_week = 1.0 - float(np.interp(7.0, said.edges, said.survival))
    assert within_week == pytest.approx(prediction.failure_probability.within_7_days)
