"""Patterns of topics."""

import pytest

from configs.topic_pattern import check_topic, compile_topic, filled, parts_of_topic, template_parts


@pytest.mark.parametrize(
    ("pattern", "topic", "parts"),
    [
        ("f/{machine}/{sensor}", "f/m1/s", {"machine": "m1", "sensor": "s"}),
        ("f/+/{machine}", "f/x/m1", {"machine": "m1"}),
        ("f/{machine}/#", "f/m1/a/b", {"machine": "m1"}),
        ("f/{machine}/#", "f/m1", {"machine": "m1"}),
        ("f/{machine}", "f/m1/s", None),
        ("f/{machine}", "g/m1", None),
        ("f.x/{machine}", "fyx/m1", None),
        ("f/{machine}", "f/", None),
    ],
)
def test_a_pattern_matches_its_topics(pattern: str, topic: str, parts: dict[str, str] | None) -> None:
    assert compile_topic(check_topic(pattern)).match(topic) == parts


def test_a_broker_is_asked_for_named_levels_as_for_any() -> None:
    assert compile_topic("f/{machine}/+/#").filter == "f/+/+/#"


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("#", "must be a word"),
        ("+/+", "every topic"),
        ("{a}/{b}", "every topic"),
        ("f/#/x", "must be a word"),
        ("f//x", "must be a word"),
        ("f/x+", "must be a word"),
        ("f/{A}", "must be a word"),
        ("f/{a}/{a}", "twice"),
        ("yeji/v1/{machine}", "own format"),
        ("spBv1.0/{machine}", "own format"),
        ("$SYS/{machine}", "own format"),
    ],
)
def test_a_pattern_that_is_none_or_takes_everything_is_refused(pattern: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        check_topic(pattern)


def test_templates_are_filled() -> None:
    assert template_parts("{line}-{cell}") == parts_of_topic("x/{line}/{cell}") == ("line", "cell")
    assert filled("{line}-{cell}", {"line": "a", "cell": "1"}) == "a-1"
    with pytest.raises(KeyError):
        filled("{line}", {})
