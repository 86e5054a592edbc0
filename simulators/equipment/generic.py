"""What the catalogue alone says of a machine: normal ranges, and which sensor moves which way when a slot wears.

It carries the types that have no module of their own, and the slots that a module does not name.
"""

from collections.abc import Mapping

import numpy as np

from configs.plant import EquipmentType, Sensor
from simulators.degradation import Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_JOBS = (
    Job(id="P1", weight=3, mean_hours=8, load=0.85, speed=0.92),
    Job(id="P2", weight=3, mean_hours=10, load=0.95, speed=1.0),
    Job(id="P3", weight=1, mean_hours=4, load=1.08, speed=1.0, contamination=1.4),
)
_PLACE, _SHIFT = 0.4, 0.7
"""Where in its normal span a sensor stands when all is well, and how far of that span full-grown wear moves it."""

_GAIN_SPREAD = 0.35


def generic_physics(equipment_type: EquipmentType) -> Physics:
    """Derive physics from a catalogue entry: regimes within the normal range, wear along the stated signs."""

    def observe(scene: Scene) -> Mapping[str, Signal]:
        return {sensor.id: _signal(sensor, equipment_type, scene) for sensor in equipment_type.sensors}

    return Physics(
        jobs=_JOBS,
        slots={slot.id: generic_slot(slot.id) for slot in equipment_type.slots},
        noise={sensor.id: generic_noise(sensor) for sensor in equipment_type.sensors},
        observe=observe,
    )


def generic_slot(slot: str) -> SlotPhysics:
    """Give the wear law of a slot of which only the name is known: what clogs, clogs; the rest wears late."""
    clogs = "filter" in slot or "fouling" in slot or "separator" in slot
    if clogs:
        return SlotPhysics(
            signature=Signature.CLOG,
            upkeep=Upkeep(planned_share=0.62, noticed=0.4, repair_h=2.0),
            contamination_exponent=1.0,
        )
    return SlotPhysics()


def generic_noise(sensor: Sensor) -> NoiseLaw:
    """Give a noise of some percent of the normal span, lingering longer for temperatures."""
    span = sensor.normal_high - sensor.normal_low
    return NoiseLaw(lingering_sd=0.055 * span, tau_s=2400 if "temp" in sensor.id else 600, white_sd=0.045 * span)


def wear_shift(sensor: Sensor, equipment_type: EquipmentType, scene: Scene) -> Signal:
    """Give how far the wear of all slots moves a sensor, in its unit: at failure about to where its normal range ends.

    Each machine shows each wear more or less strongly. A sensor that a slot names as a sign several times moves so many times as far.
    """
    span = sensor.normal_high - sensor.normal_low
    shift = np.zeros_like(scene.load)
    for slot in equipment_type.slots:
        for sign in slot.signs:
            if sign.sensor == sensor.id:
                gain = scene.unit(f"{slot.id}.{sensor.id}.shows", _GAIN_SPREAD)
                shift = shift + (_SHIFT if sign.rises else -_SHIFT) * span * gain * scene.severity[slot.id]
    return shift


def _signal(sensor: Sensor, equipment_type: EquipmentType, scene: Scene) -> Signal:
    if sensor.id == "ambient_temp":
        return scene.ambient_c
    span = sensor.normal_high - sensor.normal_low
    place = _PLACE + 0.25 * (scene.load + scene.speed - 1.9) * scene.unit(f"{sensor.id}.regime", 0.3)
    value = sensor.normal_low + span * (place + 0.12 * (scene.unit(sensor.id, 1.0) - 1.0))
    value = value + wear_shift(sensor, equipment_type, scene)
    if "temp" in sensor.id:
        rest = np.minimum(scene.ambient_c, value)
        target = np.where(scene.running, value + 0.3 * (scene.ambient_c - 21.0), rest).astype(np.float32)
        return scene.lags.follow(sensor.id, target, tau_s=1800.0, dt_s=scene.dt_s)
    return np.asarray(np.where(scene.running, value, 0.35 * value * scene.powered))
