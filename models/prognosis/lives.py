"""Part lives as a survival analysis sees them: from which age to which, and how they ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from configs.plant import LifeUnit, MachineId, PartType
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from models.errors import NotEnoughDataError

_DAY = timedelta(days=1)


class Ending(IntEnum):
    """How a life ended, as far as is known."""

    CENSORED = 0
    FAILED = 1
    UNKNOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeHistory:
    """Lives of one part type, all arrays (n,), in life units at reference stress.

    Where `known_start`, a life was under observation from age `entry` to age `exit`. Elsewhere its age at first sight
    is not known: `entry` is 0 and `exit` counts from first sight. `closed` lives have left their slot; `unusable` ones
    (no meter, meter running backwards, no time under observation) are only counted.
    """

    entry: NDArray[np.float64]
    exit: NDArray[np.float64]
    known_start: NDArray[np.bool_]
    ending: NDArray[np.int8]
    closed: NDArray[np.bool_]
    unusable: int = 0

    def __post_init__(self) -> None:
        """Refuse what no survival analysis can use."""
        if not (np.isfinite(self.entry).all() and np.isfinite(self.exit).all()):
            raise NotEnoughDataError(
                "part lives: an age is not a number; correct the meter values of the part's record"
            )
        if (self.entry < 0).any() or (self.exit < self.entry).any():
            raise NotEnoughDataError("part lives: an age runs backwards; correct the meter values of the part's record")


NO_LIVES = LifeHistory(
    entry=np.empty(0),
    exit=np.empty(0),
    known_start=np.empty(0, dtype=bool),
    ending=np.empty(0, dtype=np.int8),
    closed=np.empty(0, dtype=bool),
)


def life_history(
    part_type: PartType,
    lives: Iterable[PartLife],
    meters: Iterable[MeterState],
    *,
    now: datetime,
    stress: Mapping[str, float] | None = None,
) -> LifeHistory:
    """Return the lives of one part type; open ones are censored at where their machine's meter stands.

    `stress` gives by life id how much faster than at reference stress a life was used up on average (default 1).
    A removal with reason `UNKNOWN` stays unknown; every other reason but `FAILED` censors the life.
    """
    stands = {meter.machine: meter.value for meter in meters if meter.unit is part_type.life_unit}
    factors = stress or {}
    own = [life for life in lives if life.part_type == part_type.id]
    rows = [_row(life, stands, now, factors.get(life.id, 1.0)) for life in own]
    return _history([row for row in rows if row is not None], unusable=sum(row is None for row in rows))


def usage_of(life: PartLife, meter: float | None, now: datetime) -> float | None:
    """Return what was put on an open part since it was first seen, in life units; None without a meter.

    Negative where the meter stands below its value at installation.
    """
    if life.life_unit is LifeUnit.CALENDAR_DAYS:
        return (now - life.installed_at) / _DAY
    return None if meter is None else meter - life.meter_at_install


_Row = tuple[float, float, bool, Ending, bool]


def _row(life: PartLife, stands: Mapping[MachineId, float], now: datetime, factor: float) -> _Row | None:
    used = _used(life, stands.get(life.machine), now)
    entry = life.age_at_install or 0.0
    ending = _ending(life)
    if used is None or not np.isfinite([used, entry]).all() or used <= 0 or entry < 0:
        return None
    return entry * factor, (entry + used) * factor, life.age_at_install is not None, ending, life.removed_at is not None


def _used(life: PartLife, meter: float | None, now: datetime) -> float | None:
    if life.removed_at is None:
        return usage_of(life, meter, now)
    return usage_of(life, life.meter_at_removal, life.removed_at)


def _ending(life: PartLife) -> Ending:
    if life.removed_at is None:
        return Ending.CENSORED
    if life.removal_reason is RemovalReason.FAILED:
        return Ending.FAILED
    return Ending.UNKNOWN if life.removal_reason in (RemovalReason.UNKNOWN, None) else Ending.CENSORED


def _history(rows: Sequence[_Row], *, unusable: int) -> LifeHistory:
    entry, exit_, known, ending, closed = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return LifeHistory(
        entry=np.array(entry, dtype=np.float64),
        exit=np.array(exit_, dtype=np.float64),
        known_start=np.array(known, dtype=bool),
        ending=np.array(ending, dtype=np.int8),
        closed=np.array(closed, dtype=bool),
        unusable=unusable,
    )
