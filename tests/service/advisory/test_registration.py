import pytest

from configs.catalogue.load import load_catalogue
from configs.plant import LineId, MachineId, SensorId
from service.advisory.registration import (
    NewMachine,
    NewSensor,
    can_be_registered,
    likely_types,
    machine_changes,
    sensor_change,
)

CATALOGUE = load_catalogue()
PUMP1 = MachineId("pump1")


def a_new(name: str, unit: str | None = None, value: float | None = 3.0) -> NewSensor:
    return NewSensor(id=SensorId(name), unit=unit, value=value)


def test_a_sensor_that_the_catalogue_knows_gets_its_figures() -> None:
    change = sensor_change(PUMP1, a_new("bearing_temp", "degC"), CATALOGUE)
    assert change.id == "pump1/bearing_temp"
    assert change.table["measurand"] == "temperature"
    assert "id" not in change.table


@pytest.mark.parametrize(
    ("unit", "value", "measurand", "high"),
    [("bar", 3.0, "pressure", 3_000.0), (None, None, "other", 1_000.0), ("widgets", float("inf"), "other", 1_000.0)],
)
def test_another_gets_a_wide_range_and_what_its_unit_measures(
    unit: str | None, value: float | None, measurand: str, high: float
) -> None:
    table = sensor_change(PUMP1, a_new("oddity", unit, value), CATALOGUE).table
    assert (table["measurand"], table["range_high"], table["unit"]) == (measurand, high, unit or "1")


def test_a_known_name_in_another_unit_is_another_sensor() -> None:
    assert sensor_change(PUMP1, a_new("bearing_temp", "bar"), CATALOGUE).table["measurand"] == "pressure"


def test_a_machine_is_of_the_type_whose_sensors_it_sends() -> None:
    likely = likely_types(["spindle_vib", "spindle_temp"], CATALOGUE.equipment_types)
    assert likely[0] == "cnc_machining_centre"
    kind = next(each for each in CATALOGUE.equipment_types if each.id == likely[0])
    new = NewMachine(
        id=MachineId("m1"), line=LineId("a"), equipment_type=kind, sensors=(a_new("spindle_vib"), a_new("oddity"))
    )
    assert [change.id for change in machine_changes(new, CATALOGUE)] == ["m1", "m1/oddity"]


def test_a_name_that_devices_cannot_say_cannot_be_registered() -> None:
    assert [can_be_registered(name) for name in ("a-1", "진동", "")] == [True, False, False]
