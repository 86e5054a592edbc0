"""The verb that makes a plant file."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from service.cli.options import AsJson, output

app = typer.Typer()


@app.command("init")
def init(
    *,
    folder: Annotated[Path, typer.Option("--dir", help="Folder that the plant file goes into.")] = Path(),
    language: Annotated[Literal["ko", "en"], typer.Option(help="Language of the questions.")] = "ko",
    source: Annotated[
        Path | None, typer.Option("--from", help="A list of machines (.xlsx or CSV) to begin with.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a few questions and write a plant file that works."""
    from service.app.clock import utc_now
    from service.operations.init import Interview, make_plant

    def ask(question: str, default: str) -> str:
        return str(typer.prompt(question, default=default, show_default=bool(default)))

    interview = Interview(ask=ask, tell=typer.echo, language=language)
    make_plant(folder, interview, source, output(as_json=as_json), now_ns=int(utc_now().timestamp()) * 10**9)
