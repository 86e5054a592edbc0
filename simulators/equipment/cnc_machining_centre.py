"""머시닝센터: cutting jobs, tool wear in cutting minutes, spindle bearings, ball screws, coolant that clogs its filter."""

import numpy as np

from simulators.degradation import Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_TOP_SPEED_RPM = 12_000.0
_IDLE_LOAD_PERCENT = 3.5


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of machining centres."""
    cutting = scene.running.astype(np.float32)
    powered = scene.powered.astype(np.float32)
    speed = scene.speed * cutting
    load = cutting_load_percent(scene)
    return {
        "spindle_speed": _TOP_SPEED_RPM * speed * (1.0 - 0.03 * scene.severity["drive_belt"]),
        "spindle_load": powered * _IDLE_LOAD_PERCENT + cutting * load,
        "spindle_vib": 0.08 * powered + cutting * _vibration(scene, load),
        "spindle_kurtosis": powered * (3.0 + cutting * _impacts(scene)),
        "spindle_temp": _temperature(scene, load),
        "axis_follow_err": powered * 1.2 + cutting * _follow_error(scene),
        "coolant_pressure": cutting * _coolant_pressure(scene),
        "ambient_temp": scene.ambient_c,
    }


def cutting_load_percent(scene: Scene) -> Signal:
    """Spindle load while cutting, in % of rated power: torque x speed, with a blunt tool taking 15-30 % more."""
    torque = scene.load * (1.0 + 0.26 * scene.severity["cutting_tool"])
    slip = 1.0 + 0.24 * scene.severity["drive_belt"]
    return np.asarray(88.0 * scene.unit("load", 0.05) * torque * scene.speed**0.35 * slip, dtype=np.float32)


def _vibration(scene: Scene, load: Signal) -> Signal:
    worn = scene.severity
    base = scene.unit("vib", 0.13) * (0.22 + 0.42 * scene.speed**2 + 0.0035 * load)
    faults = (2.5 * worn["spindle_bearing"], 1.1 * worn["drive_belt"], 0.30 * worn["cutting_tool"])
    return np.asarray(np.sqrt(base**2 + sum(fault**2 for fault in faults)) + 0.16 * worn["cutting_tool"])


def _impacts(scene: Scene) -> Signal:
    level = scene.progress["spindle_bearing"] * np.sign(scene.severity["spindle_bearing"])
    spall = 6.5 * level * np.exp(-(((level - 0.45) / 0.32) ** 2))
    return np.asarray(
        spall + 0.9 * level + 0.15 * scene.severity["cutting_tool"] + 0.10 * scene.unit("kurtosis", 0.5),
        dtype=np.float32,
    )


def _temperature(scene: Scene, load: Signal) -> Signal:
    rise = scene.unit("temp_rise", 0.08) * (3.0 + 11.0 * scene.speed + 0.08 * load)
    rise = (rise + 13.0 * scene.severity["spindle_bearing"]) * scene.running + 2.0 * scene.powered
    warmer_coolant = 2.5 * scene.severity["coolant_filter"] * scene.running
    target = (0.55 * scene.ambient_c + 0.45 * 22.0 + rise + warmer_coolant).astype(np.float32)
    return scene.lags.follow("spindle_temp", target, tau_s=1500.0, dt_s=scene.dt_s)


def _follow_error(scene: Scene) -> Signal:
    base = scene.unit("follow", 0.12) * (2.0 + 2.4 * scene.load * scene.speed)
    return np.asarray(
        base + 11.0 * scene.severity["ball_screw"] + 1.8 * scene.severity["cutting_tool"], dtype=np.float32
    )


def _coolant_pressure(scene: Scene) -> Signal:
    pump = 5.1 * scene.unit("coolant", 0.05)
    return np.asarray(
        pump - 2.6 * scene.severity["coolant_filter"] - 0.25 * (scene.contamination - 1.0), dtype=np.float32
    )


PHYSICS = Physics(
    jobs=(
        Job(id="AL-A12", weight=3, mean_hours=7, load=0.52, speed=0.83, contamination=0.9, cycle_min=14, idle_min=2),
        Job(id="AL-B03", weight=2, mean_hours=5, load=0.44, speed=0.95, contamination=0.9, cycle_min=9, idle_min=2),
        Job(id="S45C-C7", weight=3, mean_hours=8, load=0.86, speed=0.42, contamination=1.1, cycle_min=26, idle_min=3),
        Job(id="SUS-D1", weight=1, mean_hours=6, load=0.97, speed=0.30, contamination=1.3, cycle_min=38, idle_min=4),
        Job(id="GC250-E5", weight=1, mean_hours=6, load=0.70, speed=0.38, contamination=1.8, cycle_min=20, idle_min=3),
    ),
    slots={
        "spindle_bearing": SlotPhysics(
            upkeep=Upkeep(noticed=0.45, repair_h=30.0),
            load_exponent=1.5,
            speed_exponent=1.0,
            halving_k=15.0,
            reference_c=38.0,
            rise_k=14.0,
            start_h=0.4,
        ),
        "cutting_tool": SlotPhysics(
            signature=Signature.FLANK,
            upkeep=Upkeep(planned_share=0.68, planned_ln_sd=0.30, noticed=0.0, repair_h=0.1),
            load_exponent=1.0,
            speed_exponent=0.6,
            start_h=0.0,
            renewed_in_use=True,
        ),
        "ball_screw": SlotPhysics(
            upkeep=Upkeep(noticed=0.5, repair_h=24.0), load_exponent=2.0, contamination_exponent=0.5
        ),
        "drive_belt": SlotPhysics(
            upkeep=Upkeep(planned_share=1.0, noticed=0.45, repair_h=4.0),
            halving_k=20.0,
            reference_c=38.0,
            start_h=1.5,
            hurts={"spindle_bearing": 0.4},
        ),
        "coolant_filter": SlotPhysics(
            signature=Signature.CLOG,
            upkeep=Upkeep(planned_share=0.62, noticed=0.35, repair_h=1.5),
            load_exponent=0.5,
            speed_exponent=0.0,
            contamination_exponent=1.0,
            start_h=0.0,
            hurts={"spindle_bearing": 0.5},
        ),
    },
    noise={
        "spindle_vib": NoiseLaw(lingering_sd=0.05, tau_s=900, white_sd=0.035),
        "spindle_kurtosis": NoiseLaw(lingering_sd=0.07, tau_s=600, white_sd=0.09),
        "spindle_temp": NoiseLaw(lingering_sd=0.35, tau_s=2400, white_sd=0.08),
        "spindle_load": NoiseLaw(lingering_sd=1.0, tau_s=240, white_sd=1.3),
        "spindle_speed": NoiseLaw(lingering_sd=2.0, tau_s=60, white_sd=4.0),
        "axis_follow_err": NoiseLaw(lingering_sd=0.25, tau_s=300, white_sd=0.3),
        "coolant_pressure": NoiseLaw(lingering_sd=0.08, tau_s=900, white_sd=0.05),
        "ambient_temp": NoiseLaw(lingering_sd=0.4, tau_s=5400, white_sd=0.05),
    },
    observe=observe,
)
