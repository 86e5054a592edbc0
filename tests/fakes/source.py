"""A source of messages in memory that behaves as a broker does: what is not acknowledged comes again."""

from collections.abc import Sequence

from ingest.ports import Delivery, SourceStatus


class MemorySource:
    """Delivers `messages` (topic, payload, received) at QoS 1; `reconnect` starts a new epoch and delivers the rest again."""

    def __init__(self) -> None:
        self._pending: dict[int, Delivery] = {}
        self._queue: list[Delivery] = []
        self._epoch = 1
        self._next = 1
        self.acknowledged: list[Delivery] = []
        self.stopped = False

    def publish(self, topic: str, payload: bytes, received_ns: int) -> None:
        delivery = Delivery(topic, payload, received_ns, (self._epoch, self._next))
        self._pending[self._next] = delivery
        self._queue.append(delivery)
        self._next += 1

    def reconnect(self) -> None:
        self._epoch += 1
        again = [d._replace(token=(self._epoch, d.token[1])) for d in self._pending.values()]
        self._pending = {d.token[1]: d for d in again}
        self._queue += again

    def drop_queue(self) -> None:
        """Forget what was delivered and not yet taken, as a killed process does."""
        self._queue.clear()

    @property
    def outstanding(self) -> int:
        return len(self._pending)

    def start(self) -> None:
        """Begin: there is nothing to connect to."""

    def take(self, limit: int, wait_s: float) -> list[Delivery]:
        taken, self._queue = self._queue[:limit], self._queue[limit:]
        return taken

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        known = [d for d in deliveries if d.token[0] == self._epoch and d.token[1] in self._pending]
        for delivery in known:
            self.acknowledged.append(self._pending.pop(delivery.token[1]))
        return len(known)

    def status(self) -> SourceStatus:
        return SourceStatus(
            alive=not self.stopped,
            connected=True,
            subscribed=True,
            received=self._next - 1,
            waiting=len(self._queue),
            reconnects=self._epoch - 1,
            trouble=None,
        )

    def stop(self, within_s: float) -> None:
        self.stopped = True
