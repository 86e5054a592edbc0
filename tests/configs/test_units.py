"""Units convert exactly, there and back, and never into those of another dimension."""

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

import configs.units
from configs.catalogue.load import load_catalogue
from configs.units import Measurand, conversion, fits, unit_of

_SYMBOLS = [
    "degC", "degF", "K", "degR", "bar", "psi", "kPa", "MPa", "Pa", "kgf/cm2", "m/s", "mm/s", "in/s", "g", "m/s2", "Hz", "rpm",
    "rad/s", "mm", "um", "in", "s", "h", "deg", "arcmin", "A", "mA", "V", "kW", "hp", "m3/h", "L/min", "gpm", "N", "kgf", "N.m",
    "", "%", "dB",
]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "stated", "own", "expected"),
    [
        (212.0, "degF", "degC", 100.0),
        (-40.0, "degF", "degC", -40.0),
        (0.0, "degC", "K", 273.15),
        (14.503773773, "psi", "bar", 1.0),
        (100.0, "kPa", "bar", 1.0),
        (0.1, "MPa", "bar", 1.0),
        (1.0, "kgf/cm2", "bar", 0.980665),
        (1.0, "g", "m/s2", 9.80665),
        (1.0, "in/s", "mm/s", 25.4),
        (50.0, "Hz", "rpm", 3000.0),
        (1.0, "L/min", "m3/h", 0.06),
        (0.5, "", "%", 50.0),
        (25.0, "℃", "degC", 25.0),
        (3.0, "furlong", "furlong", 3.0),
    ],
)
def test_a_value_becomes_what_the_definitions_say(value: float, stated: str, own: str, expected: float) -> None:
    scale = conversion(stated, own)
    assert scale is not None
    assert scale(value) == pytest.approx(expected, rel=1e-9)


def test_a_difference_of_temperatures_has_no_zero_point() -> None:
    scale = conversion("degC", "K", Measurand.TEMPERATURE_DIFFERENCE)
    assert scale is not None
    assert scale(5.0) == 5.0


@pytest.mark.parametrize(("stated", "own"), [("bar", "degC"), ("furlong", "m"), ("m", "furlong"), ("g", "kg")])
def test_what_is_of_another_dimension_or_unknown_converts_into_nothing(stated: str, own: str) -> None:
    assert conversion(stated, own) is None


@st.composite
def _alike(draw: st.DrawFn) -> list[str]:
    """Three symbols of one dimension."""
    first = draw(st.sampled_from(_SYMBOLS))
    return [first, *(draw(st.sampled_from([s for s in _SYMBOLS if conversion(first, s)])) for _ in range(2))]


def _convert(value: float, stated: str, own: str) -> float:
    scale = conversion(stated, own)
    assert scale is not None
    return scale(value)


@given(_alike(), st.floats(-1e6, 1e6))
def test_there_and_back_is_the_same_value(symbols: list[str], value: float) -> None:
    one, other, _ = symbols
    assert _convert(_convert(value, one, other), other, one) == pytest.approx(value, rel=1e-9, abs=1e-6)


@given(_alike(), st.floats(-1e4, 1e4))
def test_a_detour_over_a_third_unit_changes_nothing(symbols: list[str], value: float) -> None:
    one, via, other = symbols
    detour = _convert(_convert(value, one, via), via, other)
    assert detour == pytest.approx(_convert(value, one, other), rel=1e-9, abs=1e-6)


@given(st.sampled_from(_SYMBOLS), st.sampled_from(_SYMBOLS))
def test_what_converts_converts_back(one: str, other: str) -> None:
    assert (conversion(one, other) is None) == (conversion(other, one) is None)


@pytest.mark.parametrize("measurand", Measurand)
def test_every_measurand_has_units(measurand: Measurand) -> None:
    assert any(fits(measurand, symbol) for symbol in [*_SYMBOLS, "bar/min", "kWh", "kg", "kg/m"] if unit_of(symbol))


def test_the_catalogue_uses_units_that_convert() -> None:
    known = set(Measurand)
    odd = [
        (kind.id, sensor.id, sensor.unit)
        for kind in load_catalogue().equipment_types
        for sensor in kind.sensors
        if sensor.measurand in known and unit_of(sensor.unit) is None
    ]
    assert odd == []


def test_a_unit_of_another_measurand_does_not_fit() -> None:
    assert not fits("temperature", "bar")
    assert fits("smell", "bar")
    assert fits("temperature", "furlong")


def test_the_examples_hold() -> None:
    assert doctest.testmod(configs.units).failed == 0
