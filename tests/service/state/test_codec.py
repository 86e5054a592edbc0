"""Words are kept whole: what was written is what is read."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import SiteId
from models.health import Health
from models.prediction import Driver, Prediction
from service.state.codec import decode, decode_sites, encode, encode_sites
from tests.fakes.conclusions import a_health, a_prediction

DRIVERS = st.builds(
    Driver,
    sensor=st.none() | st.text(min_size=1, max_size=9),
    share=st.floats(0, 1),
    value=st.floats(allow_nan=False),
    expected=st.floats(allow_nan=False, allow_infinity=False),
    deviation=st.floats(allow_nan=False, allow_infinity=False),
)


@given(st.lists(DRIVERS, max_size=4), st.none() | st.floats(0, 100))
def test_reading_inverts_writing(drivers: list[Driver], health: float | None) -> None:
    prediction = a_prediction(drivers=tuple(drivers), health=health)
    assert decode(Prediction, encode(Prediction, prediction)) == prediction


def test_a_number_that_is_missing_stays_missing() -> None:
    driver = Driver(sensor=None, share=0.5, value=math.nan, expected=1.0, deviation=0.0)
    read = decode(Prediction, encode(Prediction, a_prediction(drivers=(driver,))))
    assert math.isnan(read.drivers[0].value)
    assert decode(Health, encode(Health, a_health(health=None))) == a_health(health=None)


def test_a_word_with_a_wrong_field_is_not_written() -> None:
    with pytest.raises(ValueError, match="Expected `EvidenceWeight`"):
        encode(Prediction, replace(a_prediction(), evidence=("age",)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"slot"', '"slut"'),
        lambda text: text.replace('"raises_case":true', '"raises_case":"yes"'),
        lambda text: text[:-1],
        lambda text: text.replace('{"machine"', '{"more":1,"machine"', 1),
        lambda text: text.replace('"status":"ok"', '"status":"fine"'),
    ],
    ids=["other name", "wrong type", "cut short", "one field more", "unknown kind"],
)
def test_a_text_that_is_not_exactly_such_a_word_is_refused(spoil) -> None:
    with pytest.raises(ValueError, match="validation error"):
        decode(Prediction, spoil(encode(Prediction, a_prediction())))


def test_sites_are_a_list_or_all() -> None:
    some = frozenset({SiteId("b"), SiteId("a")})
    assert encode_sites(some) == '["a", "b"]'
    assert decode_sites(encode_sites(some)) == some
    assert decode_sites(encode_sites(None)) is None
