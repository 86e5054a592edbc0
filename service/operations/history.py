"""`yeji import`: a history bundle into the stores, with progress; run again, it goes on where it stopped."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from configs.settings import Settings
from service.app.data_folder import holder_of
from service.app.foundations import lay_foundations
from service.app.history import Imported, adopt_plant, take_in_history
from service.errors import ConflictError
from service.operations.result import Output
from service.operations.setup import plant_for


def import_history(settings: Settings, folder: Path, *, progress: Console, output: Output) -> None:
    """Import a bundle; ConflictError where a running service holds the files."""
    holder = holder_of(settings.data_dir)
    if holder is not None:
        raise ConflictError(
            f"{settings.data_dir} is in use by the running service (process {holder}); stop it, import, start it again"
        )
    adopt_plant(folder, settings.plant_path)
    imported = _import(settings, folder, progress)
    row = {"rows": imported.rows, "facts": imported.facts, "meters": imported.meters, "simulated": imported.simulated}
    line = f"imported {imported.rows} rows, {imported.facts} facts and {imported.meters} meters from {folder}"
    output.show(row, line if any((imported.rows, imported.facts, imported.meters)) else f"{folder}: all there already")


def _import(settings: Settings, folder: Path, console: Console) -> Imported:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with (
        lay_foundations(settings, plant_for(settings)) as base,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
    ):
        task = progress.add_task("readings", total=None)
        return take_in_history(
            base,
            folder,
            announce=lambda bundle: progress.update(task, total=sum(map(len, bundle.readings.values()))),
            advance=lambda _: progress.advance(task),
        )
