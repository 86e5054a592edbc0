"""Changes of what a site says of its costs, its working time and its parts."""

from datetime import datetime

from configs.plant import Machine, PartTypeId, Plant, Site
from configs.plant_change import PlantChange
from service.actions.plant import PlantBook
from service.actor import Actor
from service.advisory.terms import PartTerms, StopTerms, WorkingTerms, machine_change, part_change, site_change
from service.errors import NotAllowedError, NotFoundError
from service.state.database import StateDatabase


def set_site_terms(
    database: StateDatabase,
    plants: PlantBook,
    actor: Actor,
    site: Site,
    said: tuple[StopTerms, WorkingTerms],
    *,
    now: datetime,
) -> Plant:
    """Go by what a site says of its costs and its working time from now on; return the plant."""
    return plants.change(database, actor, [site_change(site.id, *said)], site=site.id, now=now)


def set_machine_terms(
    database: StateDatabase, plants: PlantBook, actor: Actor, machine: Machine, said: StopTerms, *, now: datetime
) -> Plant:
    """Go by what a stop of a machine costs from now on; return the plant."""
    return plants.change(database, actor, [machine_change(machine.id, said)], site=machine.site, now=now)


def set_part_terms(
    database: StateDatabase, plants: PlantBook, actor: Actor, part: PartTypeId, said: PartTerms, *, now: datetime
) -> Plant:
    """Go by what is said of a part type from now on, at every site; return the plant.

    Raises
    ------
    NotFoundError
        No machine of the plant has such a part.
    NotAllowedError
        The actor answers for some sites only.
    """
    if part not in {each.id for each in plants.current.part_types}:
        raise NotFoundError(f"the plant has no part type {part}")
    if actor.sites is not None:
        raise NotAllowedError("a part type holds for every site; whoever changes it needs all of them")
    change: PlantChange = part_change(part, said)
    return plants.change(database, actor, [change], site=None, now=now)
