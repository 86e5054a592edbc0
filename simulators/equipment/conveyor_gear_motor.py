"""컨베이어 감속기모터: a belt that slips, gears and oil that heat, bearings on both sides, and a start for every batch."""

import numpy as np

from simulators.degradation import Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_BELT_SPEED_M_S = 0.50
_FULL_LOAD_KG_M = 62.0


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of conveyor drives."""
    on = scene.running.astype(np.float32)
    slip = slip_percent(scene)
    return {
        "motor_current": on * _motor_current(scene, slip),
        "vib": on * _vibration(scene),
        "gear_temp": _gear_temperature(scene),
        "belt_speed": on * _BELT_SPEED_M_S * scene.speed * (1.0 - slip / 100.0),
        "slip": on * slip,
        "starts": scene.lags.count("starts", on * np.float32(6.0 * scene.dt_s / 3600.0)),
        "load": on * _FULL_LOAD_KG_M * scene.load * scene.unit("load", 0.06),
        "ambient_temp": scene.ambient_c,
    }


def slip_percent(scene: Scene) -> Signal:
    """Belt slip: little while the tension suffices, more with load as it goes."""
    worn = scene.severity["conveyor_belt"]
    return np.asarray(scene.unit("slip", 0.15) * (0.55 + 0.5 * scene.load) + 7.0 * worn * scene.load)


def _motor_current(scene: Scene, slip: Signal) -> Signal:
    worn = scene.severity
    torque = 0.35 + 0.55 * scene.load + 0.015 * slip
    drag = 1.0 + 0.09 * worn["gear_set"] + 0.06 * worn["motor_bearing"] + 0.05 * worn["gear_oil"]
    return np.asarray(5.4 * scene.unit("current", 0.05) * torque * drag * scene.speed**0.3)


def _vibration(scene: Scene) -> Signal:
    worn = scene.severity
    base = 0.72 * scene.unit("vib", 0.15) * (0.7 + 0.3 * scene.speed) * (0.9 + 0.15 * scene.load)
    faults = (2.6 * worn["output_bearing"], 2.2 * worn["motor_bearing"], 2.4 * worn["gear_set"])
    return np.asarray(np.sqrt(base**2 + sum(fault**2 for fault in faults)))


def _gear_temperature(scene: Scene) -> Signal:
    worn = scene.severity
    rise = scene.unit("rise", 0.08) * (14.0 + 12.0 * scene.load) + 8.0 * worn["gear_set"] + 9.0 * worn["gear_oil"]
    rise = rise + 6.0 * worn["output_bearing"] + 5.0 * worn["oil_seal"]
    target = (scene.ambient_c + rise * scene.running).astype(np.float32)
    return scene.lags.follow("gear_temp", target, tau_s=3000.0, dt_s=scene.dt_s)


PHYSICS = Physics(
    jobs=(
        Job(id="BOX", weight=3, mean_hours=6, load=0.62, speed=1.0, cycle_min=30, idle_min=2, starts_per_h=6),
        Job(id="PALLET", weight=2, mean_hours=5, load=1.0, speed=0.92, cycle_min=25, idle_min=3, starts_per_h=6),
        Job(id="CASTING", weight=1, mean_hours=4, load=1.25, speed=0.85, contamination=1.8, cycle_min=25, idle_min=3,
            starts_per_h=6),
    ),
    slots={
        "gear_set": SlotPhysics(upkeep=Upkeep(noticed=0.5, repair_h=24.0), load_exponent=3.0, start_h=0.02),
        "gear_oil": SlotPhysics(
            upkeep=Upkeep(planned_share=0.5, noticed=0.2, repair_h=2.0), halving_k=15.0,
            reference_c=52.0, rise_k=24.0, start_h=0.0, hurts={"gear_set": 1.2, "output_bearing": 0.8},
        ),
        "output_bearing": SlotPhysics(upkeep=Upkeep(noticed=0.5, repair_h=8.0), load_exponent=3.0, start_h=0.02),
        "oil_seal": SlotPhysics(
            upkeep=Upkeep(noticed=0.6, repair_h=4.0), halving_k=10.0, reference_c=52.0, rise_k=24.0, start_h=0.0,
            hurts={"gear_oil": 0.8},
        ),
        "conveyor_belt": SlotPhysics(
            upkeep=Upkeep(planned_share=1.0, noticed=0.45, repair_h=6.0), load_exponent=1.5, start_h=0.05),
        "motor_bearing": SlotPhysics(upkeep=Upkeep(noticed=0.45, repair_h=6.0), load_exponent=2.0, start_h=0.03),
    },
    noise={
        "motor_current": NoiseLaw(lingering_sd=0.07, tau_s=200, white_sd=0.08),
        "vib": NoiseLaw(lingering_sd=0.06, tau_s=900, white_sd=0.05),
        "gear_temp": NoiseLaw(lingering_sd=0.5, tau_s=3000, white_sd=0.12),
        "belt_speed": NoiseLaw(lingering_sd=0.002, tau_s=300, white_sd=0.002),
        "slip": NoiseLaw(lingering_sd=0.24, tau_s=900, white_sd=0.18),
        "starts": NoiseLaw(lingering_sd=0.0, tau_s=60, white_sd=0.0),
        "load": NoiseLaw(lingering_sd=2.5, tau_s=300, white_sd=2.0),
        "ambient_temp": NoiseLaw(lingering_sd=0.4, tau_s=5400, white_sd=0.05),
    },
    observe=observe,
)  # fmt: skip
