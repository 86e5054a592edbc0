"""The command itself: all verbs, and what a person reads when one fails."""

import sys

import typer
from typer.exceptions import TyperException

from configs.errors import ConfigurationError, YejiError
from ingest.errors import StoreBrokenError
from service.cli import dead_letters, devices, first_plant, history, inputs, models, people, quality, running
from service.errors import InvalidRequestError

app = typer.Typer(
    name="yeji",
    help="Yeji tells ahead of time which machine is going to fail, which part to replace and by when.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(running.app)
app.add_typer(first_plant.app)
app.add_typer(history.app)
app.add_typer(inputs.app)
app.add_typer(models.app)
app.add_typer(people.app, name="user")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(quality.app, name="quality")
app.add_typer(devices.app, name="device")
app.add_typer(devices.broker, name="broker")

RESTART_NEEDED = 70
"""Exit code of a program that only a new process can go on for; a supervisor that sees it starts one."""


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
