"""The `yeji` command: each verb is read here and done in `service.operations`.

A verb imports what it needs when it is called, so that `--help` and a wrong argument answer at once: all of it together
takes seconds to import.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from typer.exceptions import TyperException

from configs.errors import ConfigurationError, YejiError
from ingest.errors import StoreBrokenError
from service.errors import InvalidRequestError

if TYPE_CHECKING:
    from configs.settings import Settings
    from service.operations.people import Rights
    from service.operations.result import Output

app = typer.Typer(
    name="yeji",
    help="Yeji tells ahead of time which machine is going to fail, which part to replace and by when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
user = typer.Typer(help="People, their sign-in links, and keys for programs.", no_args_is_help=True)
db = typer.Typer(help="The state database.", no_args_is_help=True)
app.add_typer(user, name="user")
app.add_typer(db, name="db")

RESTART_NEEDED = 70
"""Exit code of a program that only a new process can go on for; a supervisor that sees it starts one."""

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="Settings file (TOML).")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of everything that Yeji writes.")]
PlantFile = Annotated[Path | None, typer.Option("--plant", help="Plant file, or the folder that holds plant.toml.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result for programs.")]
Name = Annotated[str, typer.Argument(help="Name to sign in with.")]
RoleName = Annotated[str, typer.Option("--role", help="viewer, operator, technician, engineer or administrator.")]
SiteNames = Annotated[list[str] | None, typer.Option("--site", help="A site it is for; repeat for more. All without.")]


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

    chosen = _settings(settings, data, plant)
    import_history(chosen, folder, progress=Console(stderr=True), output=_output(as_json=as_json))


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
        _settings(settings, data, plant),
        recording,
        wish,
        now=utc_now(),
        progress=Console(stderr=True),
        output=_output(as_json=as_json),
    )


@app.command()
def doctor(
    *, settings: SettingsFile = None, data: DataFolder = None, plant: PlantFile = None, as_json: AsJson = False
) -> None:
    """Say what is wrong with this installation, and how to mend it."""
    from service.operations.doctor import diagnose
    from service.operations.setup import Typed

    typed = Typed(settings_file=settings, data_dir=data, plant=plant)
    raise typer.Exit(0 if diagnose(typed, _output(as_json=as_json)) else 1)


@db.command("upgrade")
def upgrade(*, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Bring the tables of the state database to the newest revision."""
    from service.operations.state import upgrade_state

    upgrade_state(_settings(settings, data), _output(as_json=as_json))


@user.command("add")
def add_user(  # noqa: PLR0913 (one argument an option)
    name: Name,
    *,
    role: RoleName = "operator",
    site: SiteNames = None,
    display_name: Annotated[str | None, typer.Option("--display-name", help="Name shown on the pages.")] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Add a person, and print the link that lets him or her in once."""
    from service.operations import people

    people.add_user(
        _settings(settings, data),
        name,
        display_name=display_name,
        rights=_rights(role, site),
        output=_output(as_json=as_json),
    )


@user.command("list")
def list_users(*, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Show everybody."""
    from service.operations import people

    people.list_users(_settings(settings, data), _output(as_json=as_json))


@user.command("disable")
def disable_user(
    name: Name, *, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Let a person in no more, from now on."""
    from service.operations import people

    people.disable_user(_settings(settings, data), name, _output(as_json=as_json))


@user.command("password")
def set_password(
    name: Name, *, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False
) -> None:
    """Give a person a new password; it is asked for, or read from standard input."""
    from service.operations import people

    asks = sys.stdin.isatty()
    password = typer.prompt("New password", hide_input=True, confirmation_prompt=True) if asks else sys.stdin.readline()
    people.set_user_password(_settings(settings, data), name, password.rstrip("\n"), _output(as_json=as_json))


@user.command("link")
def link_user(name: Name, *, settings: SettingsFile = None, data: DataFolder = None, as_json: AsJson = False) -> None:
    """Print a link that lets a person in once, for 15 minutes."""
    from service.operations import people

    people.link_user(_settings(settings, data), name, _output(as_json=as_json))


@user.command("key")
def issue_key(  # noqa: PLR0913 (one argument an option)
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    *,
    role: RoleName = "viewer",
    site: SiteNames = None,
    days: Annotated[int | None, typer.Option(help="Days that it is valid; for good without.", min=1)] = None,
    settings: SettingsFile = None,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Print a new API key for a program; it cannot be shown again."""
    from service.operations import people

    people.issue_user_key(
        _settings(settings, data),
        name,
        rights=_rights(role, site),
        valid_days=days,
        output=_output(as_json=as_json),
    )


def main() -> None:
    """Run the command line; people get one line, never a traceback."""
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Say what went wrong in one line; return 0, 1, 2 for a wrong argument or configuration, or 70 for "start it again"."""
    try:
        result = app(arguments, standalone_mode=False)
    except TyperException as error:
        return _complain(error.format_message(), 2)
    except (ConfigurationError, InvalidRequestError) as error:
        return _complain(str(error), 2)
    except StoreBrokenError as error:
        return _complain(str(error), RESTART_NEEDED)
    except YejiError as error:
        return _complain(str(error), 1)
    return result if isinstance(result, int) else 0


def _complain(line: str, code: int) -> int:
    """Say it, unless a help page has been printed instead."""
    if not line:
        return code
    print(f"yeji: {' '.join(line.split())}", file=sys.stderr)
    return code


def _settings(settings: Path | None, data: Path | None, plant: Path | None = None) -> "Settings":
    from service.operations.setup import Typed, settings_for

    return settings_for(Typed(settings_file=settings, data_dir=data, plant=plant))


def _rights(role: str, sites: list[str] | None) -> "Rights":
    from service.operations.people import Rights, role_named

    return Rights(role=role_named(role), sites=tuple(sites or ()))


def _output(*, as_json: bool) -> "Output":
    from rich.console import Console

    from service.operations.result import Output

    return Output(Console(highlight=False), as_json)
