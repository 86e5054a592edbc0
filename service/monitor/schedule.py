"""When the prognosis of a slot is due: on its cadence, spread over the fleet, and at once when something changed."""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from configs.plant import MachineId, PartType, SlotId
from models.prognosis.usage import estimate_rate

SHARE_OF_LIFE = 50.0
SHORTEST_S = 60.0
LOOK_EVERY = timedelta(seconds=10)

SlotKey = tuple[MachineId, SlotId]


def interval_s(part: PartType, longest_s: float) -> float:
    """Return how often a part's prognosis is made, in seconds: a fiftieth of its median life, within bounds."""
    median = part.eta * math.pow(math.log(2.0), 1.0 / part.beta)
    days = median / estimate_rate(part.life_unit, 0.0, 0.0).per_day
    return max(min(longest_s, days * 86_400.0 / SHARE_OF_LIFE), min(SHORTEST_S, longest_s))


@dataclass(slots=True)
class Schedule:
    """Which beat of its cadence each slot was last predicted in; slots beat at different moments."""

    longest_s: float
    _beats: dict[SlotKey, int] = field(default_factory=dict)
    _urgent: set[SlotKey] = field(default_factory=set)
    _looked: dict[str, datetime] = field(default_factory=dict)

    def attends(self, group: str, now: datetime) -> bool:
        """Whether to look for due slots of a group now: at once where anything is asked for, else every few seconds."""
        looked = self._looked.get(group)
        if not self._urgent and looked is not None and now - looked < LOOK_EVERY:
            return False
        self._looked[group] = now
        return True

    def hurry(self, slots: Iterable[SlotKey]) -> None:
        """Ask for slots at the next opportunity."""
        self._urgent.update(slots)

    def is_due(self, slot: SlotKey, part: PartType, now: datetime) -> bool:
        """Whether a slot was never predicted, is asked for, or has come to a new beat."""
        return slot in self._urgent or self._beats.get(slot) != self._beat(slot, part, now)

    def done(self, slot: SlotKey, part: PartType, now: datetime) -> None:
        """Take note that a slot was predicted."""
        self._beats[slot] = self._beat(slot, part, now)
        self._urgent.discard(slot)

    def _beat(self, slot: SlotKey, part: PartType, now: datetime) -> int:
        every = interval_s(part, self.longest_s)
        phase = zlib.crc32("/".join(slot).encode()) % 3600 / 3600.0
        return math.floor(now.timestamp() / every + phase)
