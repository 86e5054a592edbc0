"""`yeji-simulate report`: a history as one page of pictures."""

from pathlib import Path
from typing import Annotated

import typer

from simulators.cli.output import say
from simulators.report.page import write_page
from simulators.report.read import read_stories


def report(
    *,
    bundle: Annotated[Path, typer.Option(help="Bundle that a history left; its truth lies beside it.")],
    out: Annotated[Path, typer.Option(help="HTML file to write; it needs nothing beside it.")],
    machine: Annotated[list[str] | None, typer.Option(help="Machine to show; may be repeated.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Truth, where it is not beside the bundle.")] = None,
    acceptance: Annotated[
        Path | None, typer.Option(help="Figures of `python -m benchmarks simulator --json FILE` to show as a table.")
    ] = None,
) -> None:
    """Show damage, signals and events of machines on one page."""
    beside = bundle.with_name(f"{bundle.name}-truth") if truth is None else truth
    stories = read_stories(bundle, beside, tuple(machine or ()))
    write_page(out, stories, acceptance)
    say(f"{out} shows {', '.join(story.machine.id for story in stories)}")
