"""Lives of parts that nobody recorded: they are there, of unknown age, since the machine's meter was first seen."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from configs.plant import Machine, MachineId, Plant, Slot, SlotId
from ingest.meter import MeterState
from service.actor import SYSTEM
from service.advisory.replacement import Installation, first_life
from service.state import audit, part_lives, predictions
from service.state.audit import AuditedAct
from service.state.database import StateDatabase


def open_lives_at_first_sight(
    database: StateDatabase,
    plant: Plant,
    recorded: Collection[tuple[MachineId, SlotId]],
    meters: Iterable[MeterState],
    *,
    now: datetime,
) -> int:
    """Open a life of unknown age in every slot of which no life was ever recorded, once its meter is known.

    Such a life is left-truncated at the present meter: it says that the part has survived until now, and nothing of when
    it was new.

    Parameters
    ----------
    recorded
        The slots that have, or had, a life.
    meters
        Where the meters stand.

    Returns
    -------
    int
        How many lives were opened.
    """
    standing = {(meter.machine, meter.unit): meter for meter in meters}
    lives = []
    for machine, slot in _unrecorded(plant, recorded):
        part = plant.part_type(slot.part_type)
        meter = standing.get((machine.id, part.life_unit))
        if meter is not None:
            seen = Installation(machine=machine.id, slot=slot.id, age=None)
            lives.append((first_life(machine, part, seen, meter, now=now), machine.site))
    if not lives:
        return 0
    with database.transaction() as session:
        added = part_lives.add_new_lives(session, lives)
        for life, site in lives:
            act = AuditedAct(
                action="part_first_seen", object_kind="part_life", object_id=life.id, site=site, after=life.part_type
            )
            audit.append(session, SYSTEM, act, now=now)
            predictions.mark_stale(session, life.machine, (life.slot,), now=now)
    return added


def _unrecorded(plant: Plant, recorded: Collection[tuple[MachineId, SlotId]]) -> Iterator[tuple[Machine, Slot]]:
    for machine in plant.machines:
        for slot in machine.slots:
            if (machine.id, slot.id) not in recorded:
                yield machine, slot
