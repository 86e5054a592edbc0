"""유압 프레스: strokes under pressure, seals that leak with the cube of the gap, oil that heats and thins, a clogging filter."""

import numpy as np

from simulators.degradation import Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of hydraulic presses."""
    on = scene.running.astype(np.float32)
    powered = scene.powered.astype(np.float32)
    worn = scene.severity
    oil_c = _oil_temperature(scene)
    thin = np.exp(0.018 * (oil_c - 45.0))
    soft = 0.13 * worn["dir_valve"] + 0.12 * worn["accumulator"] + 0.05 * worn["hyd_pump"]
    pressure = 168.0 * scene.load * scene.unit("pressure", 0.05)
    gap = 1.0 + 1.1 * worn["main_cyl_seal"]
    pump_leak = (1.3 + 7.0 * worn["hyd_pump"]) * thin * scene.unit("drain", 0.15)
    power = 5.0 + 27.0 * scene.load * scene.speed * scene.unit("power", 0.05) * (1.0 + 0.14 * worn["hyd_pump"])
    return {
        "sys_pressure_peak": on * pressure * (1.0 - soft),
        "hold_decay": on * 0.75 * scene.unit("hold", 0.2) * gap**3 * thin,
        "oil_temp": oil_c,
        "filter_dp": powered * (0.24 * scene.unit("filter", 0.1) + 0.75 * worn["return_filter"]) * _viscosity(oil_c),
        "case_drain_flow": on * pump_leak,
        "motor_power": powered * 4.0 + on * (power - 4.0),
        "pump_vib": powered * 0.3 + on * _vibration(scene),
        "oil_level": _oil_level(scene),
    }


def _viscosity(oil_c: Signal) -> Signal:
    """Pressure drop of cold oil against warm: several times as much at a cold start."""
    return np.asarray(np.clip(np.exp(-0.045 * (oil_c - 42.0)), 0.7, 4.0))


def _vibration(scene: Scene) -> Signal:
    base = 0.75 * scene.unit("vib", 0.15) * (0.7 + 0.4 * scene.load)
    return np.asarray(np.sqrt(base**2 + (2.6 * scene.severity["hyd_pump"]) ** 2))


def _oil_temperature(scene: Scene) -> Signal:
    worn = scene.severity
    rise = scene.unit("rise", 0.07) * (12.0 + 12.0 * scene.load * scene.speed)
    rise = rise + 14.0 * worn["hyd_oil"] + 4.0 * worn["main_cyl_seal"] + 4.0 * worn["hyd_pump"]
    target = (scene.ambient_c + rise * scene.running).astype(np.float32)
    return scene.lags.follow("oil_temp", target, tau_s=4200.0, dt_s=scene.dt_s)


def _oil_level(scene: Scene) -> Signal:
    lost = 16.0 * scene.severity["main_cyl_seal"] * scene.unit("leak", 0.3)
    return np.asarray(88.0 * scene.unit("level", 0.04) - lost - 0.05 * (scene.ambient_c - 20.0))


PHYSICS = Physics(
    jobs=(
        Job(id="PANEL-1", weight=3, mean_hours=7, load=0.86, speed=1.0, cycle_min=45, idle_min=4),
        Job(id="PANEL-2", weight=2, mean_hours=6, load=1.02, speed=0.9, cycle_min=40, idle_min=5),
        Job(id="BRKT-7", weight=2, mean_hours=5, load=0.72, speed=1.15, cycle_min=30, idle_min=3),
    ),
    slots={
        "main_cyl_seal": SlotPhysics(
            upkeep=Upkeep(noticed=0.45, repair_h=14.0), load_exponent=1.5, halving_k=10.0, reference_c=46.0, rise_k=24.0
        ),
        "hyd_pump": SlotPhysics(upkeep=Upkeep(noticed=0.45, repair_h=16.0), load_exponent=2.0, contamination_exponent=1.0),
        "return_filter": SlotPhysics(
            signature=Signature.CLOG, upkeep=Upkeep(planned_share=0.6, noticed=0.4, repair_h=1.5),
            contamination_exponent=1.0, start_h=0.2, hurts={"hyd_pump": 1.0, "dir_valve": 0.6},
        ),
        "dir_valve": SlotPhysics(
            upkeep=Upkeep(planned_share=1.2, noticed=0.3, repair_h=5.0), speed_exponent=1.0),
        "hyd_oil": SlotPhysics(
            upkeep=Upkeep(planned_share=0.4, noticed=0.25, repair_h=6.0),
            halving_k=10.0, reference_c=46.0, rise_k=24.0, hurts={"main_cyl_seal": 0.6},
        ),
        "accumulator": SlotPhysics(upkeep=Upkeep(noticed=0.35, repair_h=5.0), speed_exponent=1.0),
    },
    noise={
        "sys_pressure_peak": NoiseLaw(lingering_sd=1.1, tau_s=600, white_sd=0.9),
        "hold_decay": NoiseLaw(lingering_sd=0.07, tau_s=900, white_sd=0.06),
        "oil_temp": NoiseLaw(lingering_sd=0.35, tau_s=3600, white_sd=0.1),
        "filter_dp": NoiseLaw(lingering_sd=0.015, tau_s=1200, white_sd=0.01),
        "case_drain_flow": NoiseLaw(lingering_sd=0.11, tau_s=900, white_sd=0.07),
        "motor_power": NoiseLaw(lingering_sd=0.6, tau_s=200, white_sd=0.7),
        "pump_vib": NoiseLaw(lingering_sd=0.07, tau_s=900, white_sd=0.05),
        "oil_level": NoiseLaw(lingering_sd=0.5, tau_s=7200, white_sd=0.3),
    },
    observe=observe,
)  # fmt: skip
