"""The `yeji` command: each verb is read here and done in `service.operations`.

A verb imports what it needs when it is called, so that `--help` and a wrong argument answer at once: all of it together
takes seconds to import.
"""

from service.cli.command import RESTART_NEEDED, app, exit_code, main

__all__ = ["RESTART_NEEDED", "app", "exit_code", "main"]
