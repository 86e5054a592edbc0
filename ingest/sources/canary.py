"""A message that a source sends to itself now and then: it proves that what is published comes round and is stored."""

from ingest.ports import CANARY_TOPICS, Outgoing


class Canary:
    """When the next one is due, and how long the last one has been on its way. Times are seconds of one clock.

    Any message that was taken in and acknowledged answers it: behind a long queue the canary comes late, and yet
    everything works.

    Parameters
    ----------
    client_id
        Whose canary it is.
    every_s
        Seconds between two; 0 sends none.
    """

    def __init__(self, client_id: str, every_s: float) -> None:
        self.topic = f"{CANARY_TOPICS}{client_id}"
        self._every_s = every_s
        self._due_s = 0.0
        self._sent_s: float | None = None

    def next(self, now_s: float) -> Outgoing | None:
        """Return the message to send now, or None while it is too early."""
        if not self._every_s or now_s < self._due_s:
            return None
        self._due_s = now_s + self._every_s
        if self._sent_s is None:
            self._sent_s = now_s
        return Outgoing(self.topic, b"canary", 1, False)

    def answer(self) -> None:
        """Learn that something has come round."""
        self._sent_s = None

    def begin_anew(self) -> None:
        """Forget what is on its way: the connection that it was sent by is gone."""
        self._due_s, self._sent_s = 0.0, None

    def unanswered_s(self, now_s: float) -> float:
        """Return how long the oldest one without an answer has been on its way, or 0."""
        return 0.0 if self._sent_s is None else now_s - self._sent_s
