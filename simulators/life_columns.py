"""The hidden properties of the parts that are in the machines now, as columns over worn slots."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulators.degradation import PAGE, LifePage, Signature, draw_page, progress, severity, shows_from
from simulators.layout import Layout

Array = NDArray[np.float64]

_CHANCES = 10


class LifeColumns:
    """Properties of the parts in K worn slots; each array has shape (K,), `chance` (K, 10)."""

    def __init__(self, layout: Layout) -> None:
        count = len(layout.worn)
        self._layout = layout
        self._pages: dict[tuple[int, int], LifePage] = {}
        self._rows = tuple(_rows_by_signature(layout))
        self.shows_from = np.array([shows_from(place.law.signature) for place in layout.worn])
        self.life = np.ones(count)
        self.threshold = np.ones(count)
        self.onset = np.zeros(count)
        self.curvature = np.ones(count)
        self.gain = np.ones(count)
        self.sudden = np.zeros(count, dtype=np.bool_)
        self.notice = np.full(count, np.inf)
        self.planned = np.full(count, np.inf)
        self.repair_h = np.ones(count)
        self.chance = np.zeros((count, _CHANCES))

    def load(self, k: int, install_no: int) -> None:
        """Put installation `install_no` of slot `k` in place."""
        number, row = divmod(install_no, PAGE)
        if (k, number) not in self._pages:
            place = self._layout.worn[k]
            root = self._layout.scenario.seed
            self._pages[k, number] = draw_page(place.law, root, place.machine.id, place.slot.id, number)
        page = self._pages[k, number]
        for name in (
            "life",
            "threshold",
            "onset",
            "curvature",
            "gain",
            "sudden",
            "notice",
            "planned",
            "repair_h",
            "chance",
        ):
            getattr(self, name)[k] = getattr(page, name)[row]

    def progress(self, damage: Array) -> Array:
        """Give the progress of every part from onset (0) to failure (1)."""
        return progress(damage, self.threshold, self.onset)

    def severity(self, level: Array) -> Array:
        """Give how strongly each part's wear shows at its progress; a sudden failure never shows."""
        shown = np.empty_like(level)
        for signature, rows in self._rows:
            shown[rows] = severity(signature, level[rows], self.curvature[rows])
        return np.asarray(shown * self.gain * ~self.sudden)


def _rows_by_signature(layout: Layout) -> Iterator[tuple[Signature, NDArray[np.int64]]]:
    of = np.array([place.law.signature for place in layout.worn])
    for signature in Signature:
        rows = np.flatnonzero(of == signature)
        if len(rows):
            yield signature, rows
