"""Part lives as a survival analysis sees them: from which age to which, and how they ended."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from configs.plant import LifeUnit, MachineId, PartType, PartTypeId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from models.errors import NotEnoughDataError

_DAY = timedelta(days=1)
_INSTANT = timedelta(seconds=1)


WORN_REMOVALS = {RemovalReason.INSPECTION: 0.9, RemovalReason.PLANNED: 0.5, RemovalReason.OPPORTUNISTIC: 0.4}
"""How likely a part that was taken off was worn already, by the reason that was written down (judgement: who inspects takes
off what looks bad; of planned changes a part was asked for by somebody who saw or heard the wear)."""

_EVEN_LN_SD, _SCATTERED_LN_SD = 0.2, 0.5
_LEAST_WORN, _MOST_WORN = 0.1, 0.9
_FEWEST_PLANNED = 4
"""From so many planned changes on their ages tell what they go by: a calendar keeps an even interval, wear does not."""

WORN_REACH = 1.5
"""A part that was taken off worn would have failed before it was so many times as old: wear shows for a third of a life at most
(judgement; bearings show it for 10-30 % of their life)."""


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
    (no meter, meter running backwards, no time under observation) are only counted. `worn` is the probability that a
    life which did not fail was cut short because its part was worn (None: none was).
    """

    entry: NDArray[np.float64]
    exit: NDArray[np.float64]
    known_start: NDArray[np.bool_]
    ending: NDArray[np.int8]
    closed: NDArray[np.bool_]
    unusable: int = 0
    worn: NDArray[np.float64] | None = None

    @property
    def worn_shares(self) -> NDArray[np.float64]:
        """How likely each life was cut short because its part was worn (n,)."""
        return np.zeros(self.exit.shape) if self.worn is None else self.worn

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


@dataclass(frozen=True, slots=True, kw_only=True)
class BeyondRecords:
    """What is known of lives beyond their records.

    `stress` gives by life id how much faster than at reference stress a life was used up on average (default 1), `worn` how
    likely the part was worn when it was taken off, where its readings tell (elsewhere the reason for the removal does).
    Records are `kept_since`: a part that is older is known of only because it had lasted until then.
    """

    stress: Mapping[str, float] = field(default_factory=dict)
    worn: Mapping[str, float] = field(default_factory=dict)
    kept_since: datetime | None = None


RECORDS_ONLY = BeyondRecords()


def life_history(
    part_type: PartType,
    lives: Iterable[PartLife],
    meters: Iterable[MeterState],
    *,
    now: datetime,
    beyond: BeyondRecords = RECORDS_ONLY,
) -> LifeHistory:
    """Return the lives of one part type; open ones are censored at where their machine's meter stands.

    A removal with reason `UNKNOWN` stays unknown; every other reason but `FAILED` censors the life.
    """
    stands = {meter.machine: meter.value for meter in meters if meter.unit is part_type.life_unit}
    own = [life for life in lives if life.part_type == part_type.id]
    by_reason = _worn_by_reason(own)
    told = [
        _Told(
            factor=beyond.stress.get(life.id, 1.0),
            worn=beyond.worn.get(life.id, by_reason.get(life.removal_reason or RemovalReason.UNKNOWN, 0.0)),
            kept_since=beyond.kept_since,
        )
        for life in own
    ]
    rows = [_row(life, stands, now, each) for life, each in zip(own, told, strict=True)]
    return _history([row for row in rows if row is not None], unusable=sum(row is None for row in rows))


def usage_of(life: PartLife, meter: float | None, now: datetime) -> float | None:
    """Return what was put on an open part since it was first seen, in life units; None without a meter.

    Negative where the meter stands below its value at installation.
    """
    if life.life_unit is LifeUnit.CALENDAR_DAYS:
        return (now - life.installed_at) / _DAY
    return None if meter is None else meter - life.meter_at_install


def records_kept_since(lives: Iterable[PartLife], short_lived: frozenset[PartTypeId] = frozenset()) -> datetime | None:
    """Return since when removals have been written down: the first there is, `short_lived` parts aside; None without any."""
    return min(
        (life.removed_at for life in lives if life.removed_at is not None and life.part_type not in short_lived),
        default=None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What is known of a life beyond its record."""

    factor: float
    worn: float
    kept_since: datetime | None

    def met_at(self, life: PartLife, used: float, until: datetime) -> float:
        """Return what had been put on a part when records began, at an even pace."""
        if self.kept_since is None or self.kept_since <= life.installed_at:
            return 0.0
        share = (self.kept_since - life.installed_at) / max(until - life.installed_at, _INSTANT)
        return min(share, 1.0) * used


_Row = tuple[float, float, bool, Ending, bool, float]


def _row(life: PartLife, stands: Mapping[MachineId, float], now: datetime, told: _Told) -> _Row | None:
    used = _used(life, stands.get(life.machine), now)
    entry = life.age_at_install or 0.0
    ending = _ending(life)
    if used is None or not np.isfinite([used, entry]).all() or used <= 0 or entry < 0:
        return None
    known = life.age_at_install is not None
    met = told.met_at(life, used, life.removed_at or now) if known else 0.0
    return (
        (entry + met) * told.factor,
        (entry + used) * told.factor,
        known,
        ending,
        life.removed_at is not None,
        told.worn,
    )


def _worn_by_reason(lives: Sequence[PartLife]) -> Mapping[RemovalReason, float]:
    """Return how likely a removal for each reason was for wear; for planned ones their ages tell, where there are enough."""
    planned = [life for life in lives if life.removal_reason is RemovalReason.PLANNED]
    ages = np.array([_used(life, None, life.removed_at or life.installed_at) or 0.0 for life in planned])
    ages = ages[ages > 0]
    if ages.size < _FEWEST_PLANNED:
        return WORN_REMOVALS
    scatter = (float(np.log(ages).std(ddof=1)) - _EVEN_LN_SD) / (_SCATTERED_LN_SD - _EVEN_LN_SD)
    by_wear = _LEAST_WORN + (_MOST_WORN - _LEAST_WORN) * float(np.clip(scatter, 0.0, 1.0))
    return {**WORN_REMOVALS, RemovalReason.PLANNED: by_wear}


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
    entry, exit_, known, ending, closed, worn = zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    return LifeHistory(
        entry=np.array(entry, dtype=np.float64),
        exit=np.array(exit_, dtype=np.float64),
        known_start=np.array(known, dtype=bool),
        ending=np.array(ending, dtype=np.int8),
        closed=np.array(closed, dtype=bool),
        unusable=unusable,
        worn=np.array(worn, dtype=np.float64),
    )
