"""Verbs of models: learn from the plant's history, and judge predictions on it."""

from pathlib import Path
from typing import Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

app = typer.Typer()


@app.command()
def train(
    *,
    status: Annotated[bool, typer.Option("--status", help="Only tell how the latest training stands.")] = False,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Learn from the plant's history how its parts show their wear, and what predictions were worth."""
    from rich.console import Console

    from service.operations.train import train as train_now

    chosen = settings_from(settings, data, plant)
    train_now(chosen, status_only=status, console=Console(stderr=True), output=output(as_json=as_json))


@app.command()
def evaluate(
    *,
    report: Annotated[Path, typer.Option(help="Where the report goes, an HTML file.")],
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Judge predictions on the plant's own history, and write a report with plots."""
    from rich.console import Console

    from service.operations.evaluate import evaluate as evaluate_now

    chosen = settings_from(settings, data, plant)
    evaluate_now(chosen, report, console=Console(stderr=True), output=output(as_json=as_json))
