"""Messages as a source hands them out and takes them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

CANARY_TOPICS = "yeji/v1/canary/"
"""Where a source sends itself a message now and then, to see that what is published comes round and is stored."""


class Delivery(NamedTuple):
    """One message as a source hands it out; `token` is what the source needs to acknowledge it.

    The first half of the token numbers the connection that the message came by, and rises with each.
    """

    topic: str
    payload: bytes
    received_time_ns: int
    token: tuple[int, int]

    @property
    def connection(self) -> int:
        """The connection that it came by."""
        return self.token[0]


class Outgoing(NamedTuple):
    """A message that goes out."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How a source stands: `trouble` says in one line what is wrong, or is None.

    `unanswered_s` is how long a message that the source sent to itself has been on its way while nothing else got
    through either; 0 while messages come round.
    """

    alive: bool
    connected: bool
    subscribed: bool
    received: int
    waiting: int
    reconnects: int
    trouble: str | None
    unanswered_s: float = 0.0


class MessageSource(Protocol):
    """Hands out messages, and keeps each until it is acknowledged."""

    def start(self) -> None:
        """Begin to receive, and go on trying for as long as it takes."""

    def take(self, limit: int, wait_s: float) -> list[Delivery]:
        """Return up to `limit` messages in order of arrival; none if nothing came within `wait_s`."""

    def acknowledge(self, deliveries: Sequence[Delivery]) -> int:
        """Let go of messages that are durable now, in order; return how many the source still knew."""

    def status(self) -> SourceStatus:
        """Return how the source stands."""

    def stop(self, within_s: float) -> None:
        """Take leave of the other side so that it keeps what was not acknowledged; safe to repeat."""
