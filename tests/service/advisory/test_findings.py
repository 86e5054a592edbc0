"""Findings keep what they are about."""

from service.advisory.findings import condition_key, finding_of_condition, finding_of_prediction
from service.advisory.severity import Severity
from tests.fakes.conclusions import NOW, a_limit, a_prediction, a_silence, ago, an_anomaly


def test_keys_name_what_a_finding_is_about() -> None:
    assert [condition_key(each) for each in (a_limit(), an_anomaly(), a_silence())] == [
        "limit:vib:warning",
        "anomaly",
        "no_data",
    ]


def test_a_finding_has_the_same_identifier_whenever_it_is_made() -> None:
    one, two = an_anomaly(since=ago(hours=1)), an_anomaly(since=ago(hours=1), until=NOW, score=3.0)
    assert finding_of_condition(one).id == finding_of_condition(two).id
    assert finding_of_condition(one).id != finding_of_condition(an_anomaly(since=ago(hours=2))).id


def test_a_condition_without_sensors_makes_a_finding_without_sensors() -> None:
    assert finding_of_condition(a_silence()).sensors == ()
    assert finding_of_condition(a_limit(value=None)).sensors == ()
    assert finding_of_condition(a_limit(limit=None)).sensors == ()


def test_a_prediction_without_a_probability_scores_nothing() -> None:
    assert finding_of_prediction(a_prediction(failure_probability=None), Severity.WATCH).score == 0.0
