"""Records that tables bring beside readings: what was done, lives of parts, machines; and taking them back."""

from collections.abc import Sequence
from datetime import datetime

from configs.plant import SiteId
from configs.plant_change import ChangedKind, PlantChange
from ingest.decode.table_import import SheetContent
from service.actions.plant import PlantBook
from service.actor import Actor
from service.advisory.machine_list import changes_for
from service.errors import InvalidRequestError
from service.state import maintenance_events, part_lives
from service.state.database import StateDatabase
from service.state.history import StateHistoryStore
from service.state.table_imports import Added


def add_records(
    database: StateDatabase, plants: PlantBook, actor: Actor, contents: Sequence[SheetContent], *, now: datetime
) -> Added:
    """Keep the records of sheets that are not known yet; return which those were."""
    lives = [life for content in contents for _, life in content.lives]
    events = [event for content in contents for _, event in content.events]
    with database.reading() as session:
        old_lives = part_lives.known_ids(session, [life.id for life in lives])
        old_events = maintenance_events.known_ids(session, [maintenance_events.id_of(event) for event in events])
    if lives or events:
        StateHistoryStore(database, plants.current, lambda: now, actor=actor).add_history(lives, events, ())
    with database.reading() as session:
        new_lives = part_lives.known_ids(session, [life.id for life in lives]) - old_lives
        new_events = maintenance_events.known_ids(session, [maintenance_events.id_of(event) for event in events])
    return Added(
        lives=sorted(new_lives),
        events=sorted(new_events - old_events),
        machines=_add_machines(database, plants, actor, contents, now=now),
    )


def remove_records(database: StateDatabase, plants: PlantBook, actor: Actor, added: Added, *, now: datetime) -> None:
    """Take records out that an import added."""
    with database.transaction() as session:
        part_lives.remove(session, added.lives)
        maintenance_events.remove(session, added.events)
    gone = [machine for machine in plants.current.machines if machine.id in added.machines]
    if gone:
        changes = [PlantChange(kind=ChangedKind.MACHINE, id=each.id, table={"absent": True}) for each in gone]
        plants.change(database, actor, changes, site=gone[0].site, now=now)


def _add_machines(
    database: StateDatabase, plants: PlantBook, actor: Actor, contents: Sequence[SheetContent], *, now: datetime
) -> list[str]:
    rows = [row for content in contents for row in content.machines]
    if not rows:
        return []
    site = _site_of(plants, actor)
    changes = changes_for(rows, plants.current, site)
    if changes:
        plants.change(database, actor, changes, site=site, now=now)
    return [change.id for change in changes if change.kind is ChangedKind.MACHINE]


def _site_of(plants: PlantBook, actor: Actor) -> SiteId:
    site = next((site.id for site in plants.current.sites if actor.may_see(site.id)), None)
    if site is None:
        raise InvalidRequestError("there is no site for these machines; add one to the plant file")
    return site
