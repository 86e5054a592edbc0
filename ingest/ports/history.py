"""Facts about parts and work."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from ingest.label import Label
from ingest.maintenance_event import MaintenanceEvent
from ingest.part_life import PartLife


class HistoryStore(Protocol):
    """Facts about parts and work, wherever they were recorded."""

    def part_lives(self) -> Sequence[PartLife]:
        """Return every part life, open ones too."""

    def add_history(
        self,
        lives: Iterable[PartLife],
        events: Iterable[MaintenanceEvent],
        labels: Iterable[Label],
    ) -> int:
        """Add what is not known yet; return how many rows were new."""
