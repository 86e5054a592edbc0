"""One machine's readings of a sheet brought together: in order of time, each sensor once an instant, in one unit."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from configs.plant import Sensor, SensorId
from ingest.decode.table_cells import CellError, CellProblem
from ingest.decode.table_rejections import Complaints
from ingest.decode.table_units import other_unit
from ingest.reading import Times, Values


@dataclass(slots=True)
class Judged:
    """Readings by column: all (n,), values (n, n_sensors). Refusing makes a value NaN and tells why."""

    sensors: tuple[SensorId, ...]
    rows: NDArray[np.int64]
    times_ns: Times
    states: NDArray[np.object_]
    values: Values

    def refuse_unit_changes(self, sensors: Sequence[Sensor], complaints: Complaints) -> None:
        """Refuse the values of each sensor from where they are plausible only in another unit."""
        for column, sensor in enumerate(sensors):
            found = other_unit(self.values[:, column], sensor)
            if found is None:
                continue
            tail = self.values[found.start :, column]
            shown = f"{sensor.unit or '1'} → {found.unit or '1'}?"
            for i in np.flatnonzero(~np.isnan(tail)):
                complaints.reject(int(self.rows[found.start + i]), sensor.id, CellError(CellProblem.UNIT_CHANGE, shown))
            self.values[found.start :, column] = np.nan

    def refuse_conflicts(self, complaints: Complaints) -> None:
        """Bring rows of one instant together; a second, different value of a sensor is refused."""
        firsts = np.flatnonzero(np.concatenate(([True], self.times_ns[1:] != self.times_ns[:-1])))
        if firsts.size == self.times_ns.size:
            return
        for first, end in zip(firsts, np.append(firsts[1:], self.times_ns.size), strict=True):
            for later in range(int(first) + 1, int(end)):
                self._bring(int(first), later, complaints)
        self.rows, self.times_ns, self.states = self.rows[firsts], self.times_ns[firsts], self.states[firsts]
        self.values = self.values[firsts]

    def _bring(self, first: int, later: int, complaints: Complaints) -> None:
        known, new = self.values[first], self.values[later]
        for column in np.flatnonzero(~np.isnan(new) & ~np.isnan(known) & (new != known)):
            shown = f"{new[column]:g} / {known[column]:g}, {self.rows[first]}"
            complaints.reject(int(self.rows[later]), self.sensors[column], CellError(CellProblem.SAME_INSTANT, shown))
        self.values[first] = np.where(np.isnan(known), new, known)
        if self.states[first] is None:
            self.states[first] = self.states[later]


def merged(blocks: Sequence[Judged]) -> Judged:
    """Return blocks of one machine as one, in order of time and, within an instant, of row."""
    sensors = tuple(dict.fromkeys(sensor for block in blocks for sensor in block.sensors))
    rows = np.concatenate([block.rows for block in blocks])
    times = np.concatenate([block.times_ns for block in blocks])
    values = np.full((rows.size, len(sensors)), np.nan)
    start = 0
    for block in blocks:
        end = start + block.rows.size
        if block.sensors == sensors:
            values[start:end] = block.values
        else:
            for column, sensor in enumerate(block.sensors):
                own = values[start:end, sensors.index(sensor)]
                np.copyto(own, block.values[:, column], where=np.isnan(own))
        start = end
    order = np.lexsort((rows, times))
    states = np.concatenate([block.states for block in blocks])
    return Judged(sensors, rows[order], times[order], states[order], values[order])
