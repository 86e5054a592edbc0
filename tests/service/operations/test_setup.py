from pathlib import Path

import pytest

from configs.errors import ConfigurationError
from service.operations.setup import Typed, plant_file_in, plant_for, settings_for


def test_what_was_typed_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "yeji.toml"
    file.write_text('port = 9000\nhost = "0.0.0.0"\n')
    settings = settings_for(Typed(settings_file=file, port=9001, data_dir=tmp_path, simulated=True))
    assert (settings.port, settings.host, settings.data_dir, settings.simulated) == (9001, "0.0.0.0", tmp_path, True)


def test_an_impossible_argument_is_named() -> None:
    with pytest.raises(ConfigurationError, match="--port"):
        settings_for(Typed(port=70_000))


def test_a_plant_is_named_by_its_folder_or_its_file(tmp_path: Path) -> None:
    assert plant_file_in(tmp_path) == tmp_path / "plant.toml"
    assert plant_file_in(tmp_path / "other.toml") == tmp_path / "other.toml"


def test_a_plant_that_is_not_there_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"--plant.*yeji import"):
        plant_for(settings_for(Typed(data_dir=tmp_path)))
