"""A waveform: how a place on a machine moved for a moment, sampled evenly and fast."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Waveform:
    """One capture at one measuring point: `acceleration_m_s2` (n,), `rate_hz` samples a second from the event time on.

    `rotation_hz` is how fast the shaft turned, None where nobody says.
    """

    machine: MachineId
    point: str
    event_time_ns: int
    rate_hz: float
    rotation_hz: float | None
    acceleration_m_s2: Samples

    @property
    def length_s(self) -> float:
        """How long it lasts."""
        return len(self.acceleration_m_s2) / self.rate_hz
