"""A live feed that keeps what it is told."""

from typing import Any

from configs.plant import SiteId
from service.live import LiveFeed


class Ear(LiveFeed):
    """Keeps every event instead of sending it."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, SiteId, Any]] = []

    def publish(self, event: str, site: SiteId, payload: object) -> None:
        self.told.append((event, site, payload))
