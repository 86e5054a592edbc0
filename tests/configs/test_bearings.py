"""Bearings by number."""

import pytest

from configs.bearings import bearing_of
from configs.errors import ConfigurationError
from configs.plant_file import dump_plant
from tests.configs.test_input_sections import BASE, parsed


@pytest.mark.parametrize("number", ["6205", "SKF 6205-2RS/C3", "6205zz", " 6205 2RS1 ", "6205-2RS JEM"])
def test_bearing_is_found_by_what_is_stamped_on_it(number: str) -> None:
    found = bearing_of(number)
    assert (found.rolling_elements, found.element_diameter_mm, found.pitch_diameter_mm) == (9, 7.94, 39.04)


@pytest.mark.parametrize(
    "number", ["6203", "6204", "6206", "6207", "6208", "6307", "6308", "6310", "UER204", "ZA-2115"]
)
def test_elements_of_a_known_bearing_fit_side_by_side_on_its_pitch_circle(number: str) -> None:
    found = bearing_of(number)
    taken = found.rolling_elements * found.element_diameter_mm / (3.1416 * found.pitch_diameter_mm)
    assert 0.45 < taken < 0.95
    assert found.source.note


def test_bearing_that_nobody_knows_asks_for_its_data_sheet() -> None:
    with pytest.raises(ValueError, match=r"not known; did you mean 6205\?; type in rolling_elements"):
        bearing_of("62055")


def test_plant_file_takes_a_number_and_keeps_the_geometry() -> None:
    plant = parsed(BASE + '[machine.waveforms.de]\nbearing = "6308 C3"\n')
    bearing = plant.machines[0].points[0].bearing
    assert bearing == bearing_of("6308")
    assert parsed(dump_plant(plant)).machines == plant.machines


def test_plant_file_says_which_bearing_it_does_not_know() -> None:
    with pytest.raises(ConfigurationError) as caught:
        parsed(BASE + '[machine.waveforms.de]\nbearing = "NU-1"\n')
    assert (
        "machine pump1, waveform de: bearing = 'NU-1': the inside of this bearing is not known"
        in caught.value.mistakes[0]
    )
