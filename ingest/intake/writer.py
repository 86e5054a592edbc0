"""The one writer: takes messages from a source, makes them durable, and only then acknowledges them.

In trouble nothing is acknowledged: the same batch is tried again, with growing pauses, until the store takes it.
The source keeps what comes meanwhile, up to its bound, and the broker the rest.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

import structlog

from ingest.errors import StoreBrokenError, StoreUnavailableError
from ingest.intake.examination import Examined, Examiner
from ingest.intake.hand_in import HandIn
from ingest.intake.letter_desk import LetterDesk
from ingest.intake.status import IntakeStatus
from ingest.ports import Delivery, IntakeBatch, IntakeStore, MessageSource, SourceStatus

FIRST_PAUSE_S = 0.5
LAST_PAUSE_S = 10.0
TURN_WITHIN_S = 20.0
"""How long whoever hands something in beside the source waits for the writer's turn to end."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeOptions:
    """When a batch is committed.

    At `commit_messages` waiting messages at once, and else when the queue has been empty for `quiet_s` and the last commit
    is `rest_s` ago, at the latest `linger_s` after the first message. A batch holds at most `batch_messages`.

    A commit costs the same for one message as for forty: without a rest, a steady trickle would be committed one by one.
    """

    commit_messages: int = 200
    batch_messages: int = 1_000
    quiet_s: float = 0.004
    linger_s: float = 0.1
    rest_s: float = 0.09


class Intake:
    """Runs the writer in a thread of its own.

    Parameters
    ----------
    source
        Where messages come from.
    examiner
        What they come to.
    store
        What makes them durable.
    options
        When a batch is committed.
    on_commit
        Called with every batch once it is durable, in the writer's thread; must be quick and must not raise.
    on_turn
        Called as often, and every half second when nothing comes, in the same thread and under the same conditions.
    """

    def __init__(
        self,
        source: MessageSource,
        examiner: Examiner,
        store: IntakeStore,
        *,
        options: IntakeOptions | None = None,
        on_commit: Callable[[Examined], None] | None = None,
        on_turn: Callable[[], None] | None = None,
    ) -> None:
        self._source = source
        self._examiner = examiner
        self._store = store
        self._options = options or IntakeOptions()
        self._on_commit = on_commit
        self._on_turn = on_turn
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="intake", daemon=True)
        self._counts: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._trouble: str | None = None
        self._broken = False
        self._has_started = False
        self.letters = LetterDesk(examiner, self._commit, self.turn)
        self.hand_in = HandIn(examiner, self._commit, self.turn)
        self._last_commit_s = 0.0
        self._committed_at = 0.0
        self._last_size = 0
        self._busy_since: float | None = None

    def start(self) -> None:
        """Start the source and the writer."""
        self._source.start()
        self._thread.start()
        self._has_started = True

    def stop(self, within_s: float = 8.0) -> None:
        """Finish the batch at hand, acknowledge it and take leave; bounded in time, and safe to repeat."""
        deadline = monotonic() + within_s
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(within_s)
        self._source.stop(max(0.5, deadline - monotonic()))

    def take_in(self) -> bool:
        """Take in what waits, or what comes within half a second; whether that was anything, and is durable now."""
        deliveries = self._gather()
        if not deliveries:
            return False
        self._busy_since = monotonic()
        with self._turn:
            examined = self._examiner.examine(deliveries)
            if not self._commit(examined.batch):
                return False
            self._counts["acknowledged"] += self._source.acknowledge(deliveries)
        self._count(examined)
        self._busy_since = None
        if self._on_commit is not None:
            self._on_commit(examined)
        return True

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Have the writer's turn; what is examined in it must be committed. StoreUnavailableError in trouble."""
        if self._trouble is not None or not self._turn.acquire(timeout=TURN_WITHIN_S):
            raise StoreUnavailableError(self._trouble or "the writer is busy; try again in a minute")
        try:
            yield
        finally:
            self._turn.release()

    def status(self) -> IntakeStatus:
        """Return how intake stands."""
        source, since = self._source.status(), self._busy_since
        counts = self._counts
        return IntakeStatus(
            source=source,
            alive=self._thread.is_alive(),
            broken=self._broken or (self._has_started and not self._stopping.is_set() and not self._is_whole(source)),
            trouble=self._trouble,
            seconds_since_progress=0.0 if since is None else monotonic() - since,
            last_commit_s=self._last_commit_s,
            commits=counts["commits"],
            failed_commits=counts["failed_commits"],
            messages=counts["messages"],
            readings=counts["readings"],
            duplicates=counts["duplicates"],
            acknowledged=counts["acknowledged"],
            rejected=tuple(sorted(self._rejected.items())),
        )

    def _is_whole(self, source: SourceStatus) -> bool:
        """Whether both threads run: ours, and the source's."""
        return self._thread.is_alive() and source.alive

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self.take_in()
                if self._on_turn is not None:
                    self._on_turn()
        except Exception as error:
            self._trouble = f"the intake writer has ended: {type(error).__name__}: {error}; restart the service"
            log.exception("intake_ended")

    def _gather(self) -> list[Delivery]:
        """Return what is to be committed together; nothing if nothing came for a while."""
        options = self._options
        gathered = self._source.take(options.batch_messages, 0.5)
        latest = monotonic() + options.linger_s
        while 0 < len(gathered) < options.commit_messages and monotonic() < latest:
            if self._stopping.wait(options.quiet_s):
                break
            more = self._source.take(options.batch_messages - len(gathered), 0)
            gathered += more
            if not more and self._is_due(len(gathered)):
                break
        self._last_size = len(gathered)
        return gathered

    def _is_due(self, size: int) -> bool:
        """Whether to commit now that nothing more comes.

        A broker that hands out as many as last time, and then no more, may wait for our acknowledgements.
        """
        is_held_back = 1 < size == self._last_size
        return is_held_back or monotonic() - self._committed_at >= self._options.rest_s

    def _commit(self, batch: IntakeBatch) -> bool:
        """Make a batch durable, however often it takes; False if that cannot be any more."""
        pause_s = FIRST_PAUSE_S
        while True:
            started = monotonic()
            try:
                self._store.commit(batch)
            except StoreUnavailableError as error:
                self._counts["failed_commits"] += 1
                self._note_trouble(error)
                if self._broken or self._stopping.wait(pause_s):
                    self._stopping.set()
                    return False
                pause_s = min(2 * pause_s, LAST_PAUSE_S)
            else:
                self._committed_at = monotonic()
                self._last_commit_s = self._committed_at - started
                self._note_recovery()
                return True

    def _note_trouble(self, error: StoreUnavailableError) -> None:
        if self._trouble is None:
            log.error("store_unavailable", reason=str(error))
        self._trouble = str(error)
        self._broken = isinstance(error, StoreBrokenError)

    def _note_recovery(self) -> None:
        if self._trouble is not None:
            log.info("store_available")
        self._trouble = None

    def _count(self, examined: Examined) -> None:
        self._counts["commits"] += 1
        self._counts["messages"] += examined.messages
        self._counts["readings"] += sum(batch.values.size for batch in examined.batch.readings)
        self._counts["duplicates"] += examined.duplicates
        self._rejected.update(rejection.reason.value for rejection in examined.batch.rejections)
