"""Which machines have said that they leave, or the broker for them: what they said before is stale at once."""

import threading
from collections.abc import Iterable

from configs.plant import MachineId
from ingest.reading import Presence


class PresenceBook:
    """Collects births and deaths; any thread may read it. It holds nothing across a restart."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gone_ns: dict[MachineId, int] = {}

    def note(self, presences: Iterable[Presence]) -> None:
        """Take in births and deaths in order of arrival."""
        with self._lock:
            for presence in presences:
                if presence.alive:
                    self._gone_ns.pop(presence.machine, None)
                else:
                    self._gone_ns[presence.machine] = presence.received_time_ns

    def gone_ns(self, machine: MachineId) -> int | None:
        """Return when a machine was last said to have gone; None where it has come back, or nobody said so."""
        with self._lock:
            return self._gone_ns.get(machine)
