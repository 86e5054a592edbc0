"""How urgent evidence is."""

from datetime import timedelta

import pytest

from configs.plant import LimitLevel
from service.advisory.case import Severity
from service.advisory.severity import fails_soon, must_order_now, severity_of_condition, severity_of_prediction
from tests.fakes.conclusions import NOW, a_limit, a_prediction, a_silence, an_anomaly


def test_limits_speak_for_themselves_and_other_conditions_one_step_lower() -> None:
    assert severity_of_condition(a_limit(level=LimitLevel.WARNING)) is Severity.WARNING
    assert severity_of_condition(a_limit(level=LimitLevel.CRITICAL)) is Severity.CRITICAL
    assert severity_of_condition(an_anomaly(level=LimitLevel.WARNING)) is Severity.WATCH
    assert severity_of_condition(a_silence(level=LimitLevel.CRITICAL)) is Severity.WARNING


@pytest.mark.parametrize(
    ("soon", "days", "changes", "expected"),
    [
        (0.02, 60.0, {}, Severity.WATCH),
        (0.15, 60.0, {}, Severity.WARNING),
        (0.02, 7.0, {"replace_by": None, "order_by": None}, Severity.WARNING),
        (0.02, 60.0, {"order_by": NOW}, Severity.WARNING),
        (0.02, 8.0, {"order_by": None}, Severity.WARNING),
        (0.5, 60.0, {}, Severity.CRITICAL),
        (0.02, 2.0, {}, Severity.CRITICAL),
        (0.3, 60.0, {"replace_by": NOW}, Severity.CRITICAL),
        (0.02, 60.0, {"replace_by": NOW - timedelta(days=9)}, Severity.WATCH),
        (0.9, 1.0, {"remaining": None}, Severity.WATCH),
        (0.9, 1.0, {"failure_probability": None}, Severity.WATCH),
    ],
)
def test_severity_of_a_replacement(soon: float, days: float, changes: dict[str, object], expected: Severity) -> None:
    prediction = a_prediction(soon=soon, days=days, **changes)
    assert severity_of_prediction(prediction, lead_time_days=7.0, now=NOW) is expected


def test_a_part_must_be_ordered_now_when_tomorrow_is_too_late() -> None:
    prediction = a_prediction(days=8.0, order_by=None)
    assert must_order_now(prediction, 7.0, NOW)
    assert not must_order_now(prediction, 6.9, NOW)
    assert not must_order_now(a_prediction(replace_by=None), 100.0, NOW)


def test_a_part_of_which_nothing_is_known_is_not_said_to_fail_soon() -> None:
    assert not fails_soon(a_prediction(remaining=None), NOW)
    assert not fails_soon(a_prediction(failure_probability=None), NOW)
