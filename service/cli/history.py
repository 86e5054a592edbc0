"""Verbs of stored data."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

app = typer.Typer()


@app.command("import")
def import_path(  # noqa: PLR0913 (one argument an option)
    path: Annotated[
        Path | None, typer.Argument(help="An Excel workbook (.xlsx), a CSV, or the folder of a history bundle.")
    ] = None,
    *,
    machine: Annotated[str | None, typer.Option(help="Whose table it is, where the table does not say so.")] = None,
    year: Annotated[int | None, typer.Option(help="The year of days that are written without one.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be stored, and store nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a table is stored.")] = False,
    undo: Annotated[str | None, typer.Option(help="Take an import back out, by its id.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Read a table that people keep, or a history bundle. Safe to repeat: every row is stored once."""
    from rich.console import Console

    from service.errors import InvalidRequestError
    from service.operations.history import import_history
    from service.operations.tables import TableWish, import_table, undo_import

    chosen, shown = settings_from(settings, data, plant), output(as_json=as_json)
    if undo is not None:
        undo_import(chosen, undo, shown)
    elif path is None:
        raise InvalidRequestError("name a file or folder to import, or an import with --undo")
    elif path.is_dir():
        import_history(chosen, path, progress=Console(stderr=True), output=shown)
    else:
        asks = sys.stdin.isatty() and not yes
        wish = TableWish(machine=machine, year=year, dry_run=dry_run, confirm=typer.confirm if asks else None)
        import_table(chosen, path, wish, progress=Console(stderr=True), output=shown)


@app.command("export")
def export_bundle(
    folder: Annotated[Path, typer.Argument(help="Folder to be made, or an empty one.")],
    *,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Write a history bundle of everything that is kept for long, with checksums; `yeji import` reads it anywhere."""
    from rich.console import Console

    from service.operations.history import export_history

    chosen = settings_from(settings, data, plant)
    export_history(chosen, folder, progress=Console(stderr=True), output=output(as_json=as_json))
