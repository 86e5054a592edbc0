"""What the verbs have in common: the options that most of them take, and how a result is printed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from configs.settings import Settings
    from service.operations.result import Output

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="Settings file (TOML).")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of everything that Yeji writes.")]
PlantFile = Annotated[Path | None, typer.Option("--plant", help="Plant file, or the folder that holds plant.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for programs.")]


def settings_from(settings: Path | None, data: Path | None, plant: Path | None = None) -> "Settings":
    """Read the settings that the options name."""
    from service.operations.setup import Typed, settings_for

    return settings_for(Typed(settings_file=settings, data_dir=data, plant=plant))


def output(*, as_json: bool) -> "Output":
    """Give where a verb prints its result."""
    from rich.console import Console

    from service.operations.result import Output

    return Output(Console(highlight=False), as_json)
