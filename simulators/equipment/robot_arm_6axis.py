"""산업용 로봇: joint torque per cycle, reducers that wear with the cube of torque, grease that ages, a battery that runs down."""

import numpy as np

from simulators.degradation import Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_TORQUE_PERCENT = {"j1": 34.0, "j2": 46.0, "j3": 41.0, "j4": 25.0, "j5": 28.0, "j6": 21.0}
_REDUCER_SHARE = {"j1": 0.25, "j2": 1.0, "j3": 0.7, "j4": 0.15, "j5": 0.2, "j6": 0.15}
_CYCLES_PER_MIN = 2.4


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of six-axis arms."""
    on = scene.running.astype(np.float32)
    powered = scene.powered.astype(np.float32)
    worn = scene.severity
    torques = {f"{joint}_torque_rms": on * joint_torque_percent(scene, joint) for joint in _TORQUE_PERCENT}
    loose = 26.0 * worn["joint_reducer"] + 20.0 * worn["timing_belt"] + 6.0 * worn["cable_harness"]
    return {
        **torques,
        "follow_err": on * (17.0 * scene.unit("follow", 0.12) * (0.6 + 0.4 * scene.speed) + loose),
        "motor_temp": _motor_temperature(scene),
        "backlash": powered * (0.42 * scene.unit("backlash", 0.15) + 1.1 * worn["joint_reducer"]),
        "cycle_count": scene.lags.count("cycles", on * np.float32(_CYCLES_PER_MIN * scene.dt_s / 60.0)),
        "joint_vib": on * _vibration(scene),
        "battery_v": _battery_volts(scene),
        "ambient_temp": scene.ambient_c,
    }


def joint_torque_percent(scene: Scene, joint: str) -> Signal:
    """RMS torque of a joint over a cycle, in % of rated: payload and acceleration, more with worn gears and stiff grease."""
    worn = scene.severity
    motion = 0.45 + 0.35 * scene.load + 0.20 * scene.speed**2
    friction = 1.0 + _REDUCER_SHARE[joint] * 0.24 * worn["joint_reducer"] + 0.09 * worn["grease"]
    return np.asarray(_TORQUE_PERCENT[joint] * scene.unit(f"{joint}.torque", 0.05) * motion * friction)


def _vibration(scene: Scene) -> Signal:
    base = 0.62 * scene.unit("vib", 0.15) * (0.6 + 0.4 * scene.speed**2)
    faults = (2.0 * scene.severity["joint_reducer"], 1.8 * scene.severity["servo_bearing"])
    return np.asarray(np.sqrt(base**2 + sum(fault**2 for fault in faults)))


def _motor_temperature(scene: Scene) -> Signal:
    worn = scene.severity
    rise = scene.unit("rise", 0.07) * (10.0 + 13.0 * scene.load * scene.speed**2)
    rise = rise + 9.0 * worn["grease"] + 6.0 * worn["servo_bearing"]
    target = (scene.ambient_c + rise * scene.running + 3.0 * scene.powered).astype(np.float32)
    return scene.lags.follow("motor_temp", target, tau_s=2400.0, dt_s=scene.dt_s)


def _battery_volts(scene: Scene) -> Signal:
    cold = 0.0015 * (scene.ambient_c - 22.0)
    return np.asarray(3.62 * scene.unit("battery", 0.005) - 0.42 * scene.severity["encoder_battery"] + cold)


PHYSICS = Physics(
    jobs=(
        Job(id="WELD-A", weight=3, mean_hours=9, load=0.82, speed=0.9, cycle_min=50, idle_min=3),
        Job(id="WELD-B", weight=2, mean_hours=7, load=0.95, speed=1.0, cycle_min=50, idle_min=3),
        Job(id="PICK-30KG", weight=1, mean_hours=6, load=1.2, speed=0.85, cycle_min=40, idle_min=2),
    ),
    slots={
        "joint_reducer": SlotPhysics(
            upkeep=Upkeep(planned_share=1.4, noticed=0.45, repair_h=36.0), load_exponent=3.0, speed_exponent=1.0, start_h=0.2
        ),
        "grease": SlotPhysics(
            upkeep=Upkeep(planned_share=0.45, noticed=0.2, repair_h=3.0),
            halving_k=15.0, reference_c=50.0, rise_k=22.0, hurts={"joint_reducer": 1.5},
        ),
        "timing_belt": SlotPhysics(upkeep=Upkeep(noticed=0.5, repair_h=5.0), speed_exponent=2.0, start_h=0.5),
        "cable_harness": SlotPhysics(upkeep=Upkeep(noticed=0.3, repair_h=8.0), load_exponent=0.0, speed_exponent=1.0),
        "encoder_battery": SlotPhysics(
            signature=Signature.CLOG, upkeep=Upkeep(planned_share=0.62, noticed=0.4, repair_h=1.0),
            load_exponent=0.0, speed_exponent=0.0, start_h=0.0,
        ),
        "servo_bearing": SlotPhysics(upkeep=Upkeep(noticed=0.45, repair_h=12.0), load_exponent=2.0, speed_exponent=1.0),
    },
    noise={
        **{f"{joint}_torque_rms": NoiseLaw(lingering_sd=0.5, tau_s=600, white_sd=0.5) for joint in _TORQUE_PERCENT},
        "follow_err": NoiseLaw(lingering_sd=0.9, tau_s=600, white_sd=0.8),
        "motor_temp": NoiseLaw(lingering_sd=0.5, tau_s=2400, white_sd=0.15),
        "backlash": NoiseLaw(lingering_sd=0.05, tau_s=7200, white_sd=0.05),
        "cycle_count": NoiseLaw(lingering_sd=0.0, tau_s=60, white_sd=0.0),
        "joint_vib": NoiseLaw(lingering_sd=0.05, tau_s=900, white_sd=0.05),
        "battery_v": NoiseLaw(lingering_sd=0.004, tau_s=7200, white_sd=0.003),
        "ambient_temp": NoiseLaw(lingering_sd=0.4, tau_s=5400, white_sd=0.05),
    },
    observe=observe,
)  # fmt: skip
