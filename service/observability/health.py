"""Readiness: whether the program is able to do its job right now."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReadiness:
    """One part of the program: whether it works, and if not, why, in one line."""

    name: str
    ready: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The program is ready when every part is."""

    parts: tuple[PartReadiness, ...]

    @property
    def ready(self) -> bool:
        """Whether every part works."""
        return all(part.ready for part in self.parts)


class Pulse:
    """When something last made progress, on a monotonic clock; any thread may beat it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last: float | None = None
        self._trouble = ""

    def beat(self) -> None:
        """Say that progress was made."""
        with self._lock:
            self._last = self._clock()
            self._trouble = ""

    def fail(self, trouble: str) -> None:
        """Say that there is trouble, until the next beat."""
        with self._lock:
            self._trouble = trouble

    def check(self, name: str, *, within_s: float) -> PartReadiness:
        """Return whether progress was made within that time, without trouble since."""
        with self._lock:
            last, trouble = self._last, self._trouble
        if trouble:
            return PartReadiness(name=name, ready=False, detail=trouble)
        if last is None:
            return PartReadiness(name=name, ready=False, detail="has not started yet")
        age = self._clock() - last
        detail = "" if age <= within_s else f"no progress for {age:.0f} s (allowed: {within_s:.0f} s)"
        return PartReadiness(name=name, ready=age <= within_s, detail=detail)


def assess_readiness(checks: Iterable[Callable[[], PartReadiness]]) -> Readiness:
    """Ask every part how it is."""
    return Readiness(parts=tuple(check() for check in checks))
