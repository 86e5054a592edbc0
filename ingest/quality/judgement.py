"""Judging a batch: a function of it and of what is remembered."""

import numpy as np

from ingest.columns import row_of_last
from ingest.quality.arranged import Arranged, Cells, arrange
from ingest.quality.arrival import arrival_flags
from ingest.quality.holding import stuck_cells
from ingest.quality.leaps import Leaps, leaping_cells
from ingest.quality.memory import QualityMemory, blank_memory
from ingest.quality.profile import TypeProfile
from ingest.quality.states import machine_codes
from ingest.reading import Flags, QualityFlag, ReadingBatch, Times

SINCE_EVER = np.int64(2**61)
"""A longer time than this means that there was no report before."""

LASTING = QualityFlag.STUCK | QualityFlag.SUSPECT_UNIT | QualityFlag.SUSPECT_SWAP
"""The flags that hold until the sensor shows that they are over."""


def judge(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch) -> tuple[Flags, QualityMemory]:
    """Return the flags (n, n_sensors) of a batch whose states are resolved, and what to remember after it."""
    code = machine_codes(profile, batch)
    rows = arrange(profile, memory, batch, code)
    first = rows.reported & rows.own[:, None] & np.isnan(rows.before)
    stuck, held_from_ns = stuck_cells(profile, memory, rows)
    leaps = leaping_cells(profile, rows, first)
    found = _cell_flags(profile, rows, stuck, leaps)
    flags = found[rows.own] | arrival_flags(profile, memory, batch, code)[:, None]
    flags[np.isnan(batch.values)] = 0
    marks = stuck * np.uint16(QualityFlag.STUCK) + leaps.unit * np.uint16(QualityFlag.SUSPECT_UNIT)
    marks += leaps.swap * np.uint16(QualityFlag.SUSPECT_SWAP)
    return flags, _remember(memory, batch, rows, held_from_ns, marks)


def judge_again(profile: TypeProfile, batch: ReadingBatch) -> Flags:
    """Return the flags of one machine's rows in order of event time, whatever order they arrived in.

    What lasts at the first row of a sensor is taken from the flags that the batch carries; so it must begin early
    enough before the rows in question, by `lookback_ns`.
    """
    memory = blank_memory(profile)
    code = machine_codes(profile, batch)
    reported = ~np.isnan(batch.values)
    for at, sensor in enumerate(batch.sensors):
        seen = np.flatnonzero(reported[:, at])
        if seen.size and batch.quality[seen[0], at] & np.uint16(LASTING):
            memory.marks[code[seen[0]], profile.sensors[sensor]] = batch.quality[seen[0], at] & np.uint16(LASTING)
            memory.value[code[seen[0]], profile.sensors[sensor]] = batch.values[seen[0], at]
    return judge(profile, memory, batch)[0]


def lookback_ns(profile: TypeProfile, machine_row: int) -> int:
    """Return how far back, in nanoseconds, what a reading says can bear on a machine's later flags."""
    own = profile.stuck_after_ns[machine_row]
    longest = max((span for span in own.tolist() if span < np.iinfo(np.int64).max), default=0)
    gaps = [span for span in profile.gap_after_ns[machine_row].tolist() if span < np.iinfo(np.int64).max]
    return int(max(longest, max(gaps, default=0), profile.window_ns))


def _cell_flags(profile: TypeProfile, rows: Arranged, stuck: Cells, leaps: Leaps) -> Flags:
    fresh = rows.reported & rows.own[:, None]
    known = rows.since_ns < SINCE_EVER
    gap = fresh & known & (rows.since_ns > rows.of(profile.gap_after_ns)) & ~rows.off[:, None]
    outside = (rows.values < rows.of(profile.low)) | (rows.values > rows.of(profile.high))
    flags: Flags = (
        (stuck & fresh) * np.uint16(QualityFlag.STUCK)
        + gap * np.uint16(QualityFlag.GAP)
        + outside * np.uint16(QualityFlag.OUT_OF_RANGE)
        + leaps.spike * np.uint16(QualityFlag.SPIKE)
        + leaps.rate * np.uint16(QualityFlag.RATE)
        + (leaps.unit & fresh) * np.uint16(QualityFlag.SUSPECT_UNIT)
        + (leaps.swap & fresh) * np.uint16(QualityFlag.SUSPECT_SWAP)
    ).astype(np.uint16)
    return flags


def _remember(
    memory: QualityMemory, batch: ReadingBatch, rows: Arranged, held_from_ns: Times, marks: Flags
) -> QualityMemory:
    """Return the memory after the batch; rows that are not newer than all before change nothing of it."""
    ends = np.append(rows.starts[1:], rows.times.size) - 1
    code = rows.code[ends]
    last = row_of_last(rows.reported, rows.starts)[ends]
    after = QualityMemory(
        value=memory.value.copy(),
        held_from_ns=memory.held_from_ns.copy(),
        seen_ns=memory.seen_ns.copy(),
        marks=memory.marks.copy(),
        newest_ns=memory.newest_ns.copy(),
        state=memory.state.copy(),
        run_ns=memory.run_ns.copy(),
    )
    cells = (code[:, None], rows.columns)
    after.value[cells] = np.take_along_axis(rows.values, last, axis=0)
    after.held_from_ns[cells] = held_from_ns[ends]
    after.marks[cells] = marks[ends]
    after.seen_ns[cells] = np.where(rows.own[last], rows.times[last], memory.seen_ns[cells])
    after.run_ns[code] = rows.run_ns[ends]
    newer = rows.times[ends] > after.newest_ns[code]
    after.newest_ns[code[newer]] = rows.times[ends][newer]
    own_end = np.cumsum(rows.own)[ends] - 1
    after.state[code[newer]] = batch.states[own_end][newer]
    return after
