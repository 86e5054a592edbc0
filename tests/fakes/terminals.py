"""A terminal that answers a command's questions, and keeps what is seen on it."""

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FIRST_PLANT = {
    "ko": ("", "", "절삭 라인", "3", "머시닝센터 1호기", "cnc-01", "1,3,7", "1,4", "n"),
    "en": ("", "", "Cutting line", "3", "", "cnc-01", "1,3,7", "1,4", "n"),
}
"""What is answered in the transcripts of `docs/first-plant.md`."""


def typed_session(arguments: Sequence[str], answers: Sequence[str], folder: Path) -> str:
    """Run `yeji` in a terminal, answer every prompt in turn, and return what the terminal showed."""
    ours, theirs = pty.openpty()
    code = "from service.cli import main; main()"
    command = [sys.executable, "-c", code, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd()), "TERM": "dumb", "COLUMNS": "200"}
    process = subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    seen, waiting = b"", list(answers)
    answered = 0
    while chunk := _read(ours):
        seen += chunk
        if waiting and seen[answered:].rstrip(b" ").endswith(b":") and seen.endswith(b": "):
            os.write(ours, f"{waiting.pop(0)}\n".encode())
            answered = len(seen)
    process.wait(timeout=30)
    os.close(ours)
    return seen.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 4096)
    except OSError:
        return b""
