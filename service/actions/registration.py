"""Registers what reports and is not in the plant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from configs.plant import EquipmentTypeId, LineId, MachineId, Plant, SensorId
from ingest.intake.found import Found, FoundBook
from service.actions.plant import PlantBook
from service.actor import Actor
from service.advisory.registration import NewMachine, NewSensor, can_be_registered, machine_changes, sensor_change
from service.errors import InvalidRequestError, NotFoundError
from service.state.database import StateDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is to be registered: a sensor of a known machine, or a whole machine where `sensor` is "".

    `equipment_type` and `line` are of a new machine; without a line it is that of its topic.
    """

    topic: str
    machine: str
    sensor: str = ""
    equipment_type: str = ""
    line: str = ""


def register(
    database: StateDatabase, plants: PlantBook, found: FoundBook, actor: Actor, wish: Registration, *, now: datetime
) -> Plant:
    """Register what was found, and go by it from now on; return the plant.

    Raises
    ------
    NotFoundError
        Nothing of that name was found.
    InvalidRequestError
        Its name cannot be one of the plant, or its line or type is not known.
    """
    own = [each for each in found.all() if (each.newest.topic, each.newest.machine) == (wish.topic, wish.machine)]
    wanted = [each for each in own if wish.sensor in {"", each.newest.sensor}]
    if not wanted:
        raise NotFoundError(f"nothing of {wish.machine} is waiting to be registered; it may have been already")
    known = wanted[0].newest.known_machine
    if known is not None:
        plant = _register_sensors(database, plants, actor, known, wanted, now=now)
    else:
        plant = _register_machine(database, plants, actor, wish, own, now=now)
    for each in wanted if known is not None else own:
        found.forget(each.key)
    return plant


def _register_sensors(
    database: StateDatabase,
    plants: PlantBook,
    actor: Actor,
    machine_id: MachineId,
    wanted: Sequence[Found],
    *,
    now: datetime,
) -> Plant:
    machine = plants.current.machine(machine_id)
    if machine is None:
        raise NotFoundError(f"there is no machine {machine_id}")
    sensors = [_sensor(each) for each in wanted if each.newest.sensor]
    changes = [sensor_change(machine.id, sensor, plants.catalogue) for sensor in sensors]
    return plants.change(database, actor, changes, site=machine.site, now=now)


def _register_machine(
    database: StateDatabase,
    plants: PlantBook,
    actor: Actor,
    wish: Registration,
    own: Sequence[Found],
    *,
    now: datetime,
) -> Plant:
    _check_name(wish.machine)
    line_id = wish.line or line_of_topic(wish.topic)
    line = next((each for each in plants.current.lines if each.id == line_id), None)
    if line is None:
        raise InvalidRequestError(f"line: {line_id or 'none'} is no line of the plant; choose one that is")
    types = {kind.id: kind for kind in plants.catalogue.equipment_types}
    kind = types.get(EquipmentTypeId(wish.equipment_type))
    if kind is None:
        raise InvalidRequestError(f"equipment_type: there is no type {wish.equipment_type!r} in the catalogue")
    new = NewMachine(
        id=MachineId(wish.machine),
        line=LineId(line.id),
        equipment_type=kind,
        sensors=tuple(_sensor(each) for each in own if each.newest.sensor),
    )
    return plants.change(database, actor, machine_changes(new, plants.catalogue), site=line.site, now=now)


def line_of_topic(topic: str) -> str:
    """Return the line that a native topic names, "" where the topic is another."""
    levels = topic.split("/")
    return levels[3] if len(levels) == 6 and levels[:2] == ["yeji", "v1"] else ""


def _sensor(found: Found) -> NewSensor:
    _check_name(found.newest.sensor)
    return NewSensor(id=SensorId(found.newest.sensor), unit=found.newest.unit, value=found.newest.value)


def _check_name(name: str) -> None:
    if not can_be_registered(name):
        raise InvalidRequestError(
            f"name: {name[:64]!r} cannot be an id (letters, digits, - and _); rename it on the device, or map it"
        )
