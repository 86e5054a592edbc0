"""Verbs of inputs: what other programs publish, and what it means here."""

from typing import Annotated

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

app = typer.Typer()


@app.command("map")
def map_topic(  # noqa: PLR0913 (one argument an option)
    *,
    topic: Annotated[str | None, typer.Option(help="What to listen to, such as tele/# or factory/+/temp.")] = None,
    like: Annotated[
        str | None, typer.Option(help="Try a ready-made mapping that the plant file does not name.")
    ] = None,
    ready_made: Annotated[bool, typer.Option("--list", help="List the ready-made mappings.")] = False,
    messages: Annotated[int, typer.Option(min=1, max=10_000, help="Stop after so many messages.")] = 20,
    seconds: Annotated[float, typer.Option(min=0.1, max=3600, help="Stop after so many seconds.")] = 30,
    broker: Annotated[str | None, typer.Option(help="HOST:PORT; that of the running service otherwise.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Show live messages beside what the plant's mappings make of them. Nothing is stored."""
    from service.operations.map import MapWish, list_ready_made, show_mapping

    shown = output(as_json=as_json)
    if ready_made:
        list_ready_made(shown)
        return
    wish = MapWish(topic=topic, like=like, broker=broker, messages=messages, seconds=seconds)
    show_mapping(settings_from(settings, data, plant), wish, shown)


@app.command()
def reload(
    *, settings: SettingsFile = None, data: DataFolder = None, plant: PlantFile = None, as_json: AsJson = False
) -> None:
    """Have the running service go by the plant file as it is written now: mappings, machines, sensors, limits."""
    from service.operations.reload import reload_plant

    reload_plant(settings_from(settings, data, plant), output(as_json=as_json))
