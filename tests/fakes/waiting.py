"""Waiting for a condition, never for a time."""

import threading
from collections.abc import Callable
from time import monotonic


def wait_until(holds: Callable[[], bool], within_s: float = 20.0) -> None:
    """Return once `holds()`; AssertionError if it does not in time."""
    deadline, pause = monotonic() + within_s, threading.Event()
    while not holds():
        assert monotonic() < deadline, f"did not come true within {within_s} s"
        pause.wait(0.005)
