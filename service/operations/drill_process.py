"""The second writer of a drill as a process: started, killed, cut off, and watched by what it says of itself."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from configs.settings import Settings
from service.errors import ServiceError

READY_WITHIN_S = 60.0
END_WITHIN_S = 20.0
QUIET_S = 2.0
POLL_S = 0.02


class SecondWriter:
    """A writer on a folder and a session of its own.

    Parameters
    ----------
    folder
        Where its settings and its log are written.
    settings
        What it runs with.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._spec, self._log = folder / "writer.json", folder / "writer.log"
        self._spec.write_text(settings.model_dump_json(), encoding="utf-8")
        self._child: subprocess.Popen[str] | None = None
        self._told: dict[str, Any] = {}
        self._pause = threading.Event()
        self._earlier_repeats = 0
        self.cut_off = 0

    @property
    def repeats(self) -> int:
        """How many messages came again and were told from new ones."""
        return self._earlier_repeats + int(self._told.get("repeats", 0))

    def start(self) -> None:
        """Start it, and return once it takes messages in."""
        self._earlier_repeats, self._told = self.repeats, {}
        command = [sys.executable, "-m", "service.app.drill_writer", str(self._spec)]
        with self._log.open("a", encoding="utf-8") as log:
            self._child = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
            )
        threading.Thread(target=self._listen, args=(self._child,), daemon=True).start()
        self._wait(lambda: bool(self._told) and self._told["unready"] is None, READY_WITHIN_S, "does not get ready")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.end()

    def cut(self, seconds: float) -> None:
        """Stop it so long that the broker gives its connection up, then let it go on and return once it is back."""
        if self._child is None:
            return
        before = self._told["reconnects"]
        self._child.send_signal(signal.SIGSTOP)
        self._pause.wait(seconds)
        self._child.send_signal(signal.SIGCONT)
        try:
            self._wait(lambda: self._told["reconnects"] > before, READY_WITHIN_S, "is not cut off")
        except ServiceError:
            return
        self.cut_off += 1
        self._wait(lambda: self._told["unready"] is None, READY_WITHIN_S, "does not connect again")

    def settle(self, within_s: float) -> None:
        """Wait until it takes in nothing more."""
        seen, since = -1, monotonic()

        def is_quiet() -> bool:
            nonlocal seen, since
            if self._told["taken_in"] != seen or self._told["waiting"] or self._told["unready"] is not None:
                seen, since = self._told["taken_in"], monotonic()
            return monotonic() - since > QUIET_S

        self._wait(is_quiet, within_s, "does not come to an end with what waits")

    def stop(self) -> None:
        """Ask it to finish, and wait for it."""
        if self._child is not None:
            self._child.terminate()
            try:
                self._child.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                raise ServiceError(f"the drill's writer did not stop within {END_WITHIN_S:.0f} s") from None

    def end(self) -> None:
        """End it at once where it still runs; safe to repeat."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def _listen(self, child: "subprocess.Popen[str]") -> None:
        with child:
            for line in child.stdout or ():
                told = json.loads(line)
                if self._child is child:
                    self._told = told

    def _wait(self, is_true: Callable[[], bool], within_s: float, told: str) -> None:
        deadline = monotonic() + within_s
        while not is_true():
            if self._child is None or self._child.poll() is not None or monotonic() > deadline:
                raise ServiceError(f"the drill's writer {told}: {self._last_words()}")
            self._pause.wait(POLL_S)

    def _last_words(self) -> str:
        said = self._log.read_text(encoding="utf-8").splitlines()
        return str(self._told.get("unready") or (said[-1] if said else "it said nothing"))[:300]
