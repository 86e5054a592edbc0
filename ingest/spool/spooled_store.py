"""A remote store with the spool in front of it, behind all the store ports of ingest.

Reading waits until what was committed before is in the remote store, so that nobody reads less than was acknowledged.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from configs.instant import utc_of_ns
from configs.plant import EquipmentTypeId, LifeUnit, MachineId
from ingest.errors import StoreUnavailableError
from ingest.history_file import look_at
from ingest.meter import MeterState
from ingest.ports import (
    ConditionBlock,
    DeadLetter,
    Gap,
    IntakeBatch,
    IntakeState,
    Judge,
    LastValue,
    MachineProgress,
    Portion,
    Reflagged,
    RemoteArchive,
    RemoteReadings,
)
from ingest.reading import Series
from ingest.rollup import WindowBlock, blank_series
from ingest.spool.forwarder import Forwarder, ForwarderStatus
from ingest.spool.spool import Spool
from ingest.standing import reflagged_change

NS_PER_DAY = 86_400_000_000_000
RETIRE_EVERY_NS = 3_600_000_000_000
CLAIM_EVERY_NS = 30_000_000_000
MINUTE_NS = 60_000_000_000
MILLISECOND_NS = 1_000_000
MINUTES_PER_STEP = 20_000
WAIT_S = 5.0
SHORT_WAIT_S = 1.0
STOP_S = 5.0


class RemoteStore(RemoteReadings, RemoteArchive, Protocol):
    """All that a store on a server does."""

    def close(self) -> None:
        """Close the connections."""


class SpooledStore:
    """Readings on a server, and durable here until they are there.

    It is an `IntakeStore`, `TelemetryStore`, `HistoryImport`, `ConditionSeries`, `IntakeRecords`,
    `MeterReader` and `QualityStore`.

    Parameters
    ----------
    spool
        The queue, and how far everything stands.
    remote
        The store on the server, which may be away.
    raw_days
        Days that raw readings are kept.
    clock_ns
        Nanoseconds UTC: by it another writer to the same buckets is noticed.
    topic_of
        The topic under which a machine sends, for dead letters.

    Raises
    ------
    StoreLockedError
        Another service writes to the same buckets.
    """

    def __init__(
        self,
        spool: Spool,
        remote: RemoteStore,
        *,
        raw_days: float,
        clock_ns: Callable[[], int],
        topic_of: Callable[[str], str],
    ) -> None:
        self._spool = spool
        self._remote = remote
        self._raw_days = raw_days
        self._clock_ns = clock_ns
        self._writer = spool.writer()
        self._upkeep = threading.Lock()
        self._retired_before_ns = self._claimed_ns = 0
        self._closed = False
        self._forwarder = Forwarder(spool, remote, prepare=self._claim, topic_of=topic_of)
        with suppress(StoreUnavailableError):  # it is away: the forwarder goes on trying, and says so
            self._claim()
        self._forwarder.start()

    # IntakeStore

    def load(self) -> IntakeState:
        """Return where everything stood at the last commit."""
        return self._spool.load()

    def commit(self, batch: IntakeBatch) -> None:
        """Make the whole batch durable in the spool, or raise StoreUnavailableError and keep nothing."""
        self._spool.commit(batch)

    # TelemetryStore

    def progress(self) -> Sequence[MachineProgress]:
        """Return, per machine that ever reported, how far its data reaches."""
        with self._spool.standing.lock:
            return self._spool.standing.progress()

    def last_values(self) -> Sequence[LastValue]:
        """Return the newest value of every sensor of every machine."""
        with self._spool.standing.lock:
            return self._spool.standing.last_values()

    def read_series(self, machine: MachineId, start_ns: int, end_ns: int) -> Series:
        """Return the raw readings of one machine; what is still on its way after a second is left out."""
        known = self._spool.standing.machines.get(machine)
        sensors = () if known is None else self._spool.sensors(known.equipment_type)
        if known is not None:
            self._forwarder.wait_for(self._spool.newest, SHORT_WAIT_S)
            portion = Portion(
                equipment_type=known.equipment_type,
                machines=(machine,),
                sensors=sensors,
                start_ns=max(start_ns, known.first_ns // MILLISECOND_NS * MILLISECOND_NS),
                end_ns=min(end_ns, known.newest_ns + 1),
            )
            found = self._remote.read_series(portion).get(machine)
            if found is not None:
                return found
        return blank_series(machine, sensors)

    def read_windows(
        self,
        equipment_type: EquipmentTypeId,
        machines: Sequence[MachineId],
        *,
        start_ns: int,
        end_ns: int,
        width_s: float,
    ) -> WindowBlock:
        """Return closed windows of `width_s` seconds that begin in [start_ns, end_ns), sorted by machine then time."""
        by_minute = round(width_s * 1e9) % MINUTE_NS == 0
        if not by_minute:
            self._settle()
        with self._spool.standing.lock:
            standing = self._spool.standing
            known = tuple(machine for machine in machines if machine in standing.machines)
            closed_to = dict(standing.rolled_ns) if by_minute else standing.newest()
            first = min((standing.machines[machine].first_ns for machine in known), default=start_ns)
        width_ns = round(width_s * 1e9)
        portion = Portion(
            equipment_type=equipment_type,
            machines=known,
            sensors=self._spool.sensors(equipment_type),
            start_ns=max(start_ns, first // width_ns * width_ns),
            end_ns=min(end_ns, max((closed_to.get(machine, 0) for machine in known), default=start_ns)),
        )
        return self._remote.read_windows(portion, width_s, closed_to)

    def roll_up(self, now_ns: int) -> int:
        """Bring the rollups of all closed minutes up to date, retire old raw readings; return minutes done."""
        with self._upkeep:
            self._settle()
            if now_ns - self._claimed_ns >= CLAIM_EVERY_NS:
                self._claim()
            keep_from_ns = int(now_ns - self._raw_days * NS_PER_DAY)
            with self._spool.standing.lock:
                reaching = self._spool.standing.newest()
                kinds = list(self._spool.standing.dirty)
            self._settle()
            done = sum(self._roll_up_type(kind, keep_from_ns) for kind in kinds)
            with self._spool.standing.lock:
                self._spool.standing.rolled_ns.update(reaching)
            if keep_from_ns - self._retired_before_ns >= RETIRE_EVERY_NS:
                self._remote.retire(keep_from_ns)
                self._retired_before_ns = keep_from_ns
            return done

    # HistoryImport

    def import_parquet(self, equipment_type: EquipmentTypeId, files: Sequence[Path]) -> int:
        """Put the rows of history files into the rollups, each file once; return rows taken."""
        taken = 0
        for path in files:
            with self._upkeep:
                history = look_at(equipment_type, path)
                if self._spool.is_taken(history):
                    continue
                self._settle()
                with self._spool.standing.lock:
                    known = frozenset(self._spool.standing.machines)
                change = self._remote.take_history(history, known)
                self._spool.take(history, change)
                taken += change.rows
        return taken

    def set_meters(self, meters: Iterable[MeterState]) -> None:
        """Set where meters stand; what is counted from now on is added to it."""
        self._spool.set_meters(meters)

    # QualityStore

    def reflag(self, machine: MachineId, start_ns: int, end_ns: int, judge: Judge) -> Reflagged:
        """Give the raw readings of a span the flags that `judge` gives them."""
        known = self._spool.standing.machines.get(machine)
        if known is None:
            return Reflagged(equipment_type=EquipmentTypeId(""), machine=machine, cells=0, minutes_ns=(), last_flags=())
        with self._upkeep:
            self._settle()
            portion = Portion(
                equipment_type=known.equipment_type,
                machines=(machine,),
                sensors=self._spool.sensors(known.equipment_type),
                start_ns=start_ns,
                end_ns=end_ns,
            )
            outcome = self._remote.reflag(portion, judge)
            self._spool.note(reflagged_change(outcome))
        return outcome

    # MeterReader

    def meters(self, machine: MachineId | None = None) -> Sequence[MeterState]:
        """Return the meters, of one machine or of all."""
        with self._spool.standing.lock:
            return [meter for meter in self._spool.standing.meters.values() if machine in {None, meter.machine}]

    def set_meter(self, machine: MachineId, unit: LifeUnit, value: float, at_ns: int) -> None:
        """Take a meter value that a person or a device reported."""
        self.set_meters([MeterState(machine=machine, unit=unit, value=value, at_ns=at_ns)])

    # ConditionSeries

    def write_condition(self, block: ConditionBlock) -> None:
        """Replace the hours of the block's machines and keys."""
        self._remote.write_condition(block)

    def read_condition(self, machine: MachineId, start_ns: int, end_ns: int) -> ConditionBlock:
        """Return one machine's hours in order of time."""
        return self._remote.read_condition(machine, start_ns, end_ns)

    # IntakeRecords

    def dead_letters(self, limit: int) -> Sequence[DeadLetter]:
        """Return the newest dead letters."""
        return self._spool.dead_letters(limit)

    def gaps(self) -> Sequence[Gap]:
        """Return the gaps that are open now."""
        with self._spool.standing.lock:
            ledgers = list(self._spool.standing.ledgers)
        return [
            Gap(stream=ledger.stream, boot=ledger.boot, first=first, last=last, since=utc_of_ns(since_ns))
            for ledger in ledgers
            for first, last, since_ns in ledger.gaps
        ]

    def status(self) -> ForwarderStatus:
        """Return how forwarding to the server stands."""
        return self._forwarder.status()

    def close(self) -> None:
        """Forward what is at hand, save how far everything stands, and close; safe to repeat."""
        if self._closed:
            return
        self._closed = True
        self._forwarder.stop(STOP_S)
        with suppress(StoreUnavailableError):  # nobody was told: the claim runs out by itself
            self._remote.release(self._writer)
        self._remote.close()
        self._spool.close()

    def _claim(self) -> None:
        now_ns = self._clock_ns()
        self._remote.claim(self._writer, now_ns)
        self._claimed_ns = now_ns

    def _settle(self) -> None:
        """Wait until all that was committed before is in the remote store."""
        if self._forwarder.wait_for(self._spool.newest, WAIT_S):
            return
        status = self._forwarder.status()
        raise StoreUnavailableError(
            status.trouble or f"{status.waiting_commits} commits are still on their way to the store; try again"
        )

    def _roll_up_type(self, kind: EquipmentTypeId, before_ns: int) -> int:
        standing = self._spool.standing
        with standing.lock:
            minutes = standing.take_closed(kind, before_ns)
        for at in range(0, len(minutes), MINUTES_PER_STEP):
            step = minutes[at : at + MINUTES_PER_STEP]
            portion = Portion(
                equipment_type=kind,
                machines=tuple(sorted({machine for machine, _ in step})),
                sensors=self._spool.sensors(kind),
                start_ns=step[0][1],
                end_ns=step[-1][1] + MINUTE_NS,
            )
            try:
                self._remote.roll_up(portion, step)
            except BaseException:
                with standing.lock:
                    standing.give_back(kind, minutes[at:])
                raise
        return len(minutes)
