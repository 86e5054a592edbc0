"""Waveforms as files: a folder a day, a file a capture, and beside them the newest one of every measuring point."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from configs.plant import MachineId
from ingest.errors import StoreUnavailableError
from ingest.ports import WaveformKey
from ingest.waveform import Waveform

NEWEST = "newest"
DAY_NS = 86_400 * 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveformPolicy:
    """How many captures of a measuring point are kept of each day, evenly spread, and for how many days."""

    per_day: int = 24
    days: int = 90


class WaveformFiles:
    """A `WaveformStore` in a folder; one process writes.

    Parameters
    ----------
    folder
        Where the files go; made when the first one comes.
    policy
        What is kept. The newest capture of a point is always there.
    """

    def __init__(self, folder: Path, policy: WaveformPolicy) -> None:
        self._folder = folder
        self._policy = policy

    def keep(self, waveform: Waveform) -> None:
        """Keep a waveform as the policy has it, durable when it returns; the same one again changes nothing."""
        try:
            newest = self._newest_file(waveform.machine, waveform.point)
            known = _read_time(newest)
            if known is None or known <= waveform.event_time_ns:
                _write(newest, waveform)
            if self._has_room(waveform):
                _write(self._file(_key(waveform)), waveform)
        except OSError as error:
            message = (
                f"{self._folder}: a waveform cannot be written ({error.strerror}); make room, or correct its rights"
            )
            raise StoreUnavailableError(message) from error

    def captures(self, machine: MachineId, point: str, limit: int) -> Sequence[WaveformKey]:
        """Return the captures of a point, newest first; the newest of all is the first, kept for good or not."""
        found: list[WaveformKey] = []
        newest = self._newest_file(machine, point)
        if (at_ns := _read_time(newest)) is not None:
            found.append(WaveformKey(machine=machine, point=point, event_time_ns=at_ns))
        for day in sorted(self._days(), reverse=True):
            if len(found) > limit:
                break
            found += (
                WaveformKey(machine=machine, point=point, event_time_ns=at) for at in self._times(day, machine, point)
            )
        return sorted(set(found), key=lambda key: -key.event_time_ns)[:limit]

    def read(self, key: WaveformKey) -> Waveform | None:
        """Return a capture; None where it is not kept, or any more."""
        files = (self._file(key), self._newest_file(key.machine, key.point))
        found = (_read(file, key) for file in files if _read_time(file) == key.event_time_ns)
        return next((waveform for waveform in found if waveform is not None), None)

    def retire(self, now_ns: int) -> int:
        """Delete the days past their time; return how many files that were."""
        oldest = datetime.fromtimestamp(now_ns / 1e9, UTC).date() - timedelta(days=self._policy.days)
        gone = 0
        for day in self._days():
            if day < oldest:
                for file in (self._folder / day.isoformat()).iterdir():
                    file.unlink(missing_ok=True)
                    gone += 1
                with suppress(OSError):
                    (self._folder / day.isoformat()).rmdir()
        return gone

    def _has_room(self, waveform: Waveform) -> bool:
        """Whether a capture is the first of its share of the day: with 24 a day, the first of its hour."""
        share_ns = DAY_NS // self._policy.per_day
        share = waveform.event_time_ns % DAY_NS // share_ns
        kept = self._times(_day(waveform.event_time_ns), waveform.machine, waveform.point)
        return all(at % DAY_NS // share_ns != share for at in kept)

    def _times(self, day: date, machine: MachineId, point: str) -> Iterator[int]:
        for file in (self._folder / day.isoformat()).glob(f"{machine}.{point}.*.npz"):
            yield int(file.name.split(".")[2])

    def _days(self) -> Iterator[date]:
        for folder in self._folder.glob("????-??-??"):
            with suppress(ValueError):
                yield date.fromisoformat(folder.name)

    def _file(self, key: WaveformKey) -> Path:
        day = _day(key.event_time_ns).isoformat()
        return self._folder / day / f"{key.machine}.{key.point}.{key.event_time_ns}.npz"

    def _newest_file(self, machine: MachineId, point: str) -> Path:
        return self._folder / NEWEST / f"{machine}.{point}.npz"


def _key(waveform: Waveform) -> WaveformKey:
    return WaveformKey(machine=waveform.machine, point=waveform.point, event_time_ns=waveform.event_time_ns)


def _day(at_ns: int) -> date:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).date()


def _write(file: Path, waveform: Waveform) -> None:
    """Write a file under its final name only once it is whole and on disk."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(".draft")
    with draft.open("wb") as out:
        np.savez(
            out,
            samples=waveform.acceleration_m_s2,
            event_time_ns=np.int64(waveform.event_time_ns),
            rate_hz=np.float64(waveform.rate_hz),
            rotation_hz=np.float64(np.nan if waveform.rotation_hz is None else waveform.rotation_hz),
        )
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)


def _read_time(file: Path) -> int | None:
    """Return when a file's capture began; None where there is no such file, or it is spoilt."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
            return int(held["event_time_ns"])
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None


def _read(file: Path, key: WaveformKey) -> Waveform | None:
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as held:
            rotation_hz = float(held["rotation_hz"])
            return Waveform(
                machine=key.machine,
                point=key.point,
                event_time_ns=key.event_time_ns,
                rate_hz=float(held["rate_hz"]),
                rotation_hz=None if np.isnan(rotation_hz) else rotation_hz,
                acceleration_m_s2=held["samples"],
            )
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
