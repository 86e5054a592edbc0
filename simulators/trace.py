"""What a factory did, tick by tick: what the sensors are made from, and what the truth is written from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.removal import TrueLife

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """H ticks between H + 1 edges (epoch seconds) of N machines with K worn and R renewed slots.

    `powered`, `working`, `job`, `on_from_s` and `off_from_s` have shape (H, N); severity and progress (H, K) at the start
    and at the end of each tick; `damage` and `remaining` (use left at reference stress) (H, K) at its end; `clock` (H + 1, R).
    """

    edges_s: Array
    powered: NDArray[np.bool_]
    working: NDArray[np.bool_]
    job: NDArray[np.int64]
    on_from_s: Array
    off_from_s: Array
    severity_from: NDArray[np.float32]
    severity_to: NDArray[np.float32]
    progress_from: NDArray[np.float32]
    progress_to: NDArray[np.float32]
    damage: NDArray[np.float32]
    remaining: NDArray[np.float32]
    clock: Array
    removals: tuple[TrueLife, ...]


class Recorder:
    """Collects a trace while its ticks run."""

    def __init__(self, edges_s: Array, machines: int, worn: int, renewed: int) -> None:
        ticks = len(edges_s) - 1
        self.edges_s = edges_s
        self.removals: list[TrueLife] = []
        self._powered = np.zeros((ticks, machines), dtype=np.bool_)
        self._working = np.zeros((ticks, machines), dtype=np.bool_)
        self._job = np.zeros((ticks, machines), dtype=np.int64)
        self._on_from_s = np.full((ticks, machines), -np.inf)
        self._off_from_s = np.full((ticks, machines), np.inf)
        self._severity = np.zeros((2, ticks, worn), dtype=np.float32)
        self._progress = np.zeros((2, ticks, worn), dtype=np.float32)
        self._damage = np.zeros((ticks, worn), dtype=np.float32)
        self._remaining = np.zeros((ticks, worn), dtype=np.float32)
        self._clock = np.zeros((ticks + 1, renewed))

    def record_operation(
        self, tick: int, powered: NDArray[np.bool_], working: NDArray[np.bool_], job: NDArray[np.int64]
    ) -> None:
        """Note what the machines do in a tick."""
        self._powered[tick], self._working[tick], self._job[tick] = powered, working, job

    def record_start(self, tick: int, on_from_s: Array) -> None:
        """Note since when each machine is on, if it is on in this tick."""
        self._on_from_s[tick] = on_from_s

    def record_wear(self, tick: int, end: int, severity: Array, progress: Array) -> None:
        """Note how wear shows at the start (`end` 0) or at the end (1) of a tick."""
        self._severity[end, tick], self._progress[end, tick] = severity, progress

    def record_damage(self, tick: int, damage: Array, remaining: Array, clock: Array) -> None:
        """Note damage, what use remains, and the renewal clocks at the end of a tick."""
        self._damage[tick], self._remaining[tick], self._clock[tick + 1] = damage, remaining, clock

    def start_clock(self, clock: Array) -> None:
        """Note where the renewal clocks stand before the first tick."""
        self._clock[0] = clock

    def stop(self, tick: int, machine: int, at_s: float) -> None:
        """Note that a machine stopped by a failure within a tick."""
        self._off_from_s[tick, machine] = min(self._off_from_s[tick, machine], at_s)

    def trace(self) -> Trace:
        """Give what was collected."""
        return Trace(
            edges_s=self.edges_s, powered=self._powered, working=self._working, job=self._job,
            on_from_s=self._on_from_s, off_from_s=self._off_from_s, severity_from=self._severity[0],
            severity_to=self._severity[1], progress_from=self._progress[0], progress_to=self._progress[1],
            damage=self._damage, remaining=self._remaining, clock=self._clock, removals=tuple(self.removals),
        )  # fmt: skip
