"""The command line as a whole: its verbs, and one line instead of a traceback."""

import sys

import typer
from typer.exceptions import TyperException

from configs.errors import ConfigurationError, YejiError
from simulators.cli.demo import demo
from simulators.cli.history import history
from simulators.cli.live import inject, live
from simulators.cli.output import complain
from simulators.cli.report import report

INTERRUPTED = 130
"""What Typer returns after Ctrl-C, as shells do."""

app = typer.Typer(
    name="yeji-simulate",
    help="A factory that breaks on purpose, with its truth written down.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for verb in (history, live, inject, report, demo):
    app.command()(verb)


def main() -> None:
    """Run the command line; people get one line, never a traceback."""
    sys.exit(exit_code(sys.argv[1:]))


def exit_code(arguments: list[str]) -> int:
    """Return 0, 1 for what went wrong on the way, or 2 for a wrong argument; say it in one line."""
    try:
        result = app(arguments, standalone_mode=False)
    except TyperException as error:
        return complain(error.format_message() or "see --help", 2)
    except ConfigurationError as error:
        return complain(str(error), 2)
    except YejiError as error:
        return complain(str(error), 1)
    if result == INTERRUPTED:
        return complain("stopped; the same command goes on from here", INTERRUPTED)
    return result if isinstance(result, int) else 0
