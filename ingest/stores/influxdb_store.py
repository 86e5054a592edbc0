"""Readings and rollups on an InfluxDB server: two buckets, one for readings and one for what is kept long.

It stands behind the spool (`ingest.spool`), which acknowledges, knows how far everything stands, and tries again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from configs.plant import MachineId
from ingest.errors import StoreLockedError, StoreUnavailableError
from ingest.ports import ConditionBlock, HistoryChange, HistoryFile, Judge, Portion, Reflagged, RefusedRow
from ingest.reading import ReadingBatch, Series, Times
from ingest.rollup import WindowBlock, blank_series, roll_up
from ingest.stores.influxdb_condition import condition_lines, read_condition
from ingest.stores.influxdb_flags import flags_of, read_points
from ingest.stores.influxdb_import import change_of, history_lines, read_history
from ingest.stores.influxdb_lines import Places, reading_lines
from ingest.stores.influxdb_link import InfluxDBAddress, InfluxDBLink, Refusal, Rows
from ingest.stores.influxdb_names import STATE, escaped, identifier, literal, text
from ingest.stores.influxdb_reader import (
    MINUTE_NS,
    Selection,
    days_of,
    joined_blocks,
    read_minutes,
    read_series,
)
from ingest.stores.influxdb_rollups import lines_of_minutes, spans_of

LINES_AT_ONCE = 5_000
SEEN_WITHIN_NS = 90_000_000_000
"""A writer that was seen so lately is taken to be at work."""

_WRITERS = "yeji.writer"


@dataclass(frozen=True, slots=True, kw_only=True)
class InfluxDBBuckets:
    """Where readings and rollups go: `bucket` or `database/retention policy`, as the server's version has it."""

    readings: str
    rollups: str


class InfluxDBStore:
    """The readings and the archive of a plant on an InfluxDB server; it is `RemoteReadings` and `RemoteArchive`.

    Parameters
    ----------
    address
        The server.
    buckets
        Its two buckets, which are there already.
    places
        The tags of every machine.
    host
        How other writers are told who writes here.
    """

    def __init__(self, address: InfluxDBAddress, buckets: InfluxDBBuckets, places: Places, *, host: str) -> None:
        self._link = InfluxDBLink(address)
        self._buckets = buckets
        self._places = places
        self._host = host

    # RemoteReadings

    def write(self, batches: Sequence[ReadingBatch]) -> Sequence[RefusedRow]:
        """Store readings; a poison one is found by halving, and all others are stored."""
        lines = [line for batch in batches for line in reading_lines(batch, self._places)]
        owners = [(number, row) for number, batch in enumerate(batches) for row in range(batch.machines.size)]
        refused: list[RefusedRow] = []
        for at in range(0, len(lines), LINES_AT_ONCE):
            for refusal in self._link.write(self._buckets.readings, lines[at : at + LINES_AT_ONCE]):
                batch, row = owners[at + refusal.at]
                refused.append(RefusedRow(batch=batch, row=row, reason=refusal.reason))
        return refused

    def read_series(self, wanted: Portion) -> Mapping[MachineId, Series]:
        """Return readings, merged per instant; times are whole milliseconds."""
        return read_series(self._link, self._selection(self._buckets.readings, wanted))

    def read_windows(self, wanted: Portion, width_s: float, closed_to_ns: Mapping[MachineId, int]) -> WindowBlock:
        """Return windows that end by `closed_to_ns`: of rollups where they are whole minutes, of readings otherwise."""
        width_ns = round(width_s * 1e9)
        first, end = (-(-edge // width_ns) * width_ns for edge in (wanted.start_ns, wanted.end_ns))
        aligned = Portion(
            equipment_type=wanted.equipment_type,
            machines=wanted.machines,
            sensors=wanted.sensors,
            start_ns=first,
            end_ns=end,
        )
        if width_ns % MINUTE_NS == 0:
            closed = {machine: at // width_ns * width_ns for machine, at in closed_to_ns.items()}
            minutes = read_minutes(self._link, self._selection(self._buckets.rollups, aligned), closed)
            return minutes.windows(wanted.equipment_type, wanted.sensors, width_s)
        found = self.read_series(aligned)
        series = [found[machine] for machine in sorted(found)] or [blank_series(MachineId(""), wanted.sensors)]
        blocks = [roll_up(each, wanted.equipment_type, width_s) for each in series]
        return joined_blocks(blocks, closed_to_ns, width_ns)

    def roll_up(self, wanted: Portion, minutes: Sequence[tuple[MachineId, int]]) -> None:
        """Compute the rollups of minutes again from their readings."""
        kind = (self._buckets.readings, wanted.equipment_type, wanted.sensors)
        for touched in spans_of(minutes):
            self._put(lines_of_minutes(self._link, kind, touched, self._places))

    def retire(self, before_ns: int) -> None:
        """Let go of readings that are older; the bucket's own retention may have done so before."""
        self._link.delete_before(self._buckets.readings, before_ns)

    def reflag(self, wanted: Portion, judge: Judge) -> Reflagged:
        """Give the readings of one machine the flags that `judge` gives them."""
        points = read_points(self._link, self._buckets.readings, wanted)
        outcome, lines = flags_of(points, judge)
        self._put(lines, self._buckets.readings)
        return outcome

    # RemoteArchive

    def claim(self, writer: str, now_ns: int) -> None:
        """Say that `writer` writes here; StoreLockedError where another one was seen lately."""
        for rows in self._link.query(self._buckets.rollups, f'select * from {identifier(_WRITERS)} group by "writer"'):
            seen, host = rows.columns["at_ns"][-1], rows.columns["host"][-1]
            if rows.tags["writer"] != writer and now_ns - seen < SEEN_WITHIN_NS:
                raise StoreLockedError(
                    f"InfluxDB at {self._link.url}, bucket {self._buckets.readings}: another service ({host}) writes"
                    " there; stop that one, or choose another store.bucket"
                )
        self._note_writer(writer, now_ns)

    def release(self, writer: str) -> None:
        """Say that `writer` has stopped."""
        self._note_writer(writer, 0)

    def take_history(self, history: HistoryFile, known: frozenset[MachineId]) -> HistoryChange:
        """Put a file's rows into the rollups, but for the minutes that are there already."""
        rows = read_history(history)
        for own in rows:
            series = own.series
            there = self._minutes_there(history, series) if series.machine in known else np.empty(0, np.int64)
            self._put(history_lines(history, own, there, self._places))
        return change_of(history, rows)

    def write_condition(self, block: ConditionBlock) -> None:
        """Replace the hours of the block's machines and keys."""
        self._put(condition_lines(block))

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
        """Return one machine's hours in order of time."""
        return read_condition(self._link, self._buckets.rollups, machine, start_ns, end_ns)

    def look(self) -> None:
        """Read a little of both buckets; StoreUnavailableError where that cannot be done."""
        for bucket in (self._buckets.readings, self._buckets.rollups):
            self._link.query(bucket, "show measurements limit 1")

    def ask(self, statement: str) -> Sequence[Rows]:
        """Return what an InfluxQL statement selects from the bucket of readings: for audits, not for the way of a reading."""
        return self._link.query(self._buckets.readings, statement)

    def close(self) -> None:
        """Close the connections; safe to repeat."""
        self._link.close()

    def _put(self, lines: Iterator[str] | Sequence[str], bucket: str | None = None) -> None:
        """Write rollups, or what belongs to readings that are there, which the server has no reason to refuse."""
        bucket = bucket or self._buckets.rollups
        rest = iter(lines)
        while some := list(islice(rest, LINES_AT_ONCE)):
            refused: list[Refusal] = self._link.write(bucket, some)
            if refused:
                raise StoreUnavailableError(
                    f"{refused[0].reason}; a field of bucket {bucket} has another type than ours:"
                    " use a bucket that nobody else writes to"
                )

    def _minutes_there(self, history: HistoryFile, series: Series) -> Times:
        found: list[int] = []
        for first, end in days_of(
            (int(series.event_times_ns[0]) // MINUTE_NS * MINUTE_NS, int(series.event_times_ns[-1]) + 1)
        ):
            statement = (
                f"select {identifier(STATE)} from {identifier(history.equipment_type)}"
                f' where time >= {first} and time < {end} and "machine" = {literal(series.machine)}'
            )
            for rows in self._link.query(self._buckets.rollups, statement):
                found += rows.columns["time"]
        return np.array(found, np.int64)

    def _note_writer(self, writer: str, at_ns: int) -> None:
        line = f"{_WRITERS},writer={escaped(writer)} at_ns={at_ns}i,host={text(self._host)} 0"
        self._put([line])

    def _selection(self, database: str, wanted: Portion) -> Selection:
        return Selection(
            database=database,
            equipment_type=wanted.equipment_type,
            machines=wanted.machines,
            sensors=wanted.sensors,
            span=(wanted.start_ns, wanted.end_ns),
        )
