"""The prognosis of the slots that are due, in one batch per fleet."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from configs.instant import ns_of
from configs.plant import Machine, MachineId, PartType, PartTypeId
from ingest.part_life import PartLife
from models.assess import assess_slots
from models.health_assessment.detection_state import Renewal
from models.lesson import NO_LESSONS
from models.prediction import Prediction
from models.prognosis.weibull import LifePosterior, fit_lives
from service.actions.first_sight import open_lives_at_first_sight
from service.monitor.evidence import MachineEvidence, Records, SlotAsked, evidence_of, file_records
from service.monitor.fleet import Fleet, renewals_of
from service.monitor.ports import MonitorPorts
from service.monitor.schedule import Schedule, SlotKey
from service.state import part_lives, predictions

MOST_SLOTS = 2_000
"""Slots per round; the others follow in the next."""

LOOK_BACK = timedelta(days=370)
POSTERIOR_EVERY = timedelta(hours=1)


@dataclass(slots=True)
class PartBook:
    """Part lives as they were last read, and what they say of the life of each part type."""

    revision: int | None = None
    lives: tuple[PartLife, ...] = ()
    renewals: Mapping[MachineId, tuple[Renewal, ...]] = field(default_factory=dict)
    posteriors: Mapping[PartTypeId, LifePosterior] | None = None
    fitted_at: datetime | None = None

    def refresh(self, ports: MonitorPorts) -> bool:
        """Read the part lives again where any has changed; return whether."""
        with ports.database.reading() as session:
            revision = part_lives.revision(session)
            if revision == self.revision:
                return False
            self.lives = part_lives.all_lives(session)
        self.revision, self.posteriors = revision, None
        self.renewals = renewals_of(self.lives)
        return True

    def recognise(self, ports: MonitorPorts) -> bool:
        """Open lives of unknown age for parts that nobody recorded; return whether there were any."""
        recorded = {(life.machine, life.slot) for life in self.lives}
        meters = ports.meters.meters()
        return open_lives_at_first_sight(ports.database, ports.plant, recorded, meters, now=ports.clock()) > 0

    def beliefs(self, ports: MonitorPorts, now: datetime) -> Mapping[PartTypeId, LifePosterior]:
        """Return the posterior of every part type, fitted again after a change and once an hour."""
        fresh = self.fitted_at is not None and now - self.fitted_at < POSTERIOR_EVERY
        if self.posteriors is None or not fresh:
            self.posteriors = fit_lives(ports.plant.part_types, self.lives, ports.meters.meters(), now=now)
            self.fitted_at = now
        return self.posteriors


def due_slots(ports: MonitorPorts, fleet: Fleet, schedule: Schedule, now: datetime) -> list[SlotAsked]:
    """Return the slots of a fleet whose prognosis is due, short-lived parts too."""
    parts: dict[PartTypeId, PartType] = {part.id: part for part in ports.plant.part_types}
    sites = {site.id: site for site in ports.plant.sites}
    asked = [
        SlotAsked(site=sites[machine.site], machine=machine, slot=slot, part_type=parts[slot.part_type])
        for machine in ports.plant.machines
        if machine.id in fleet.machines
        for slot in machine.slots
        if schedule.is_due((machine.id, slot.id), parts[slot.part_type], now)
    ]
    return asked[:MOST_SLOTS]


def stale_slots(ports: MonitorPorts) -> frozenset[SlotKey]:
    """Return the slots whose newest prediction rests on what has changed since."""
    with ports.database.reading() as session:
        return predictions.stale(session)


def predict(
    ports: MonitorPorts,
    fleet: Fleet,
    asked: list[SlotAsked],
    book: PartBook,
    known: Callable[[Machine], MachineEvidence],
) -> tuple[Prediction, ...]:
    """Return the predictions of the slots that are asked for; `known` gives what is known of a machine."""
    now = ports.clock()
    records = file_records(book.lives, ports.meters.meters())
    of_machine = {each.machine.id: each.machine for each in asked}
    evidence = {machine: known(of_machine[machine]) for machine in of_machine}
    when = (now, ports.plant.revision)
    gathered = [evidence_of(each, fleet, records, evidence[each.machine.id], when) for each in asked]
    lessons = fleet.model.lessons if fleet.model is not None else NO_LESSONS
    return assess_slots(gathered, book.beliefs(ports, now), now=now, lessons=lessons)


def hours_span(now: datetime, oldest: Iterable[PartLife]) -> tuple[int, int]:
    """Return the span of hours that a prognosis looks back on: since the oldest of the parts, a year at most."""
    installed = [life.installed_at for life in oldest]
    return ns_of(max(min(installed, default=now), now - LOOK_BACK)), ns_of(now)


__all__ = ["PartBook", "Records", "due_slots", "hours_span", "predict", "stale_slots"]
