"""What a machine's sensors do while it runs steadily: minutes drawn together to blocks of ten."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import SensorId
from ingest.columns import Rows, segment_starts
from ingest.operation import OperatingState
from ingest.reading import Times, Values
from ingest.rollup import WindowBlock

MINUTE_NS = 60_000_000_000
BLOCK_NS = 10 * MINUTE_NS
LEAST_MINUTES = 8
"""A block needs so many steady minutes of its ten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SteadyBlocks:
    """Blocks of ten minutes of one machine's steady running, in order of time.

    `starts_ns` (n,); `mean` and `noise` (n, n_sensors): the mean, and how far values scatter within a minute, or from minute
    to minute where a sensor reports no oftener. `highest` and `lowest` (n, n_sensors, 2): the outermost and the innermost
    of the minutes' extremes, equal where all minutes end at one value. NaN where a sensor said nothing.
    """

    sensors: tuple[SensorId, ...]
    starts_ns: Times
    mean: Values
    noise: Values
    highest: Values
    lowest: Values

    def take(self, rows: slice | NDArray[np.bool_] | NDArray[np.int64]) -> "SteadyBlocks":
        """Return some of the blocks."""
        return SteadyBlocks(
            sensors=self.sensors,
            starts_ns=self.starts_ns[rows],
            mean=self.mean[rows],
            noise=self.noise[rows],
            highest=self.highest[rows],
            lowest=self.lowest[rows],
        )

    def then(self, later: "SteadyBlocks") -> "SteadyBlocks":
        """Return these blocks and later ones, of the sensors of these; NaN where the later ones lack one."""
        columns = [later.sensors.index(sensor) if sensor in later.sensors else -1 for sensor in self.sensors]

        def joined(name: str) -> Values:
            own, more = getattr(self, name), getattr(later, name)
            blank = np.full((more.shape[0], 1, *more.shape[2:]), np.nan)
            both: Values = np.concatenate((own, np.concatenate((more, blank), axis=1)[:, columns]))
            return both

        return SteadyBlocks(
            sensors=self.sensors,
            starts_ns=np.concatenate((self.starts_ns, later.starts_ns)),
            mean=joined("mean"),
            noise=joined("noise"),
            highest=joined("highest"),
            lowest=joined("lowest"),
        )

    @property
    def size(self) -> int:
        """How many blocks there are."""
        return int(self.starts_ns.size)


def steady_blocks(minutes: WindowBlock) -> SteadyBlocks:
    """Return the blocks of one machine's minutes, which are sorted by time.

    A minute is steady in which the machine executes, and in the minutes before and after it too.
    """
    steady = _steady(minutes)
    block = minutes.starts_ns[steady] // BLOCK_NS
    starts = segment_starts(block)
    enough = np.diff(np.append(starts, block.size)) >= LEAST_MINUTES
    noise = _noise(minutes)
    with np.errstate(invalid="ignore"):
        return SteadyBlocks(
            sensors=minutes.sensors,
            starts_ns=block[starts][enough] * BLOCK_NS,
            mean=_mean(minutes.mean[steady], starts)[enough],
            noise=_mean(noise[steady], starts)[enough],
            highest=_extremes(minutes.maximum[steady], starts)[enough],
            lowest=-_extremes(-minutes.minimum[steady], starts)[enough],
        )


def _steady(minutes: WindowBlock) -> NDArray[np.bool_]:
    runs: NDArray[np.bool_] = (minutes.states == OperatingState.EXECUTING.value).astype(bool)
    follows = np.diff(minutes.starts_ns) == MINUTE_NS
    between = runs[:-1] & runs[1:] & follows
    edge = np.zeros(min(runs.size, 1), dtype=bool)
    steady: NDArray[np.bool_] = np.concatenate((edge, between)) & np.concatenate((between, edge))
    return steady


def _noise(minutes: WindowBlock) -> Values:
    """Return the scatter of each minute, (n, n_sensors); that of two neighbours where a minute has one value."""
    step = np.abs(
        np.diff(minutes.mean, axis=0, prepend=np.full((min(minutes.starts_ns.size, 1), len(minutes.sensors)), np.nan))
    )
    noise: Values = np.where(minutes.count > 1, minutes.std, step / np.sqrt(2))
    return noise


def _mean(values: Values, starts: Rows) -> Values:
    present = ~np.isnan(values)
    count = _reduce(np.add, present.astype(np.float64), starts)
    total = _reduce(np.add, np.where(present, values, 0.0), starts)
    mean: Values = np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)
    return mean


def _extremes(highest: Values, starts: Rows) -> Values:
    return np.stack((_reduce(np.fmax, highest, starts), _reduce(np.fmin, highest, starts)), axis=2)


def _reduce(ufunc: np.ufunc, values: Values, starts: Rows) -> Values:
    if starts.size == 0:
        return np.empty((0, values.shape[1]))
    reduced: Values = ufunc.reduceat(values, starts, axis=0)
    return reduced
