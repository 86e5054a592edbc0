"""Parts that wear out within days: they count down on the machine page and raise no case."""

import math

from configs.plant import LifeUnit, PartType

SHORTEST_MEDIAN_DAYS = 3.0

_PER_DAY = {LifeUnit.CALENDAR_DAYS: 1.0, LifeUnit.OPERATING_HOURS: 24.0, LifeUnit.CUTTING_MINUTES: 1440.0}


def counts_down(part: PartType) -> bool:
    """Whether a part lasts, in the median of its catalogue life, less than three days of running without a stop.

    Units that no clock counts (shots, strokes, starts, kilometres) tell nothing about days.
    """
    if part.life_unit not in _PER_DAY:
        return False
    median = part.eta * math.pow(math.log(2.0), 1.0 / part.beta)
    return median / _PER_DAY[part.life_unit] < SHORTEST_MEDIAN_DAYS
