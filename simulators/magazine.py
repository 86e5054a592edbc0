"""Parts that an operator renews several times a shift: one tool after another along the wear that cutting makes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.degradation import PAGE, LifePage, draw_page, progress, severity
from simulators.layout import Place
from simulators.removal import Reason, TrueLife

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of time in which a slot's wear clock and the machine's meter rise evenly."""

    from_s: float
    to_s: float
    wear_from: float
    wear_to: float
    meter_from: float
    meter_to: float


class Magazine:
    """Successive tools of one slot along a wear clock (stressed cutting minutes).

    `edges[i]` is where tool `i` went in; it comes out at `edges[i + 1]`.
    """

    def __init__(self, root: int, place: Place) -> None:
        self._root = root
        self.place = place
        self._pages: list[LifePage] = []
        self._columns: dict[str, Array] = {}
        self.edges: Array = np.zeros(1)
        self._grow()
        self.edges -= 0.5 * self.edges[1]

    def wear(self, clock: Array) -> tuple[Array, Array]:
        """Give severity and progress at clock values, any shape."""
        tool, level = self._level(clock)
        shown = severity(self.place.law.signature, level, self._columns["curvature"][tool])
        return shown * self._columns["gain"][tool] * ~self._sudden(tool), level

    def changes(
        self, stretch: Stretch, opened: tuple[int, float, float]
    ) -> tuple[list[TrueLife], tuple[int, float, float]]:
        """List the tools that came out in a stretch; `opened` is (install_no, installed_s, meter) of the tool in use."""
        self._reach(stretch.wear_to)
        first = int(np.searchsorted(self.edges, stretch.wear_from, side="right"))
        last = int(np.searchsorted(self.edges, stretch.wear_to, side="right"))
        lives: list[TrueLife] = []
        for edge in range(first, last):
            share = (self.edges[edge] - stretch.wear_from) / max(stretch.wear_to - stretch.wear_from, 1e-12)
            at = stretch.from_s + share * (stretch.to_s - stretch.from_s)
            meter = stretch.meter_from + share * (stretch.meter_to - stretch.meter_from)
            lives.append(self.life(opened, removed=(at, meter), damage=None))
            opened = (edge, at, meter)
        return lives, opened

    def life(
        self, opened: tuple[int, float, float], removed: tuple[float, float] | None, damage: float | None
    ) -> TrueLife:
        """Describe one tool; `removed` is (time, meter) or None while it is in."""
        number, installed_s, meter = opened
        page, row = self._pages[number // PAGE], number % PAGE
        limit = float(page.life[row] * page.threshold[row])
        failed = limit <= float(page.planned[row])
        used = float(self.edges[number + 1] - self.edges[number]) if damage is None else damage * page.life[row]
        return TrueLife(
            machine=self.place.machine.id, slot=self.place.slot.id, install_no=number, installed_s=installed_s,
            meter_at_install=meter, removed_s=removed[0] if removed else None,
            meter_at_removal=removed[1] if removed else None,
            reason=(Reason.FAILED if failed else Reason.PLANNED) if removed else None,
            true_life=limit, damage=used / float(page.life[row]), onset_s=installed_s,
            sudden=bool(page.sudden[row]), restored=0.0, chance=tuple(page.chance[row].tolist()),
        )  # fmt: skip

    def damage_at(self, clock: float) -> float:
        """Give the damage of the tool in use at a clock value."""
        self._reach(clock)
        tool = int(np.searchsorted(self.edges, clock, side="right")) - 1
        return float((clock - self.edges[tool]) / self._columns["life"][tool])

    def _level(self, clock: Array) -> tuple[NDArray[np.int64], Array]:
        self._reach(float(np.max(clock)))
        tool = np.searchsorted(self.edges, clock, side="right") - 1
        damage = (clock - self.edges[tool]) / self._columns["life"][tool]
        return tool, progress(damage, self._columns["threshold"][tool], np.zeros_like(damage))

    def _sudden(self, tool: NDArray[np.int64]) -> NDArray[np.bool_]:
        return self._columns["sudden"][tool] > 0

    def _reach(self, clock: float) -> None:
        while self.edges[-1] <= clock:
            self._grow()

    def _grow(self) -> None:
        page = draw_page(self.place.law, self._root, self.place.machine.id, self.place.slot.id, len(self._pages))
        self._pages.append(page)
        spans = np.minimum(page.life * page.threshold, page.planned)
        self.edges = np.concatenate([self.edges, self.edges[-1] + np.cumsum(spans)])
        for name in ("life", "threshold", "curvature", "gain", "sudden"):
            column = np.asarray(getattr(page, name), dtype=np.float64)
            self._columns[name] = np.concatenate([self._columns.get(name, np.zeros(0)), column])
