"""How fast a meter runs: what turns remaining life in life units into dates."""

import math
from dataclasses import dataclass

from configs.plant import LifeUnit

RATE_SPAN_DAYS = 28.0
"""How far back use is looked at: four whole weeks, so that weekends do not tilt it."""

_TYPICAL_PER_DAY = {
    LifeUnit.OPERATING_HOURS: 11.0,
    LifeUnit.CUTTING_MINUTES: 240.0,
    LifeUnit.SHOTS: 1500.0,
    LifeUnit.STROKES: 6000.0,
    LifeUnit.STARTS: 20.0,
    LifeUnit.KILOMETRES: 10.0,
    LifeUnit.CALENDAR_DAYS: 1.0,
}
_TYPICAL_WORTH_DAYS = 1.0
_DAILY_CV = 0.8
_LASTING_CV = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRate:
    """Use per calendar day in life units, with the relative standard deviation of its long-run mean."""

    per_day: float
    cv: float


def estimate_rate(unit: LifeUnit, gained: float, span_days: float) -> MeterRate:
    """Return the rate of a meter that gained so much over the last `span_days` days, stops included.

    A typical use (4,000 operating hours a year and what goes with it) counts as one day of experience, so that the
    first day has an answer and a machine that stood still for weeks keeps a small positive rate. The coefficient of
    variation is that of a day (weekends, shifts) over the days seen, beside what lets next month differ from this one.

    Examples
    --------
    >>> estimate_rate(LifeUnit.OPERATING_HOURS, 280.0, 28.0).per_day
    10.03448275862069
    """
    if unit is LifeUnit.CALENDAR_DAYS:
        return MeterRate(per_day=1.0, cv=0.0)
    span = span_days if math.isfinite(span_days) and span_days > 0 else 0.0
    seen = gained if math.isfinite(gained) and gained > 0 else 0.0
    days = span + _TYPICAL_WORTH_DAYS
    return MeterRate(
        per_day=(seen + _TYPICAL_PER_DAY[unit] * _TYPICAL_WORTH_DAYS) / days,
        cv=math.hypot(_DAILY_CV / math.sqrt(days), _LASTING_CV),
    )
