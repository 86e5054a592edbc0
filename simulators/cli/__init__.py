"""The `yeji-simulate` command: one file per group of verbs."""

from simulators.cli.command import app, exit_code, main

__all__ = ["app", "exit_code", "main"]
