"""Controllers whose clocks are wrong: off by seconds and drifting, in another time zone, in seconds for milliseconds, or shaky."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from simulators.scenario import Rates

_YEAR_S = 365.25 * 86_400.0
_KST_OFFSET_S = 9 * 3600.0
_SHAKE_MS = 150.0
_SKEW_MEDIAN_S = 120.0
"""Clocks nobody sets are off by a minute or two; one in six by more than five."""


class ClockFault(StrEnum):
    """The ways in which a device's clock misleads."""

    SKEW = "clock_skew"
    ZONE = "clock_zone"
    UNIT = "clock_unit"
    JITTER = "jitter"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSpell:
    """How long a machine's clock was wrong, and how: what it said is true time + `offset_s` + `ppm` of the spell so far.

    With `unit` it told seconds where milliseconds were meant. A shaken time stamp is a spell of one message.
    """

    kind: ClockFault
    machine: str
    from_s: float
    to_s: float
    offset_s: float
    ppm: float


class Clocks:
    """The clocks of all controllers; asked once a message."""

    def __init__(self, rates: Rates, rng: np.random.Generator) -> None:
        self._rng = rng
        self._jitter_share = rates.jitter_share
        self._habits = (
            (ClockFault.SKEW, rates.clock_skew_per_year, 6 * 3600.0),
            (ClockFault.ZONE, rates.clock_zone_per_year, 2 * 3600.0),
            (ClockFault.UNIT, rates.clock_unit_per_year, 3600.0),
        )
        self._spells: dict[str, ClockSpell] = {}
        self._told_s: dict[str, float] = {}
        self.faults: list[ClockSpell] = []

    def told_ms(self, machine: str, at_s: float) -> int:
        """Give the time stamp that a machine's controller writes at a moment."""
        self._perhaps_upset(machine, at_s)
        spell = self._spells.get(machine)
        if spell is None or at_s >= spell.to_s:
            return round(at_s * 1000) + self._shake_ms(machine, at_s)
        if spell.kind is ClockFault.UNIT:
            return round(at_s)
        return round((at_s + spell.offset_s + spell.ppm * 1e-6 * (at_s - spell.from_s)) * 1000)

    def _perhaps_upset(self, machine: str, at_s: float) -> None:
        waited_s = min(at_s - self._told_s.get(machine, at_s), 60.0)
        self._told_s[machine] = at_s
        for kind, per_year, mean_s in self._habits:
            if per_year > 0 and self._rng.random() < per_year * waited_s / _YEAR_S:
                self._upset(kind, machine, at_s, float(self._rng.exponential(mean_s)))

    def _upset(self, kind: ClockFault, machine: str, at_s: float, spell_s: float) -> None:
        side, size_s = self._rng.choice((-1.0, 1.0)), self._rng.lognormal(np.log(_SKEW_MEDIAN_S), 1.0)
        offset_s = {ClockFault.SKEW: float(side * size_s), ClockFault.ZONE: _KST_OFFSET_S}.get(kind, 0.0)
        ppm = float(self._rng.uniform(-50.0, 50.0)) if kind is ClockFault.SKEW else 0.0
        spell = ClockSpell(
            kind=kind, machine=machine, from_s=at_s, to_s=at_s + spell_s, offset_s=offset_s, ppm=ppm
        )  # fmt: skip
        self._spells[machine] = spell
        self.faults.append(spell)

    def _shake_ms(self, machine: str, at_s: float) -> int:
        if self._jitter_share <= 0 or self._rng.random() >= self._jitter_share:
            return 0
        shift_ms = round(float(self._rng.uniform(-_SHAKE_MS, _SHAKE_MS)))
        self.faults.append(
            ClockSpell(
                kind=ClockFault.JITTER, machine=machine, from_s=at_s, to_s=at_s, offset_s=shift_ms / 1000, ppm=0.0
            )
        )
        return shift_ms
