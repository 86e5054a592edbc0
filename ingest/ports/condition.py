"""What the models concluded, hour by hour."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId
from ingest.reading import Times, Values

HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionBlock:
    """Hourly means of concluded quantities: `values[i]` of `keys[i]` of `machines[i]` at `hours_ns[i]`, all (n,).

    `keys` are slot ids for a slot's degradation indicator and "" for the machine's anomaly score;
    `weights` count the windows behind each mean.
    """

    machines: NDArray[np.object_]
    keys: NDArray[np.object_]
    hours_ns: Times
    values: Values
    weights: Values

    def until(self, at_ns: int) -> "ConditionBlock":
        """Return the hours that were over at a moment."""
        over = self.hours_ns + HOUR_NS <= at_ns
        return ConditionBlock(
            machines=self.machines[over],
            keys=self.keys[over],
            hours_ns=self.hours_ns[over],
            values=self.values[over],
            weights=self.weights[over],
        )


class ConditionSeries(Protocol):
    """Keeps what the models concluded window by window, by the hour: a derived series, kept long."""

    def write_condition(self, block: "ConditionBlock") -> None:
        """Replace the hours of the block's machines and slots."""

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> "ConditionBlock":
        """Return one machine's hours in order of time."""
