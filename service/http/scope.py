"""What of the plant an actor may see."""

from zoneinfo import ZoneInfo

from configs.plant import Machine, MachineId, PartType, Plant, Sensor, Site, SiteId, Slot
from service.actor import Actor
from service.errors import NotFoundError


def visible_machines(plant: Plant, actor: Actor) -> tuple[Machine, ...]:
    """Return the machines of the actor's sites, in the order of the plant file."""
    return tuple(machine for machine in plant.machines if actor.may_see(machine.site))


def machine_for(plant: Plant, actor: Actor, machine_id: str) -> Machine:
    """Return a machine of the actor's sites, or raise NotFoundError as if it did not exist."""
    machine = plant.machine(MachineId(machine_id))
    if machine is None or not actor.may_see(machine.site):
        raise NotFoundError(f"no machine {machine_id!r} in this plant")
    return machine


def sensor_for(machine: Machine, sensor_id: str) -> Sensor:
    """Return a sensor of the machine, or raise NotFoundError."""
    for sensor in machine.sensors:
        if sensor.id == sensor_id:
            return sensor
    raise NotFoundError(f"machine {machine.id} has no sensor {sensor_id!r}")


def slot_for(machine: Machine, slot_id: str) -> Slot:
    """Return a slot of the machine, or raise NotFoundError."""
    for slot in machine.slots:
        if slot.id == slot_id:
            return slot
    raise NotFoundError(f"machine {machine.id} has no slot {slot_id!r}")


def site_of(plant: Plant, machine: Machine) -> Site:
    """Return the site that the machine stands in."""
    return next(site for site in plant.sites if site.id == machine.site)


def zone_of(plant: Plant, machine: Machine) -> ZoneInfo:
    """Return the time zone in which the machine's people read times."""
    return ZoneInfo(site_of(plant, machine).time_zone)


def may_see_topic(actor: Actor, topic: str) -> bool:
    """Whether a topic or stream of the native form is of one of the actor's sites; others need every site."""
    levels = topic.split("/")
    return actor.may_see(SiteId(levels[2] if len(levels) > 2 else ""))


def site_for(plant: Plant, actor: Actor, site: str) -> Site:
    """Return one of the actor's sites, or raise NotFoundError as if it did not exist."""
    found = next((each for each in plant.sites if each.id == site and actor.may_see(each.id)), None)
    if found is None:
        raise NotFoundError(f"there is no site {site}")
    return found


def part_type_for(plant: Plant, part: str) -> PartType:
    """Return a part type of the plant; NotFoundError where no machine has it."""
    found = next((each for each in plant.part_types if each.id == part), None)
    if found is None:
        raise NotFoundError(f"the plant has no part type {part}")
    return found
