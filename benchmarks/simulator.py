"""Is the simulated factory like a real one: V1 to V16, each inside its two-sided range, and how fast it runs."""

import time
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.report import Bar, NotApplicable, Report
from benchmarks.runner import Wish
from benchmarks.simulated import determinism, faults, horizons, laws, lives, odd_episodes, signs, speed, transfer
from benchmarks.simulated.definitions import SEEDS
from benchmarks.simulated.recordings import SPACING_S, Fleet, simulate

MACHINES, DAYS = 40, 730.0

_FLEET: dict[str, Callable[[Sequence[Fleet]], Iterator[Bar]]] = {
    "V2": lives.events, "V3": lives.spread, "V4": signs.indicators, "V5": signs.noise, "V6": signs.lingering,
    "V7": signs.thresholds, "V10": signs.silent, "V14": laws.physics,
}  # fmt: skip
_ROWS: dict[str, Callable[[Sequence[horizons.Rows]], Iterator[Bar]]] = {"V8": horizons.horizons, "V9": horizons.leaks}
_ALONE: dict[str, Callable[[Sequence[int]], Iterator[Bar]]] = {
    "V1": lives.stated_lives, "V15": determinism.determinism, "V11": odd_episodes.episodes, "V16": faults.injected,
    "speed": speed.speed,
}  # fmt: skip
_ON_DATA: dict[str, Callable[[Sequence[int], Path | None], Iterator[Bar]]] = {
    "V12": transfer.transfer, "V13": transfer.told_apart,
}  # fmt: skip
NOT_APPLICABLE = (
    NotApplicable(
        name="V12 filter on the 40 measured tests",
        reason="those recordings are not among the shared data sets; the law that was measured on them stands in",
    ),
)


def run(wish: Wish) -> Report:
    """Measure what was asked for, or everything."""
    started = time.perf_counter()
    seeds = wish.seeds or SEEDS
    bars = [bar for name, check in _ALONE.items() if wish.wants(name) for bar in check(seeds)]
    bars += [bar for name, check in _ON_DATA.items() if wish.wants(name) for bar in check(seeds, wish.data)]
    if any(wish.wants(name) for name in _FLEET):
        fleets = [simulate(MACHINES, DAYS, seed) for seed in seeds]
        bars += [bar for name, check in _FLEET.items() if wish.wants(name) for bar in check(fleets)]
        del fleets
    if any(wish.wants(name) for name in _ROWS):
        rows = [_long_rows(seed) for seed in seeds]
        bars += [bar for name, check in _ROWS.items() if wish.wants(name) for bar in check(rows)]
    return Report(
        benchmark="simulator", version=version("yeji"), bars=tuple(sorted(bars, key=_order)),
        seconds=time.perf_counter() - started, not_applicable=NOT_APPLICABLE,
        notes=(
            f"seeds {', '.join(map(str, seeds))}: the worst decides; {MACHINES} machines x {DAYS:.0f} days at {SPACING_S:.0f} s",
            f"V8 and V9: {horizons.DAYS:.0f} days at {horizons.SPACING_S:.0f} s, machines apart, labels by the true remaining use",
        ),
    )  # fmt: skip


def _long_rows(seed: int) -> horizons.Rows:
    return horizons.rows_of(simulate(MACHINES, horizons.DAYS, seed, horizons.SPACING_S))


def _order(bar: Bar) -> int:
    head = bar.name.split()[0]
    return int(head[1:]) if head[1:].isdigit() else 99
