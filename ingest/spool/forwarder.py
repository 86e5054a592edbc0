"""Moves what waits in the spool to the remote store, in order, for as long as it takes.

```
spool.waiting ─► remote.write ─► refused rows to the dead letters ─► forwarded ─► trim, now and then
                     └─ away: again, with growing pauses
```

A kill between writing and trimming sends the same readings again, and each falls on itself.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from time import monotonic

import orjson
import structlog

from configs.instant import utc_of_ns
from ingest.errors import IngestError, StoreUnavailableError
from ingest.ports import RefusedRow, RemoteReadings
from ingest.reading import ReadingBatch, Rejection, RejectionReason
from ingest.spool.spool import Spool

FIRST_PAUSE_S = 0.5
LAST_PAUSE_S = 30.0
BYTES_AT_ONCE = 1_500_000
TRIM_EVERY_S = 30.0
TRIM_AT_BYTES = 64_000_000
"""Bytes that are forwarded and not trimmed yet, at most: what is sent again after a kill."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwarderStatus:
    """How forwarding stands: commits and bytes that wait, and what is wrong, in one line, since how many seconds."""

    alive: bool
    waiting_commits: int
    spool_bytes: int
    readings: int
    refused: int
    failures: int
    trouble: str | None
    trouble_s: float


class Forwarder:
    """Forwards in a thread of its own.

    Parameters
    ----------
    spool
        Where readings wait.
    remote
        Where they go.
    prepare
        Called before the first write, until it raises nothing: whether this spool may write there at all.
    topic_of
        The topic under which a machine sends, for dead letters.
    """

    def __init__(
        self,
        spool: Spool,
        remote: RemoteReadings,
        *,
        prepare: Callable[[], None],
        topic_of: Callable[[str], str],
    ) -> None:
        self._spool = spool
        self._remote = remote
        self._prepare = prepare
        self._topic_of = topic_of
        self._forwarded = spool.oldest
        self._moved = threading.Condition()
        self._stopping = threading.Event()
        self._hurry = threading.Event()
        self._thread = threading.Thread(target=self._run, name="forwarder", daemon=True)
        self._trouble: tuple[str, float] | None = None
        self._counts = {"readings": 0, "refused": 0, "failures": 0}
        self._trimmed_at = monotonic()
        self._since_trim = 0
        self._jitter = Random(0)  # noqa: S311 - it spreads retries, and keeps no secret

    def start(self) -> None:
        """Begin to forward."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Forward what is at hand, save how far everything stands, and end; safe to repeat."""
        deadline = monotonic() + within_s
        if self._thread.is_alive():
            self.wait_for(self._spool.newest, within_s)
            self._stopping.set()
            with self._spool.changed:
                self._spool.changed.notify_all()
            self._hurry.set()
            self._thread.join(max(0.1, deadline - monotonic()) + 1.0)

    def wait_for(self, number: int, within_s: float) -> bool:
        """Return whether everything up to a commit is in the remote store, after waiting for it; at once in trouble."""
        with self._moved:
            self._moved.wait_for(lambda: self._forwarded >= number or self._trouble is not None, within_s)
            return self._forwarded >= number

    def trouble(self) -> str | None:
        """Return in one line why nothing is forwarded now, or None."""
        return self._trouble[0] if self._trouble else None

    def status(self) -> ForwarderStatus:
        """Return how forwarding stands."""
        trouble = self._trouble
        return ForwarderStatus(
            alive=self._thread.is_alive(),
            waiting_commits=self._spool.newest - self._forwarded,
            spool_bytes=self._spool.size,
            readings=self._counts["readings"],
            refused=self._counts["refused"],
            failures=self._counts["failures"],
            trouble=trouble[0] if trouble else None,
            trouble_s=monotonic() - trouble[1] if trouble else 0.0,
        )

    def forward(self) -> bool:
        """Move the next readings; whether there were any."""
        waiting = self._spool.waiting(self._forwarded, BYTES_AT_ONCE)
        if waiting is None:
            return False
        refused = self._remote.write(waiting.batches) if waiting.batches else ()
        if refused:
            self._spool.reject([self._rejection(waiting.batches, row) for row in refused])
            self._counts["refused"] += len(refused)
        self._counts["readings"] += sum(batch.values.size for batch in waiting.batches)
        self._since_trim += sum(batch.values.nbytes for batch in waiting.batches)
        with self._moved:
            self._forwarded = waiting.upto
            self._moved.notify_all()
        return True

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        prepared = False
        while not self._stopping.is_set():
            try:
                if not prepared:
                    self._prepare()
                    prepared = True
                busy = self.forward()
                self._trim_now_and_then()
            except IngestError as error:
                prepared = False  # somebody else may have taken our place meanwhile
                self._note(error)
                self._hurry.wait(pause_s * self._jitter.uniform(0.5, 1.0))
                pause_s = min(2 * pause_s, LAST_PAUSE_S)
                continue
            except Exception as error:
                self._note(StoreUnavailableError(f"forwarding has failed ({type(error).__name__}: {error})"))
                log.exception("forwarding_failed")
                self._hurry.wait(LAST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            self._recover()
            if not busy:
                self._wait_for_more()
        with suppress(IngestError):  # what was not trimmed is sent again next time, onto itself
            self._trim()

    def _wait_for_more(self) -> None:
        with self._spool.changed:
            self._spool.changed.wait_for(
                lambda: self._spool.newest > self._forwarded or self._stopping.is_set(), timeout=TRIM_EVERY_S / 2
            )

    def _trim_now_and_then(self) -> None:
        due = monotonic() - self._trimmed_at >= TRIM_EVERY_S
        behind = self._spool.newest > self._spool.standing.saved_no or self._spool.oldest < self._forwarded
        if (due and behind) or self._since_trim >= TRIM_AT_BYTES:
            self._trim()

    def _trim(self) -> None:
        self._spool.trim(self._forwarded)
        self._trimmed_at, self._since_trim = monotonic(), 0

    def _note(self, error: IngestError) -> None:
        if self._trouble is None:
            log.error("remote_store_unavailable", reason=str(error))
        with self._moved:
            self._trouble = (str(error), self._trouble[1] if self._trouble else monotonic())
            self._counts["failures"] += 1
            self._moved.notify_all()

    def _recover(self) -> None:
        if self._trouble is not None:
            log.info("remote_store_available")
            self._trouble = None

    def _rejection(self, batches: Sequence[ReadingBatch], refused: RefusedRow) -> Rejection:
        batch, row = batches[refused.batch], refused.row
        machine = str(batch.machines[row])
        return Rejection(
            topic=self._topic_of(machine),
            payload=as_message(batch, row),
            received_time_ns=int(batch.received_times_ns[row]),
            reason=RejectionReason.STORE_REFUSED,
            detail=f"the store refused this reading: {refused.reason}",
        )


def as_message(batch: ReadingBatch, row: int) -> bytes:
    """Return one reading as the native message that would carry it, so that it can be replayed."""
    values = {
        sensor: value
        for sensor, value in zip(batch.sensors, batch.values[row].tolist(), strict=True)
        if value == value  # noqa: PLR0124
    }
    members: dict[str, object] = {"v": 1, "ts": utc_of_ns(int(batch.event_times_ns[row])), "values": values}
    if batch.seqs[row] >= 0:
        members |= {"boot": batch.boots[row], "seq": int(batch.seqs[row])}
    members |= {name: at for name, at in (("state", batch.states[row]), ("job", batch.jobs[row])) if at is not None}
    return orjson.dumps(members)
