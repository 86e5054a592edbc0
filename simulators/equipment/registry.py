"""Which physics an equipment type has."""

from dataclasses import replace

from configs.plant import EquipmentType
from simulators.equipment import (
    air_compressor,
    centrifugal_pump,
    cnc_machining_centre,
    conveyor_gear_motor,
    cooling_fan_chiller,
    hydraulic_press,
    injection_moulding_machine,
    robot_arm_6axis,
)
from simulators.equipment.generic import generic_noise, generic_physics, generic_slot
from simulators.equipment.physics import Physics

_KNOWN = {
    "air_compressor": air_compressor.PHYSICS,
    "centrifugal_pump": centrifugal_pump.PHYSICS,
    "cnc_machining_centre": cnc_machining_centre.PHYSICS,
    "conveyor_gear_motor": conveyor_gear_motor.PHYSICS,
    "cooling_fan_chiller": cooling_fan_chiller.PHYSICS,
    "hydraulic_press": hydraulic_press.PHYSICS,
    "injection_moulding_machine": injection_moulding_machine.PHYSICS,
    "robot_arm_6axis": robot_arm_6axis.PHYSICS,
}


def physics_of(equipment_type: EquipmentType) -> Physics:
    """Give the physics of a type: its own module, completed from the catalogue where the module names less."""
    known = _KNOWN.get(equipment_type.id)
    if known is None:
        return generic_physics(equipment_type)
    return replace(
        known,
        slots={slot.id: known.slots.get(slot.id, generic_slot(slot.id)) for slot in equipment_type.slots},
        noise={sensor.id: known.noise.get(sensor.id, generic_noise(sensor)) for sensor in equipment_type.sensors},
    )
