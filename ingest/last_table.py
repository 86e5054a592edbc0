"""The newest value of every sensor of the machines of one equipment type, as columns."""

import numpy as np
from numpy.typing import NDArray

from configs.plant import MachineId, SensorId
from ingest.columns import Rows, row_of_last, segment_starts
from ingest.ports import LastValue
from ingest.reading import QualityFlag, ReadingBatch

_NEVER = np.int64(-(2**62))


class LastTable:
    """A growing table of newest values, (machines, sensors); a cell without one has the time `_NEVER`."""

    def __init__(self) -> None:
        self._machines: dict[MachineId, int] = {}
        self._sensors: dict[SensorId, int] = {}
        self._times = np.full((0, 0), _NEVER)
        self._received = np.zeros((0, 0), np.int64)
        self._values = np.zeros((0, 0))
        self._quality = np.zeros((0, 0), np.uint16)

    def codes(self, machines: list[MachineId]) -> Rows:
        """Return the row of each machine, making room for new ones."""
        known = self._machines
        for machine in machines:
            if machine not in known:
                known[machine] = len(known)
        self._make_room()
        return np.fromiter((known[machine] for machine in machines), np.int64, len(machines))

    def take(self, batch: ReadingBatch, codes: Rows) -> None:
        """Move on by a batch, sorted by machine and event time, whose machines have the rows `codes`."""
        columns = self._columns(batch.sensors)
        starts = segment_starts(codes)
        ends = np.append(starts[1:], codes.size) - 1
        rows = row_of_last(~np.isnan(batch.values), starts)[ends]
        values = np.take_along_axis(batch.values, rows, axis=0)
        times = np.where(np.isnan(values), _NEVER, batch.event_times_ns[rows])
        quality = np.take_along_axis(batch.quality, rows, axis=0)
        self._merge(np.ix_(codes[ends], columns), (times, batch.received_times_ns[rows], values, quality))

    def put(self, last: LastValue) -> None:
        """Move on by one value."""
        at = np.ix_(self.codes([last.machine]), self._columns((last.sensor,)))
        cell = (last.event_time_ns, last.received_time_ns, last.value, last.quality)
        times, received, values, quality = (np.array([[part]]) for part in cell)
        self._merge(at, (times, received, values, quality.astype(np.uint16)))

    def reflag(self, machine: MachineId, sensor: SensorId, event_time_ns: int, quality: int) -> None:
        """Give the newest value of a sensor other flags, if it is the one of that time."""
        row, column = self._machines.get(machine), self._sensors.get(sensor)
        if row is not None and column is not None and self._times[row, column] == event_time_ns:
            self._quality[row, column] = quality

    def forget(self, machine: MachineId) -> None:
        """Let go of every value of a machine."""
        if machine in self._machines:
            self._times[self._machines[machine]] = _NEVER

    def values(self) -> list[LastValue]:
        """Return every newest value."""
        machines, sensors = list(self._machines), list(self._sensors)
        rows, columns = np.nonzero(self._times[: len(machines), : len(sensors)] > _NEVER)
        cells = (
            column[rows, columns].tolist() for column in (self._times, self._received, self._values, self._quality)
        )
        return [
            LastValue(
                machine=machines[row],
                sensor=sensors[column],
                event_time_ns=time,
                received_time_ns=received,
                value=value,
                quality=quality,
            )
            for row, column, time, received, value, quality in zip(rows.tolist(), columns.tolist(), *cells, strict=True)
        ]

    def _merge(self, at: tuple[Rows, ...], fresh: tuple[Rows, Rows, NDArray[np.float64], NDArray[np.uint16]]) -> None:
        """Keep the newer of two values by event time.

        Of two different values at one instant neither can be trusted: the lower one stays, flagged, whichever came
        first.
        """
        times, received, values, quality = fresh
        known_times, known_values = self._times[at], self._values[at]
        newer = times > known_times
        torn = (times == known_times) & (times > _NEVER) & (values != known_values)
        both = quality | self._quality[at] | np.uint16(QualityFlag.CONFLICT)
        self._quality[at] = np.where(newer, quality, np.where(torn, both, self._quality[at]))
        self._values[at] = np.where(newer, values, np.where(torn, np.minimum(values, known_values), known_values))
        self._received[at] = np.where(newer, received, self._received[at])
        self._times[at] = np.where(newer, times, known_times)

    def _columns(self, sensors: tuple[SensorId, ...]) -> Rows:
        for sensor in sensors:
            if sensor not in self._sensors:
                self._sensors[sensor] = len(self._sensors)
        self._make_room()
        return np.array([self._sensors[sensor] for sensor in sensors], np.int64)

    def _make_room(self) -> None:
        rows, columns = self._times.shape
        if len(self._machines) <= rows and len(self._sensors) <= columns:
            return
        more = ((0, max(0, 2 * len(self._machines) - rows)), (0, max(0, len(self._sensors) - columns)))
        self._times = np.pad(self._times, more, constant_values=_NEVER)
        self._received = np.pad(self._received, more)
        self._values = np.pad(self._values, more)
        self._quality = np.pad(self._quality, more)
