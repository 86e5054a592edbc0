"""Verbs of dead letters: messages that could not be stored."""

from typing import TYPE_CHECKING, Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

if TYPE_CHECKING:
    from service.operations.dead_letters import Chosen

app = typer.Typer(help="Messages that could not be stored: list, store after a fix, give up.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids, or their beginnings.")]
Reason = Annotated[str | None, typer.Option("--reason", help="Every open one of this reason, such as unknown_sensor.")]


@app.command("list")
def list_letters(
    *,
    reason: Reason = None,
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replayed or discarded.")] = False,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what could not be stored, why, and what to do."""
    from service.operations import dead_letters

    chosen = settings_from(settings, data, plant)
    dead_letters.list_letters(chosen, settled=everything, reason=reason, output=output(as_json=as_json))


@app.command("replay")
def replay_letters(  # noqa: PLR0913 (one argument an option)
    ids: Ids = None,
    *,
    reason: Reason = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be stored.")] = False,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Store messages that can be read now, after the plant or Yeji was corrected."""
    from service.operations import dead_letters

    dead_letters.replay_letters(
        settings_from(settings, data, plant), _chosen(ids, reason), dry_run=dry_run, output=output(as_json=as_json)
    )


@app.command("discard")
def discard_letters(  # noqa: PLR0913 (one argument an option)
    ids: Ids = None,
    *,
    because: Annotated[str, typer.Option("--because", help="Why they are given up; it is kept in the trail.")],
    reason: Reason = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Give messages up."""
    from service.operations import dead_letters

    dead_letters.discard_letters(
        settings_from(settings, data, plant), _chosen(ids, reason), because, output(as_json=as_json)
    )


def _chosen(ids: list[str] | None, reason: str | None) -> "Chosen":
    from service.operations.dead_letters import Chosen

    return Chosen(ids=tuple(ids or ()), reason=reason)
