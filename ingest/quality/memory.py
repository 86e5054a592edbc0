"""Where every machine and sensor stood at its newest reading: all that is carried from one batch to the next."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.quality.profile import TypeProfile
from ingest.reading import Flags, Times, Values

NEVER = np.int64(-(2**62))
"""The time of what has not happened; far enough from the ends of int64 to be subtracted from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityMemory:
    """Where every machine and sensor of one equipment type stood at its newest reading.

    `value`, `held_from_ns`, `seen_ns` and `marks` have shape (n_machines, n_sensors): the last reported value, what the
    machine's `run_ns` was when the sensor took it, when it last reported, and the flags that last until the sensor shows that they are over (stuck,
    suspected of another unit or of swapped wires); `newest_ns`, `state` and `run_ns` (n_machines,): the newest event
    time, the operating state then, and for how long the machine has been seen running.
    """

    value: Values
    held_from_ns: Times
    seen_ns: Times
    marks: Flags
    newest_ns: Times
    state: NDArray[np.object_]
    run_ns: Times


def blank_memory(profile: TypeProfile) -> QualityMemory:
    """Return the memory of machines that never reported."""
    shape = profile.low.shape
    return QualityMemory(
        value=np.full(shape, np.nan),
        held_from_ns=np.zeros(shape, np.int64),
        seen_ns=np.full(shape, NEVER),
        marks=np.zeros(shape, np.uint16),
        newest_ns=np.full(shape[0], NEVER),
        state=np.full(shape[0], None, dtype=object),
        run_ns=np.zeros(shape[0], np.int64),
    )
