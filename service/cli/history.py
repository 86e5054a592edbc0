"""Verbs of stored data."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

app = typer.Typer()


@app.command("import")
def import_bundle(
    folder: Annotated[Path, typer.Argument(help="Folder of the history bundle.")],
    *,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Read a history bundle: readings, part lives, maintenance, labels, meters. Safe to repeat."""
    from rich.console import Console

    from service.operations.history import import_history

    chosen = settings_from(settings, data, plant)
    import_history(chosen, folder, progress=Console(stderr=True), output=output(as_json=as_json))
