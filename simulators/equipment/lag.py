"""Quantities that follow slowly: a first-order lag that goes on from one block of time to the next."""

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

Signal = NDArray[np.float32]


class Lags:
    """First-order lags of the machines of one shard, each known by a name."""

    def __init__(self) -> None:
        self.levels: dict[str, Signal] = {}
        self.counters: dict[str, NDArray[np.float64]] = {}

    def follow(self, name: str, target: Signal, *, tau_s: float, dt_s: float) -> Signal:
        """Let a quantity follow `target` (t, n) with a time constant, from where it stood after the last block."""
        weight = np.float32(-np.expm1(-dt_s / tau_s))
        before = self.levels.get(name)
        if before is None or before.shape != target.shape[1:]:
            before = target[0]
        return self._filter(name, target, weight, before)

    def linger(self, name: str, innovations: Signal, *, tau_s: float, dt_s: float) -> Signal:
        """Give unit-variance noise that is remembered for `tau_s`, from white unit innovations (t, n)."""
        memory = np.float32(np.exp(-dt_s / tau_s))
        before = self.levels.get(name)
        if before is None or before.shape != innovations.shape[1:]:
            before = innovations[0]
        scaled = innovations * np.float32(np.sqrt(1.0 - memory**2))
        out, _ = lfilter(_ONE, np.array([1.0, -memory], dtype=np.float32), scaled, axis=0, zi=(memory * before)[None])
        self.levels[name] = out[-1].copy()
        return np.asarray(out)

    def count(self, name: str, increments: Signal) -> Signal:
        """Add increments (t, n) up, from where the counter stood after the last block."""
        before = self.counters.get(name)
        start = before if before is not None else np.zeros(increments.shape[1])
        total = start + np.cumsum(increments, axis=0, dtype=np.float64)
        self.counters[name] = total[-1]
        return np.floor(total).astype(np.float32)

    def _filter(self, name: str, target: Signal, weight: np.float32, before: Signal) -> Signal:
        poles = np.array([1.0, weight - 1.0], dtype=np.float32)
        start = ((1 - weight) * before)[None].astype(np.float32)
        out, _ = lfilter(np.array([weight], dtype=np.float32), poles, target, axis=0, zi=start)
        self.levels[name] = out[-1].copy()
        return np.asarray(out)


_ONE = np.array([1.0], dtype=np.float32)
