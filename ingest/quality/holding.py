"""Values that do not move: a sensor is stuck that shows the same while the machine runs, for longer than it should."""

import numpy as np

from ingest.columns import row_of_last
from ingest.quality.arranged import Arranged, Cells, lasting
from ingest.quality.memory import QualityMemory
from ingest.quality.profile import TypeProfile
from ingest.reading import QualityFlag, Times


def stuck_cells(profile: TypeProfile, memory: QualityMemory, rows: Arranged) -> tuple[Cells, Times]:
    """Return which cells are of a stuck sensor, and since when each sensor shows what it shows.

    Rest counts as a change, so that nothing is stuck that has no reason to move; but a sensor that was found stuck
    stays so through any rest, until it moves.
    """
    same = np.abs(rows.values - rows.before) <= rows.of(profile.resolution) / 2
    moved = rows.reported & ~same
    changed = moved | rows.stopped[:, None]
    changed[rows.starts] = True
    times = np.where(rows.own[:, None], rows.times[:, None], rows.of(memory.changed_ns))
    changed_ns: Times = np.take_along_axis(times, row_of_last(changed, rows.starts), axis=0)
    too_long = rows.reported & (rows.times[:, None] - changed_ns >= rows.of(profile.stuck_after_ns)) & rows.own[:, None]
    return lasting(rows, QualityFlag.STUCK, too_long, moved & rows.own[:, None]), changed_ns
