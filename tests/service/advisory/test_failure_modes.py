from dataclasses import replace

import pytest

from configs.catalogue.failure_modes import failure_modes
from configs.catalogue.load import load_catalogue
from configs.plant import SensorId
from models.prediction import Driver
from service.advisory.failure_modes import likely_modes
from tests.fakes.plants import a_machine, a_part_type, a_sensor

BEARING = a_part_type("pump.bearing", failure_modes=("OHE", "VIB", "NOI", "XXX"))
MACHINE = replace(
    a_machine(), sensors=(a_sensor("vib", measurand="vibration_velocity"), a_sensor("temp", measurand="temperature"))
)


def a_driver(sensor: str | None, share: float) -> Driver:
    name = None if sensor is None else SensorId(sensor)
    return Driver(sensor=name, share=share, value=1.0, expected=1.0, deviation=4.0)


def codes(*drivers: Driver) -> list[str]:
    return [mode.code for mode in likely_modes(BEARING, drivers, MACHINE, failure_modes())]


def test_the_sensor_that_moved_most_names_the_likeliest_mode() -> None:
    assert codes(a_driver("vib", 0.7), a_driver("temp", 0.2)) == ["VIB", "OHE"]
    assert codes(a_driver("vib", 0.2), a_driver("temp", 0.7)) == ["OHE", "VIB"]
    assert codes(a_driver("temp", 0.5)) == ["OHE"]


def test_age_alone_and_sensors_that_are_gone_name_no_mode() -> None:
    assert codes(a_driver(None, 1.0), a_driver("gone", 0.5)) == []
    assert codes() == []


def test_at_most_two_modes_are_named() -> None:
    part = replace(BEARING, failure_modes=("VIB", "NOI", "PDE", "OHE"))
    machine = replace(MACHINE, sensors=(a_sensor("acc", measurand="acceleration"), *MACHINE.sensors))
    found = likely_modes(part, [a_driver("acc", 0.6), a_driver("temp", 0.3)], machine, failure_modes())
    assert [mode.code for mode in found] == ["VIB", "NOI"]


@pytest.mark.parametrize("part", load_catalogue().part_types, ids=lambda part: part.id)
def test_every_mode_of_the_catalogue_can_be_told_apart(part: object) -> None:
    known = failure_modes()
    assert set(part.failure_modes) <= known.keys()  # type: ignore[attr-defined]


def test_every_mode_has_a_check_in_both_languages() -> None:
    assert all(mode.check.ko and mode.check.en and mode.tells for mode in failure_modes().values())
