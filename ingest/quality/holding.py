"""Values that do not move: a sensor is stuck that shows the same while the machine runs, for longer than it should."""

import numpy as np

from ingest.columns import row_of_last
from ingest.quality.arranged import Arranged, Cells, lasting
from ingest.quality.memory import QualityMemory
from ingest.quality.profile import TypeProfile
from ingest.reading import QualityFlag, Times


def stuck_cells(profile: TypeProfile, memory: QualityMemory, rows: Arranged) -> tuple[Cells, Times]:
    """Return which cells are of a stuck sensor, and from which running time on each sensor shows what it shows.

    Only running counts: at rest nothing has a reason to move, and a sensor that shows the same before and after a rest
    has still not moved. One that was found stuck stays so until it moves.
    """
    same = np.abs(rows.values - rows.before) <= rows.of(profile.resolution) / 2
    moved = rows.reported & ~same & rows.own[:, None]
    begins = moved.copy()
    begins[rows.starts] = True
    from_ns = np.where(rows.own[:, None], rows.run_ns[:, None], rows.of(memory.held_from_ns))
    held_from_ns: Times = np.take_along_axis(from_ns, row_of_last(begins, rows.starts), axis=0)
    held_ns = rows.run_ns[:, None] - held_from_ns
    fresh = rows.reported & rows.own[:, None] & rows.running[:, None]
    too_long = fresh & (held_ns >= rows.of(profile.stuck_after_ns))
    return lasting(rows, QualityFlag.STUCK, too_long, moved), held_from_ns
