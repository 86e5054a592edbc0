"""The `yeji` command: each verb is read here and done in `service.operations`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from configs.errors import ConfigurationError, YejiError
from service.operations.run import RunWish, run_service
from service.operations.setup import Typed

app = typer.Typer(
    name="yeji",
    help="Yeji tells ahead of time which machine is going to fail, which part to replace and by when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SettingsFile = Annotated[Path | None, typer.Option("--settings", help="Settings file (TOML).")]
DataFolder = Annotated[Path | None, typer.Option("--data", help="Folder of everything that Yeji writes.")]


@app.command()
def run(  # noqa: PLR0913 (one argument an option)
    *,
    settings: SettingsFile = None,
    data: DataFolder = None,
    plant: Annotated[Path | None, typer.Option(help="Plant file, or the folder that holds plant.toml.")] = None,
    host: Annotated[str | None, typer.Option(help="Address that pages and API listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port of pages and API; 0 takes a free one.")] = None,
    print_link: Annotated[
        bool,
        typer.Option("--print-link", help="Print a sign-in link that works once, even if people signed in before."),
    ] = False,
    api_key_file: Annotated[
        Path | None, typer.Option(help="Write an API key there, readable by its owner alone; kept while it is valid.")
    ] = None,
) -> None:
    """Run everything: broker, intake, models, pages and API."""
    typed = Typed(settings_file=settings, data_dir=data, plant=plant, host=host, port=port)
    run_service(typed, RunWish(print_link=print_link, api_key_file=api_key_file))


def main() -> None:
    """Run the command line; people get one line, never a traceback."""
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Return 0, 1 for what went wrong on the way, or 2 for a wrong argument or configuration; say it in one line."""
    try:
        result = app(arguments, standalone_mode=False)
    except TyperException as error:
        return _complain(error.format_message() or "see --help", 2)
    except ConfigurationError as error:
        return _complain(str(error), 2)
    except YejiError as error:
        return _complain(str(error), 1)
    return result if isinstance(result, int) else 0


def _complain(line: str, code: int) -> int:
    print(f"yeji: {' '.join(line.split())}", file=sys.stderr)
    return code
