"""Room on the disk of the data folder: said before it is gone, because a full disk stops intake."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from service.observability.health import PartReadiness

ALARM_SHARE = 0.02
ALARM_BYTES = 512 * 1024 * 1024
"""The alarm is raised when less is free than this share of the disk, at most these bytes."""

_log = structlog.get_logger(__name__)


class DiskWatch:
    """Looks at the free space of the data folder's disk; logs once when it runs low, and once when it no longer does."""

    def __init__(self, folder: Path, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> None:
        self._folder = folder
        self._usage = usage
        self._low = False

    def readiness(self) -> PartReadiness:
        """Return whether there is room; the detail says how much is left and what to do."""
        total, _, free = self._usage(self._folder)
        least = min(ALARM_BYTES, ALARM_SHARE * total)
        low = free < least
        detail = (
            f"only {free / 1e6:.0f} MB are free on the disk of {self._folder}; free some space: nothing is acknowledged,"
            " and messages stay at the broker, once it is full"
        )
        if low and not self._low:
            _log.error("disk_low", reason=detail)
        elif self._low and not low:
            _log.info("disk_has_room", free_mb=round(free / 1e6))
        self._low = low
        return PartReadiness(name="disk", ready=not low, detail=detail if low else "")

    def metrics(self) -> Mapping[str, float]:
        """Return the size of the disk and what is free of it."""
        total, _, free = self._usage(self._folder)
        return {"size_bytes": float(total), "free_bytes": float(free)}
