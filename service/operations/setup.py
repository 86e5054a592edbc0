"""The settings that a command works with: file and environment, then what was typed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from configs.errors import ConfigurationError
from configs.plant import Plant
from configs.plant_file import load_plant
from configs.settings import Settings, load_settings

PLANT_FILE = "plant.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed on the command line; None leaves a setting as it is."""

    settings_file: Path | None = None
    data_dir: Path | None = None
    plant: Path | None = None
    host: str | None = None
    port: int | None = None
    simulated: bool | None = None


def settings_for(typed: Typed) -> Settings:
    """Return the settings under what was typed; ConfigurationError where a value is not possible."""
    loaded = load_settings(typed.settings_file)
    wishes: dict[str, Any] = {
        "data_dir": typed.data_dir,
        "plant_file": typed.plant and plant_file_in(typed.plant),
        "host": typed.host,
        "port": typed.port,
        "simulated": typed.simulated,
    }
    changes = {name: value for name, value in wishes.items() if value is not None}
    try:
        return Settings.model_validate({**loaded.model_dump(), **changes})
    except ValidationError as error:
        mistakes = tuple(f"--{e['loc'][0]}: {e['msg']}" for e in error.errors(include_url=False))
        raise ConfigurationError("command line", mistakes) from None


def plant_file_in(path: Path) -> Path:
    """Return the plant file that a folder or a file name means."""
    return path / PLANT_FILE if path.is_dir() else path


def plant_for(settings: Settings) -> Plant:
    """Return the plant; ConfigurationError with every mistake in its file, or with how to get one."""
    if not settings.plant_path.exists():
        mistake = "there is no plant file yet; name yours with --plant, or import a history bundle with `yeji import`"
        raise ConfigurationError(str(settings.plant_path), (mistake,))
    return load_plant(settings.plant_path)
