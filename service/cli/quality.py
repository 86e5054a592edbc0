"""Verbs of how good the stored readings are."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

app = typer.Typer(help="How good the stored readings are: judge their flags again.", no_args_is_help=True)


@app.callback()
def quality() -> None:
    """Keep `recompute` a verb of its own."""


@app.command("recompute")
def recompute(
    *,
    since: Annotated[datetime, typer.Option("--since", formats=["%Y-%m-%d"], help="The first day (UTC).")],
    machine: Annotated[list[str] | None, typer.Option("--machine", help="A machine; all where none is named.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Judge the flags of raw readings again, as if they had come in order: after late data or a corrected plant."""
    from rich.console import Console

    from service.operations.quality import recompute as judge_again

    chosen = settings_from(settings, data, plant)
    first = since.replace(tzinfo=UTC)
    judge_again(chosen, machine or (), first, progress=Console(stderr=True), output=output(as_json=as_json))
