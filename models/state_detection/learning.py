"""Which windows a machine's normal is learnt from: its first windows of operation, as long as its learning span."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId
from models.feature_window import FeatureBlock
from models.features.recursion import layout_of
from models.features.rows import number_machines


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """How far a machine's learning has come: `learnt_s` seconds of operation in windows from `from_ns` to `to_ns`."""

    learnt_s: float = 0.0
    from_ns: int | None = None
    to_ns: int | None = None


def advance_learning(
    block: FeatureBlock, window_s: float, needed_s: float, known: Mapping[MachineId, Learning]
) -> dict[MachineId, Learning]:
    """Return how far learning has come after a block; `to_ns` is the end of the window that completes it."""
    names, code = number_machines(block.machines)
    learnable = block.running & block.usable
    layout = layout_of(code, len(names))
    counted = np.where(learnable, window_s, 0.0)[:, None]
    learnt = np.cumsum(layout.spread_out(counted)[:, :, 0], axis=0)
    after: dict[MachineId, Learning] = {}
    for i, name in enumerate(names):
        before = known.get(name, Learning())
        ends = block.ends_ns[code == i]
        after[name] = _advance(before, before.learnt_s + learnt[: ends.size, i], ends, (window_s, needed_s))
    return after


def _advance(
    before: Learning, learnt: NDArray[np.float64], ends: NDArray[np.int64], spans_s: tuple[float, float]
) -> Learning:
    window_s, needed_s = spans_s
    if before.to_ns is not None or ends.size == 0:
        return before
    first = before.from_ns if before.from_ns is not None else int(ends[0] - round(window_s * 1e9))
    complete = int(np.searchsorted(learnt, needed_s - 1e-6))
    if complete == learnt.size:
        return Learning(learnt_s=float(learnt[-1]), from_ns=first, to_ns=None)
    return Learning(learnt_s=float(learnt[complete]), from_ns=first, to_ns=int(ends[complete]))
