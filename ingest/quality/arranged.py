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
    marks the rows of the batch, `reported` the cells that hold a value and are in order of time, `running` and
    `stopped` the rows of a machine that runs or rests, `marks` the lasting flags, which only remembered rows have.
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
    stopped: Cells
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
    stopped = ~running & np.insert(in_order, starts, False)
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
        stopped=stopped,
        marks=marks,
        before=np.take_along_axis(values, previous, axis=0),
        since_ns=times[:, None] - np.take_along_axis(seen, previous, axis=0),
        ran=running[previous],
        off=np.concatenate((off[:1], off[:-1])) & own,
    )


def lasting(rows: Arranged, flag: QualityFlag, begins: Cells, ends: Cells) -> Cells:
    """Tell where a flag holds that begins at some cells and lasts until one of the same sensor ends it.

    A cell that both begins and ends it begins it.
    """
    begun = begins.copy()
    begun[rows.starts] = (rows.marks[rows.starts] & np.uint16(flag)) != 0
    events = begins | ends
    held: Cells = np.take_along_axis(begun, row_of_last(events, rows.starts), axis=0)
    return held
