"""Verbs of the running system: run it, replay a recording into it, ask what is wrong, renew its tables."""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from service.cli.options import AsJson, DataFolder, PlantFile, SettingsFile, output, settings_from

app = typer.Typer()
db = typer.Typer(help="The state database.", no_args_is_help=True)
app.add_typer(db, name="db")


@app.command()
def run(  # noqa: PLR0913 (one argument an option)
    *,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    host: Annotated[str | None, typer.Option(help="Address that pages and API listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of pages and API; 0 takes a free one.")] = None,
    simulated: Annotated[bool | None, typer.Option(help="Show that this factory is simulated.")] = None,
    print_link: Annotated[
        bool, typer.Option("--print-link", help="Print a sign-in link even if somebody has signed in before.")
    ] = False,
    api_key_file: Annotated[
        Path | None, typer.Option(help="Keep a valid API key there, readable by its owner alone.")
    ] = None,
) -> None:
    """Run everything: broker, intake, models, pages and API."""
    from rich.console import Console

    from service.operations.run import RunWish, run_service
    from service.operations.setup import Typed

    typed = Typed(settings_file=settings, data_dir=data, plant=plant, host=host, port=port, simulated=simulated)
    run_service(typed, RunWish(print_link=print_link, api_key_file=api_key_file), Console(highlight=False))


@app.command()
def replay(  # noqa: PLR0913 (one argument an option)
    source: Annotated[Literal["skab", "nab", "cmapss", "csv"], typer.Argument(help="Format of the recording.")],
    *,
    file: Annotated[Path, typer.Option("--file", help="File or folder of the recording.")],
    rate: Annotated[float, typer.Option(help="Speed of publishing, 1 = as it was recorded.")] = 20.0,
    machine: Annotated[str | None, typer.Option(help="Machine of the plant that it stands for.")] = None,
    last_days: Annotated[float | None, typer.Option(help="Only the last days of the recording.")] = None,
    broker: Annotated[str | None, typer.Option(help="HOST:PORT; the running service's broker without.")] = None,
    subset: Annotated[str, typer.Option("--set", help="C-MAPSS: which of its sets.")] = "FD001",
    engines: Annotated[int | None, typer.Option(help="C-MAPSS: how many engines.", min=1)] = None,
    time_column: Annotated[str | None, typer.Option(help="CSV: the column of times.")] = None,
    column: Annotated[list[str] | None, typer.Option(help="CSV: COLUMN=SENSOR; repeat for more.")] = None,
    print_plant: Annotated[
        bool, typer.Option("--print-plant", help="Print a plant file for the recording instead of publishing it.")
    ] = False,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: PlantFile = None,
    as_json: AsJson = False,
) -> None:
    """Publish a recorded data set as if its machines reported now."""
    from rich.console import Console

    from service.app.clock import utc_now
    from service.operations.replay import ReplayWish, run_replay
    from service.operations.replay_source import ReadingOptions, ReplaySource, plant_of, read_recording

    reading = ReadingOptions(subset=subset, engines=engines, time_column=time_column, columns=tuple(column or ()))
    recording = read_recording(ReplaySource(source), file, reading)
    if print_plant:
        typer.echo(plant_of(recording, machine), nl=False)
        return
    wish = ReplayWish(
        rate=rate, machine=machine, last=None if last_days is None else timedelta(days=last_days), broker=broker
    )
    run_replay(
        settings_from(settings, data, plant),
        recording,
        wish,
        now=utc_now(),
        progress=Console(stderr=True),
        output=output(as_json=as_json),
    )


@app.command()
def doctor(
    *, settings: SettingsFile = None, data: DataFolder = None, plant: PlantFile = None, as_json: AsJson = False
) -> None:
    """Say what is wrong with this installation, and how to mend it."""
    from service.operations.doctor import diagnose
    from service.operations.setup import Typed

    typed = Typed(settings_file=settings, data_dir=data, plant=plant)
    raise typer.Exit(0 if diagnose(typed, output(as_json=as_json)) else 1)


@app.command()
def drill(  # noqa: PLR0913 (one argument an option)
    *,
    live: Annotated[
        bool, typer.Option("--live", help="On the plant's own broker instead of one for the drill.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a live drill.")] = False,
    broker: Annotated[
        str | None, typer.Option(help="HOST:PORT of the plant's broker; the service's own without.")
    ] = None,
    messages: Annotated[int, typer.Option(help="How many messages at least.")] = 5_000,
    rate: Annotated[float, typer.Option(help="Messages a second.")] = 200.0,
    kills: Annotated[int, typer.Option(help="How often the writer is killed.")] = 5,
    cuts: Annotated[int, typer.Option(help="How often it is cut off, some fifteen seconds each.")] = 2,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Prove that no message is lost or doubled: kill and cut off a second writer, then compare."""
    import time

    from rich.console import Console

    from service.operations.drill import DrillWish, run_drill

    wish = DrillWish(
        messages=messages, rate=rate, kills=kills, cuts=cuts, live=live or broker is not None, broker=broker
    )
    if wish.live and not yes:
        _agree_to_live_drill(wish.messages, wish.rate)
    holds = run_drill(
        settings_from(settings, data),
        wish,
        clock_ns=time.time_ns,
        progress=Console(stderr=True),
        output=output(as_json=as_json),
    )
    raise typer.Exit(0 if holds else 1)


def _agree_to_live_drill(messages: int, rate: float) -> None:
    """Ask before the plant's own broker is used; InvalidRequestError where nobody can answer, or says no."""
    from service.errors import InvalidRequestError

    if not sys.stdin.isatty():
        raise InvalidRequestError("a live drill asks first, and nobody can answer here; add --yes to go on")
    told = f"publish {messages} messages or more to the plant's broker, {rate:g} a second, on the line yeji-drill?"
    if not typer.confirm(told):
        raise InvalidRequestError("no drill: nothing was published")


@db.command("upgrade")
def upgrade(*, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Bring the tables of the state database to the newest revision."""
    from service.operations.state import upgrade_state

    upgrade_state(settings_from(settings, data), output(as_json=as_json))
