"""Tells open pages what a round of the monitor has changed: cases one by one, health and predictions in one event."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from configs.plant import MachineId, Plant, SiteId
from service.actions.conclusions import RecordedCase, RecordedChanges
from service.live import LiveFeed

Row = Mapping[str, object]


class Announcer:
    """Publishes recorded changes, each to the pages that may see its site; called in the monitor's thread."""

    def __init__(self, live: LiveFeed, plant: Plant) -> None:
        self._live = live
        self._site_of = {machine.id: machine.site for machine in plant.machines}

    def announce(self, recorded: RecordedChanges) -> None:
        """Publish `case`, `prediction` and `health` events."""
        for changed in recorded.cases:
            self._publish("case", changed.case.machine, _case_row(changed))
        self._publish_rows(
            "prediction",
            ((each.machine, {"machine": each.machine, "slot": each.slot}) for each in recorded.predictions),
        )
        health = (
            (
                each.machine,
                {"machine": each.machine, "status": each.status, "health": each.health, "anomaly": each.anomaly},
            )
            for each in recorded.health
        )
        self._publish_rows("health", health)

    def _publish_rows(self, event: str, rows: Iterable[tuple[MachineId, Row]]) -> None:
        by_site: defaultdict[SiteId, list[Row]] = defaultdict(list)
        for machine, row in rows:
            if machine in self._site_of:
                by_site[self._site_of[machine]].append(row)
        for site, items in by_site.items():
            self._live.publish(event, site, {"items": items})

    def _publish(self, event: str, machine: MachineId, row: Row) -> None:
        if machine in self._site_of:
            self._live.publish(event, self._site_of[machine], row)


def _case_row(changed: RecordedCase) -> Row:
    case = changed.case
    return {
        "id": case.id,
        "machine": case.machine,
        "severity": case.severity.name.lower(),
        "state": case.state,
        "version": case.version,
        "history": case.history,
    }
