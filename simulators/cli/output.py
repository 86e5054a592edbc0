"""What the command says to people: one line each, on standard error."""

import sys

from rich.console import Console

console = Console(stderr=True, highlight=False)


def say(line: str) -> None:
    """Say how it goes."""
    console.print(f"yeji-simulate: {line}", soft_wrap=True)


def complain(line: str, code: int) -> int:
    """Say in one line what went wrong; return the exit code."""
    print(f"yeji-simulate: {' '.join(line.split())}", file=sys.stderr)
    return code
