"""Paths into JSON documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.json_path import beside, find, parse_path, parts_of_path

DOCUMENT = {"a": {"b": [1, {"c": 2}]}, "d e": 3}


def found(path: str, document: object = DOCUMENT) -> list[object]:
    return [place.value for place in find(document, parse_path(path))]


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("$", [DOCUMENT]),
        ("$.a.b[0]", [1]),
        ("$.a.b[1].c", [2]),
        ("$['d e']", [3]),
        ("$.*", [DOCUMENT["a"], 3]),
        ("$.a.b[*]", [1, {"c": 2}]),
        ("$.a.b[*].c", [2]),
        ("$.a.b[7]", []),
        ("$.a[0]", []),
        ("$.a.b.c", []),
        ("$.a.b[0].*", []),
        ("$.a[*]", []),
        ("$.x", []),
    ],
)
def test_a_path_leads_to_its_places(path: str, values: list[object]) -> None:
    assert found(path) == values


@pytest.mark.parametrize("path", ["", "a.b", "$.", "$..a", "$[", "$[-1]", "$.a b", "$.{A}", "$.{a}.{a}", "$[?(@.x)]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r"begin with|cannot be read|twice"):
        parse_path(path)


def test_named_members_are_remembered() -> None:
    assert parts_of_path("$.{machine}[*].values.{sensor}") == ("machine", "sensor")
    places = find({"m1": [{"values": {"s": 1}}]}, parse_path("$.{machine}[*].values.{sensor}"))
    assert [(place.parts, place.value) for place in places] == [({"machine": "m1", "sensor": "s"}, 1)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.m[*].t", 7),
        ("$.m[0].t", 6),
        ("$.at", 9),
        ("$.m[*].x", None),
        ("$.other[*].t", None),
        ("$.m[*].v.deep", None),
    ],
)
def test_what_stands_beside_a_place_is_found(path: str, value: object) -> None:
    document = {"m": [{"t": 6, "v": 1}, {"t": 7, "v": 2}], "at": 9, "other": [{"t": 1}]}
    steps = parse_path("$.m[*].v")
    second = list(find(document, steps))[1]
    assert beside(document, parse_path(path), second, steps) == value


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="'"), min_size=1, max_size=8)


@given(st.lists(NAMES | st.integers(0, 9), max_size=5))
def test_a_path_written_out_leads_back(keys: list[str | int]) -> None:
    document: object = "here"
    for key in reversed(keys):
        document = {key: document} if isinstance(key, str) else [None] * key + [document]
    path = "$" + "".join(f"['{key}']" if isinstance(key, str) else f"[{key}]" for key in keys)
    assert found(path, document) == ["here"]
