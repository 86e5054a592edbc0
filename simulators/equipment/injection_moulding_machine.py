"""사출성형기: values per shot (cushion, injection pressure, dosing), heated zones, hydraulics behind them."""

import numpy as np

from simulators.degradation import Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_ZONE_OFFSETS_K = {"barrel_temp_z1": -14.0, "barrel_temp_z2": -4.0, "barrel_temp_z3": 3.0, "barrel_temp_z4": 8.0}
_FAILED_ZONE = "barrel_temp_z3"


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of injection moulding machines."""
    on = scene.running.astype(np.float32)
    powered = scene.powered.astype(np.float32)
    worn = scene.severity
    leak = worn["check_ring"]
    weak = 0.08 * worn["hyd_pump"] + 0.07 * worn["hyd_seal"]
    dosing = 6.8 * scene.unit("dosing", 0.08) / scene.speed * (1.0 + 0.24 * worn["screw_tip_barrel"] + 0.08 * leak)
    zones = {name: _zone(scene, name, offset) for name, offset in _ZONE_OFFSETS_K.items()}
    return {
        "cushion": on * (5.4 * scene.unit("cushion", 0.1) - 2.1 * leak),
        "peak_inj_pressure": on * 1120.0 * scene.load * scene.unit("pressure", 0.05) * (1.0 - weak),
        "dosing_time": on * dosing,
        "cycle_time": on
        * (31.0 / scene.speed * scene.unit("cycle", 0.05) + 0.5 * dosing * leak + 2.2 * worn["hyd_pump"]),
        **zones,
        "heater_current": powered * 20.4 * scene.unit("heater", 0.03) * (1.0 - 0.42 * _broken_band(scene)),
        "oil_temp": _oil_temperature(scene),
        "filter_dp": powered * (0.30 * scene.unit("filter", 0.12) + 1.75 * worn["hyd_filter"]),
    }


def _broken_band(scene: Scene) -> Signal:
    """Give how much of a heater band is open: it breaks strand by strand."""
    return np.asarray(np.minimum(scene.severity["heater_band"], 1.2))


def _zone(scene: Scene, name: str, offset_k: float) -> Signal:
    setpoint = 212.0 + 18.0 * (scene.contamination - 1.0) + offset_k
    cold = 9.0 * _broken_band(scene) if name == _FAILED_ZONE else np.float32(0.0)
    spread = 3.0 * scene.severity["screw_tip_barrel"]
    held = np.where(scene.powered, setpoint - cold + spread, scene.ambient_c)
    return scene.lags.follow(name, held.astype(np.float32), tau_s=900.0, dt_s=scene.dt_s)


def _oil_temperature(scene: Scene) -> Signal:
    worn = scene.severity
    rise = scene.unit("rise", 0.06) * (16.0 + 7.0 * scene.load) + 11.0 * worn["hyd_seal"] + 4.0 * worn["hyd_pump"]
    target = (0.6 * scene.ambient_c + 9.0 + rise * scene.running).astype(np.float32)
    return scene.lags.follow("oil_temp", target, tau_s=3600.0, dt_s=scene.dt_s)


PHYSICS = Physics(
    jobs=(
        Job(id="PP-CAP", weight=3, mean_hours=10, load=0.84, speed=1.1, contamination=0.95, cycle_min=120, idle_min=4),
        Job(id="ABS-CASE", weight=3, mean_hours=12, load=1.0, speed=0.95, contamination=1.0, cycle_min=120, idle_min=5),
        Job(id="PA66-GF30", weight=1, mean_hours=8, load=1.16, speed=0.9, contamination=2.3, cycle_min=120, idle_min=6),
    ),
    slots={
        "check_ring": SlotPhysics(
            upkeep=Upkeep(noticed=0.5, repair_h=6.0), load_exponent=1.0, contamination_exponent=1.1
        ),
        "screw_tip_barrel": SlotPhysics(upkeep=Upkeep(noticed=0.5, repair_h=30.0), contamination_exponent=1.1),
        "heater_band": SlotPhysics(upkeep=Upkeep(noticed=0.3, repair_h=2.0), load_exponent=0.0, start_h=2.0),
        "hyd_pump": SlotPhysics(upkeep=Upkeep(noticed=0.4, repair_h=14.0), load_exponent=2.0),
        "hyd_filter": SlotPhysics(
            signature=Signature.CLOG, upkeep=Upkeep(planned_share=0.6, noticed=0.4, repair_h=1.5),
            load_exponent=0.0, speed_exponent=0.0, start_h=0.0, hurts={"hyd_pump": 1.0},
        ),
        "hyd_seal": SlotPhysics(
            upkeep=Upkeep(noticed=0.4, repair_h=8.0), halving_k=10.0, reference_c=46.0, rise_k=25.0, load_exponent=1.5
        ),
    },
    noise={
        "cushion": NoiseLaw(lingering_sd=0.12, tau_s=900, white_sd=0.10),
        "peak_inj_pressure": NoiseLaw(lingering_sd=8.0, tau_s=900, white_sd=6.0),
        "dosing_time": NoiseLaw(lingering_sd=0.07, tau_s=900, white_sd=0.07),
        "cycle_time": NoiseLaw(lingering_sd=0.15, tau_s=900, white_sd=0.15),
        **{zone: NoiseLaw(lingering_sd=0.5, tau_s=600, white_sd=0.2) for zone in _ZONE_OFFSETS_K},
        "heater_current": NoiseLaw(lingering_sd=0.12, tau_s=900, white_sd=0.1),
        "oil_temp": NoiseLaw(lingering_sd=0.35, tau_s=3000, white_sd=0.1),
        "filter_dp": NoiseLaw(lingering_sd=0.025, tau_s=1200, white_sd=0.015),
    },
    observe=observe,
)  # fmt: skip
