"""The port through which models learn from part lives, labels and maintenance, and through which history comes in."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from configs.plant import MachineId, Plant, SiteId
from ingest.label import Label
from ingest.maintenance_event import MaintenanceEvent
from ingest.part_life import PartLife
from service.actor import SYSTEM, Actor
from service.errors import InvalidRequestError
from service.state import audit, labels, maintenance_events, part_lives
from service.state.audit import AuditedAct
from service.state.database import StateDatabase


class StateHistoryStore:
    """Keeps history in the state database; implements `ingest.ports.HistoryStore`."""

    def __init__(
        self, database: StateDatabase, plant: Plant, clock: Callable[[], datetime], *, actor: Actor = SYSTEM
    ) -> None:
        self._database = database
        self._sites = {machine.id: machine.site for machine in plant.machines}
        self._clock = clock
        self._actor = actor

    def part_lives(self) -> Sequence[PartLife]:
        """Return every part life, open ones too, oldest first."""
        with self._database.reading() as session:
            return part_lives.all_lives(session)

    def labels(self) -> Sequence[Label]:
        """Return every label, oldest span first."""
        with self._database.reading() as session:
            return labels.all_labels(session)

    def maintenance_events(self) -> Sequence[MaintenanceEvent]:
        """Return everything that was done, newest first."""
        with self._database.reading() as session:
            return maintenance_events.list_events(session, self._actor)

    def add_history(
        self, lives: Iterable[PartLife], events: Iterable[MaintenanceEvent], labels: Iterable[Label]
    ) -> int:
        """Add what is not known yet, all or nothing, with an entry in the trail; return how many rows were new.

        Raises
        ------
        InvalidRequestError
            A row names a machine that the plant does not have, or a life that cannot have been.
        """
        known_lives = [(_checked(life), self._site(life.machine)) for life in lives]
        known_events = [(event, self._site(event.machine)) for event in events]
        known_labels = [(label, self._site(label.machine)) for label in labels]
        with self._database.transaction() as session:
            added = part_lives.add_new_lives(session, known_lives)
            added += maintenance_events.add_new(session, known_events)
            added += _add_labels(session, known_labels)
            if added:
                act = AuditedAct(
                    action="import", object_kind="history", object_id="plant", site=None, after=f"{added} rows"
                )
                audit.append(session, self._actor, act, now=self._clock())
        return added

    def _site(self, machine: MachineId) -> SiteId:
        site = self._sites.get(machine)
        if site is None:
            raise InvalidRequestError(f"history of machine {machine}: the plant has no such machine; add it first")
        return site


def _add_labels(session: Session, known: list[tuple[Label, SiteId]]) -> int:
    return labels.add_new(session, [(label, site, None) for label, site in known])


def _checked(life: PartLife) -> PartLife:
    where = f"part life {life.id} of {life.machine}, {life.slot}"
    if life.age_at_install is not None and life.age_at_install < 0:
        raise InvalidRequestError(f"{where}: age_at_install is negative; leave it empty where it is not known")
    if life.removed_at is None:
        return life
    if life.removed_at < life.installed_at:
        raise InvalidRequestError(f"{where}: removed before it was installed; correct one of the two times")
    if life.meter_at_removal is not None and life.meter_at_removal < life.meter_at_install:
        raise InvalidRequestError(f"{where}: the meter ran backwards; correct one of the two values")
    if life.removal_reason is None:
        raise InvalidRequestError(f"{where}: removed without a reason; write `unknown` where it is not known")
    return life
