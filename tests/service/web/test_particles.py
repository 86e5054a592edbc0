import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.web.particles import with_particle


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("주축 베어링", "을/를", "주축 베어링을"),
        ("리턴 필터", "을/를", "리턴 필터를"),
        ("주축 진동", "이/가", "주축 진동이"),
        ("온도", "이/가", "온도가"),
        ("위험", "으로/로", "위험으로"),
        ("주의", "으로/로", "주의로"),
        ("오일", "으로/로", "오일로"),
        ("오일", "을/를", "오일을"),
        ("11월 27일(금)", "이/가", "11월 27일(금)이"),
        ("체크 링(역류 방지 링)", "을/를", "체크 링(역류 방지 링)을"),
        ("A3", "은/는", "A3은"),
        ("A2", "은/는", "A2는"),
        ("7", "으로/로", "7로"),
        ("filter", "을/를", "filter을"),
        ("pump", "을/를", "pump를"),
        ("", "으로/로", "로"),
        ("()", "을/를", "()를"),
    ],
)
def test_the_particle_follows_how_the_word_is_read_aloud(word: str, pair: str, expected: str) -> None:
    assert with_particle(word, pair) == expected


@given(st.text(max_size=20))
def test_any_word_keeps_its_letters_and_takes_one_particle_of_the_pair(word: str) -> None:
    assert with_particle(word, "을/를") in {word + "을", word + "를"}
