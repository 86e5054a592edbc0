"""A batch laid out for judging: in front of each machine's rows one row of what is remembered of the machine."""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ingest.columns import Rows, row_of_last, segment_starts
from ingest.operation import OperatingState
from ingest.quality.memory import QualityMemory
from ingest.quality.profile import TypeProfile
from ingest.reading import Flags, QualityFlag, ReadingBatch, Times, Values

Cells = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """The rows of a batch and, in front of each machine's, the remembered one.

    All (n + k,) or (n + k, m). `code` is the machine's position in the profile, `starts` the remembered rows, `own`
    marks the rows of the batch, `reported` the cells that hold a value and are in order of time, `running` the rows of a
    machine that runs, `run_ns` for how long it has been seen running, `marks` the lasting flags, which only remembered rows have.
    `before`, `since_ns` and `ran` tell of each sensor's report before: its value (NaN where there was none), how long
    ago it was, and whether the machine ran then; `off` whether the machine was off at the row before.
    """

    code: Rows
    columns: Rows
    starts: Rows
    own: Cells
    times: Times
    values: Values
    reported: Cells
    running: Cells
    run_ns: Times
    marks: Flags
    before: Values
    since_ns: Times
    ran: Cells
    off: Cells

    def of(self, table: NDArray[Scalar]) -> NDArray[Scalar]:
        """Return the cells of a (machines, sensors) table of the profile, laid out like the rows."""
        return table[self.code][:, self.columns]


def arrange(profile: TypeProfile, memory: QualityMemory, batch: ReadingBatch, code: Rows) -> Arranged:
    """Lay a batch out; rows that are not newer than all before are not `reported`."""
    columns = np.array([profile.sensors[sensor] for sensor in batch.sensors], np.intp)
    starts = segment_starts(code)
    kept = code[starts]
    virtual = starts + np.arange(starts.size)
    own = np.ones(code.size + starts.size, dtype=bool)
    own[virtual] = False
    in_order = batch.event_times_ns > memory.newest_ns[code]
    values = np.insert(batch.values, starts, memory.value[kept][:, columns], axis=0)
    reported = ~np.isnan(values) & np.insert(in_order, starts, True)[:, None]
    states = np.insert(batch.states, starts, memory.state[kept])
    times = np.insert(batch.event_times_ns, starts, memory.newest_ns[kept])
    off: Cells = (states == OperatingState.OFF.value).astype(bool)
    running: Cells = (states == OperatingState.EXECUTING.value).astype(bool)
    seen = np.where(own[:, None], times[:, None], memory.seen_ns[np.insert(code, starts, kept)][:, columns])
    last = row_of_last(reported, virtual)
    previous = np.concatenate((last[:1], last[:-1]))
    marks = np.zeros(values.shape, np.uint16)
    marks[virtual] = memory.marks[kept][:, columns]
    return Arranged(
        code=np.insert(code, starts, kept),
        columns=columns,
        starts=virtual,
        own=own,
        times=times,
        values=values,
        reported=reported,
        running=running,
        run_ns=_run_ns(
            profile,
            memory,
            (np.insert(code, starts, kept), virtual),
            times,
            running & np.insert(in_order, starts, True),
        ),
        marks=marks,
        before=np.take_along_axis(values, previous, axis=0),
        since_ns=times[:, None] - np.take_along_axis(seen, previous, axis=0),
        ran=running[previous],
        off=np.concatenate((off[:1], off[:-1])) & own,
    )


def _run_ns(
    profile: TypeProfile, memory: QualityMemory, layout: tuple[Rows, Rows], times: Times, running: Cells
) -> Times:
    """Return for how long each row's machine has been seen running; what it did in a silence is not known."""
    code, starts = layout
    step = np.diff(times, prepend=times[:1])
    longest = profile.gap_after_ns.min(axis=1, initial=np.iinfo(np.int64).max)[code]
    counts = running & np.concatenate((running[:1], running[:-1])) & (step > 0) & (step <= longest)
    counts[starts] = False
    ran = np.cumsum(np.where(counts, step, 0))
    offset = memory.run_ns[code[starts]] - ran[starts]
    lengths = np.diff(np.append(starts, code.size))
    run_ns: Times = ran + np.repeat(offset, lengths)
    return run_ns


def lasting(rows: Arranged, flag: QualityFlag, begins: Cells, ends: Cells) -> Cells:
    """Tell where a flag holds that begins at some cells and lasts until one of the same sensor ends it.

    A cell that both begins and ends it begins it.
    """
    begun = begins.copy()
    begun[rows.starts] = (rows.marks[rows.starts] & np.uint16(flag)) != 0
    events = begins | ends
    held: Cells = np.take_along_axis(begun, row_of_last(events, rows.starts), axis=0)
    return held
