"""How readings arrived: late, or with a doubtful clock. It says nothing of the values themselves."""

import numpy as np
from numpy.typing import NDArray

from ingest.columns import Rows, segment_starts
from ingest.quality.memory import NEVER, QualityMemory
from ingest.quality.profile import TypeProfile
from ingest.reading import QualityFlag, ReadingBatch, Times


def arrival_flags(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch, code: Rows) -> NDArray[np.uint16]:
    """Return the flags (n,) of rows that were late when they arrived, or whose clock was off."""
    times = batch.event_times_ns
    newest = _newest_on_arrival(memory, batch, code)
    late = (newest > NEVER) & (times < newest // profile.window_ns * profile.window_ns)
    skewed = np.abs(batch.received_times_ns - times) > profile.clock_skew_ns
    flags: NDArray[np.uint16] = late * np.uint16(QualityFlag.LATE) + skewed * np.uint16(QualityFlag.CLOCK_SKEW)
    return flags.astype(np.uint16)


def _newest_on_arrival(memory: QualityMemory, batch: ReadingBatch, code: Rows) -> Times:
    """Return how far each row's machine had come when the row arrived: by what was received earlier."""
    newest = memory.newest_ns[code]
    starts = segment_starts(code)
    ends = np.append(starts[1:], code.size)
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        received = batch.received_times_ns[start:end]
        if received.min() == received.max():
            continue
        order = np.argsort(received, kind="stable")
        reached = np.maximum.accumulate(batch.event_times_ns[start:end][order])
        earlier = np.searchsorted(received[order], received, "left") - 1
        newest[start:end] = np.maximum(newest[start:end], np.where(earlier >= 0, reached[earlier], NEVER))
    return newest
