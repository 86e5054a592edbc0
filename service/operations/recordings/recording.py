"""A recording: what machines reported, once, with the spacing of their event times."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from configs.plant import EquipmentTypeId, SensorId

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """The readings of one machine in order of time.

    `times_ns` has shape (n,), `values` (n, len(sensors)); NaN is "not reported". `name` is what the machine is called
    in the recording.
    """

    name: str
    times_ns: NDArray[np.int64]
    sensors: tuple[SensorId, ...]
    values: NDArray[np.float64]

    def since(self, time_ns: int) -> "Track":
        """Return what was reported at `time_ns` and later."""
        kept = self.times_ns >= time_ns
        return replace(self, times_ns=self.times_ns[kept], values=self.values[kept])


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One or more tracks on one time axis, of machines of `equipment_type` where the format says of which.

    `left_out` names the columns that are not published: labels, and what is no number. `titles` is how the recording
    calls its sensors, where that differs from their ids.
    """

    equipment_type: EquipmentTypeId | None
    tracks: tuple[Track, ...]
    left_out: tuple[str, ...]
    titles: Mapping[SensorId, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many reading sets there are."""
        return sum(track.times_ns.size for track in self.tracks)

    @property
    def start_ns(self) -> int:
        """The first event time."""
        return min(int(track.times_ns[0]) for track in self.tracks)

    @property
    def end_ns(self) -> int:
        """The last event time."""
        return max(int(track.times_ns[-1]) for track in self.tracks)

    def last(self, span_ns: int) -> "Recording":
        """Return only what lies within `span_ns` of the end."""
        since = self.end_ns - span_ns
        tracks = tuple(track.since(since) for track in self.tracks if track.times_ns[-1] >= since)
        return replace(self, tracks=tracks)
