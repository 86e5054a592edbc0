"""Takes in readings that people type: the same checks and the same store as for those that come by message."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from configs.instant import ns_of
from configs.plant import Machine, MachineId, Plant, SensorId
from ingest.intake.examination import HandedIn
from ingest.intake.hand_in import HandIn
from ingest.reading import QualityFlag, ReadingBatch
from service.actor import Actor
from service.errors import InvalidRequestError, NotFoundError
from service.security.rights import Right, require
from service.state import audit
from service.state.audit import AuditedAct
from service.state.database import StateDatabase

LONGEST_KEPT = timedelta(days=30)
"""How old a typed reading may be: a page that lost its connection keeps what was typed."""

AHEAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What somebody read off a machine at one time; values are in the sensors' units."""

    machine: MachineId
    at: datetime
    values: Mapping[SensorId, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenEntry:
    """What came of an entry: whether it was new, and how far each value can be trusted."""

    is_new: bool
    quality: Mapping[SensorId, QualityFlag]


def record_entry(
    database: StateDatabase, actor: Actor, entry: Entry, *, plant: Plant, hand_in: HandIn, now: datetime
) -> TakenEntry:
    """Store what somebody typed, durable when it returns; typed twice it is stored once.

    Raises
    ------
    NotFoundError
        There is no such machine among the actor's sites.
    InvalidRequestError
        A sensor is not the machine's, a value is none that it can show, or the time cannot be.
    StoreUnavailableError
        The store cannot write now; send it again.
    """
    machine = plant.machine(entry.machine)
    if machine is None:
        raise NotFoundError(f"there is no machine {entry.machine}")
    require(actor, Right.TYPE_READING, machine.site)
    _check(machine, entry, now)
    batch = _batch(machine, entry, actor, now)
    handed = HandedIn(stream=f"form/{machine.id}", boot=None, seq=None, readings=batch)
    examined = hand_in.take([handed])
    if not examined.messages:
        return TakenEntry(is_new=False, quality={})
    with database.transaction() as session:
        told = ", ".join(f"{sensor} {value:g}" for sensor, value in entry.values.items())
        act = AuditedAct(
            action="reading_typed", object_kind="machine", object_id=machine.id, site=machine.site, after=told[:1000]
        )
        audit.append(session, actor, act, now=now)
    (judged,) = examined.batch.readings
    flags = judged.quality[0].tolist()
    return TakenEntry(
        is_new=True, quality={s: QualityFlag(flag) for s, flag in zip(judged.sensors, flags, strict=True)}
    )


def _check(machine: Machine, entry: Entry, now: datetime) -> None:
    if not entry.values:
        raise InvalidRequestError("values: nothing was typed")
    if not now - LONGEST_KEPT <= entry.at <= now + AHEAD:
        raise InvalidRequestError(f"at: {entry.at.isoformat()} is ahead of the clock, or more than a month ago")
    sensors = {sensor.id: sensor for sensor in machine.sensors}
    for name, value in entry.values.items():
        sensor = sensors.get(name)
        if sensor is None:
            raise InvalidRequestError(f"values: {machine.id} has no sensor {name}")
        if not sensor.range_low <= value <= sensor.range_high:
            low, high = f"{sensor.range_low:g}", f"{sensor.range_high:g}"
            raise InvalidRequestError(f"values: {name} shows {low} to {high} {sensor.unit}; {value:g} it cannot")


def _batch(machine: Machine, entry: Entry, actor: Actor, now: datetime) -> ReadingBatch:
    sensors = tuple(sorted(entry.values))
    columns = {"machine": machine.id, "boot": f"form-{actor.id}"[:64], "state": None, "job": None}
    cells = {name: np.array([value], dtype=object) for name, value in columns.items()}
    return ReadingBatch(
        equipment_type=machine.equipment_type,
        sensors=sensors,
        machines=cells["machine"],
        event_times_ns=np.array([ns_of(entry.at)], np.int64),
        received_times_ns=np.array([ns_of(now)], np.int64),
        boots=cells["boot"],
        seqs=np.array([-1], np.int64),
        rows=np.zeros(1, np.int32),
        states=cells["state"],
        jobs=cells["job"],
        values=np.array([[entry.values[sensor] for sensor in sensors]], np.float64),
        quality=np.zeros((1, len(sensors)), np.uint16),
    )
