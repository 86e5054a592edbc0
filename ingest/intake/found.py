"""What was seen on known topics and is not in the plant, newest first: nothing arrives unseen."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from configs.instant import ns_of
from configs.plant import Machine, MachineId
from ingest.decode.native_sightings import native_sightings
from ingest.ports import DeadLetter, SettledAs
from ingest.reading import Rejection, RejectionReason
from ingest.sighting import Sighting

FoundKey = tuple[str, str, str]
"""Topic, machine and sensor, as on the wire."""

MOST = 2_000
"""How many different names are remembered; the ones not heard for longest make room."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One name that the plant lacks: the newest thing it said, since when it has been seen, and how often."""

    newest: Sighting
    first_seen_ns: int
    last_seen_ns: int
    count: int

    @property
    def key(self) -> FoundKey:
        """What tells it from others."""
        return self.newest.topic, self.newest.machine, self.newest.sensor


class FoundBook:
    """Collects sightings; any thread may read it. It holds nothing across a restart, but see `recall`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: dict[FoundKey, Found] = {}

    def note(self, sightings: Iterable[Sighting], at_ns: int) -> None:
        """Take in what was seen at `at_ns`."""
        with self._lock:
            for sighting in sightings:
                key = (sighting.topic, sighting.machine, sighting.sensor)
                known = self._found.pop(key, None)
                self._found[key] = (
                    Found(newest=sighting, first_seen_ns=at_ns, last_seen_ns=at_ns, count=1)
                    if known is None
                    else replace(known, newest=sighting, last_seen_ns=at_ns, count=known.count + 1)
                )
            while len(self._found) > MOST:
                del self._found[next(iter(self._found))]

    def all(self) -> tuple[Found, ...]:
        """Return everything that was found, what was heard last in front."""
        with self._lock:
            return tuple(reversed(self._found.values()))

    def forget(self, key: FoundKey) -> None:
        """Leave out what has been registered or is not wanted, until it reports again."""
        with self._lock:
            self._found.pop(key, None)


def recall(book: FoundBook, letters: Iterable[DeadLetter], machines: Mapping[MachineId, Machine]) -> None:
    """Note what open dead letters, newest first, show of names that the plant lacks: right after a restart they are all there is."""
    for letter in reversed([each for each in letters if each.settled_as is SettledAs.OPEN]):
        last_seen_ns = ns_of(letter.last_seen)
        rejection = Rejection(
            topic=letter.topic,
            payload=letter.payload,
            received_time_ns=last_seen_ns,
            reason=RejectionReason(letter.reason),
            detail=letter.detail,
        )
        book.note(native_sightings(rejection, machines), last_seen_ns)
