"""원심펌프: pump curve against system curve by the affinity laws, seal leakage, bearing spalls, misalignment.

Head and flow come from the intersection of the pump's curve H = 1.25 s² - 0.25 q² (relative to the best efficiency
point at speed s = 1) with a system curve of static head and friction; wear of impeller and wear ring lowers the first.
"""

import numpy as np

from simulators.degradation import Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_STATIC_HEAD = 0.45
_BAR_AT_BEP, _FLOW_AT_BEP_M3_H, _RATED_CURRENT_A = 4.2, 42.0, 21.0
_VAPOUR_MARGIN_BAR = 0.42


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of pumps."""
    worn = scene.severity
    on = scene.running.astype(np.float32)
    speed = np.maximum(scene.speed, 0.05)
    demand = scene.load
    flow = internal_flow(speed, demand, worn["impeller"])
    head = pump_head(speed, flow, worn["impeller"]) * scene.unit("head", 0.05)
    suction = suction_bar(scene, flow)
    starved = np.clip((_VAPOUR_MARGIN_BAR - suction) / 0.25, 0.0, 1.5)
    delivered = flow * (1.0 - 0.14 * worn["wear_ring"]) * (1.0 - 0.05 * starved)
    return {
        "suction_pressure": on * suction + (1 - on) * 0.9,
        "discharge_pressure": on * (suction + _BAR_AT_BEP * head * (1.0 - 0.03 * starved)) + (1 - on) * 1.1,
        "flow": on * _FLOW_AT_BEP_M3_H * scene.unit("flow", 0.06) * delivered,
        "motor_current": on * _motor_current(scene, speed, flow, head),
        "vib": on * _vibration(scene, speed, flow, starved),
        "bearing_temp": _bearing_temperature(scene, speed),
        "seal_leak": on * _seal_leak(scene, head),
        "hf_noise": on * _high_frequency(scene, starved),
    }


def pump_head(speed: Signal, flow: Signal, impeller_wear: Signal) -> Signal:
    """Head relative to the best efficiency point: ∝ s² at similar flow (affinity laws), lower with a worn impeller."""
    return np.asarray((1.25 * speed**2 - 0.25 * flow**2) * (1.0 - 0.25 * impeller_wear), dtype=np.float32)


def internal_flow(speed: Signal, demand: Signal, impeller_wear: Signal) -> Signal:
    """Flow through the impeller where its curve meets the system's; a smaller demand is a throttled valve."""
    keep = 1.0 - 0.25 * impeller_wear
    friction = (1.0 - _STATIC_HEAD) / np.maximum(demand, 0.2) ** 2
    return np.asarray(np.sqrt(np.maximum(1.25 * keep * speed**2 - _STATIC_HEAD, 0.01) / (0.25 * keep + friction)))


def suction_bar(scene: Scene, flow: Signal) -> Signal:
    """Pressure at the suction flange: a tank that empties and fills, less what the inlet loses ∝ q²."""
    inlet = 1.05 * scene.unit("suction", 0.12)
    return np.asarray(inlet - 0.30 * scene.contamination * flow**2, dtype=np.float32)


def _motor_current(scene: Scene, speed: Signal, flow: Signal, head: Signal) -> Signal:
    off_design = flow / speed - 1.0
    efficiency = (1.0 - 0.35 * off_design**2) * (1.0 - 0.10 * scene.severity["wear_ring"])
    power = head * flow / efficiency * (1.0 + 0.05 * scene.severity["bearing"] + 0.12 * scene.severity["motor_winding"])
    return np.asarray(
        _RATED_CURRENT_A * scene.unit("current", 0.05) * np.sqrt(0.30**2 + (0.72 * power) ** 2), dtype=np.float32
    )


def _vibration(scene: Scene, speed: Signal, flow: Signal, starved: Signal) -> Signal:
    worn = scene.severity
    hydraulic = 0.9 * np.abs(flow / speed - 1.0) + 1.1 * starved
    base = 1.35 * scene.unit("vib", 0.14) * (0.45 + 0.55 * speed**2) + hydraulic
    faults = (4.6 * worn["bearing"], 4.4 * worn["coupling"], 2.6 * worn["impeller"], 0.8 * worn["mech_seal"])
    shaken = np.sqrt(base**2 + sum(fault**2 for fault in faults))
    return np.asarray(shaken * (0.8 + 0.2 * speed) + 0.25 * worn["bearing"])


def _bearing_temperature(scene: Scene, speed: Signal) -> Signal:
    worn = scene.severity
    rise = 31.0 * scene.unit("bearing_rise", 0.08) * speed**1.3 * (0.75 + 0.25 * scene.load)
    rise = rise + 16.0 * worn["bearing"] + 7.0 * worn["coupling"] + 10.0 * worn["motor_winding"]
    target = (scene.ambient_c + rise * scene.running).astype(np.float32)
    return scene.lags.follow("bearing_temp", target, tau_s=1800.0, dt_s=scene.dt_s)


def _seal_leak(scene: Scene, head: Signal) -> Signal:
    gap = 1.0 + 2.4 * scene.severity["mech_seal"]
    return np.asarray(1.6 * scene.unit("seal", 0.3) * gap**3 * head, dtype=np.float32)


def _high_frequency(scene: Scene, starved: Signal) -> Signal:
    early = np.minimum(scene.progress["bearing"], 1.0) ** 1.5 * np.sign(scene.severity["bearing"])
    dry = 2.5 * scene.severity["mech_seal"]
    return np.asarray(2.6 * scene.unit("hf", 0.2) + 13.0 * early + dry + 5.0 * starved, dtype=np.float32)


PHYSICS = Physics(
    jobs=(
        Job(id="W70", weight=3, mean_hours=9, load=0.86, speed=0.94),
        Job(id="W85", weight=4, mean_hours=14, load=0.96, speed=0.985),
        Job(id="W100", weight=3, mean_hours=7, load=1.06, speed=1.0, contamination=1.15),
        Job(id="CIP", weight=1, mean_hours=2, load=0.74, speed=0.90, contamination=1.5),
    ),
    slots={
        "mech_seal": SlotPhysics(
            upkeep=Upkeep(noticed=0.45, repair_h=7.0),
            load_exponent=1.2,
            contamination_exponent=0.9,
            halving_k=20.0,
            reference_c=45.0,
            start_h=1.5,
        ),
        "bearing": SlotPhysics(
            upkeep=Upkeep(noticed=0.5, repair_h=9.0),
            load_exponent=3.0,
            speed_exponent=1.0,
            halving_k=15.0,
            reference_c=55.0,
            rise_k=31.0,
            start_h=0.5,
        ),
        "impeller": SlotPhysics(
            upkeep=Upkeep(noticed=0.4, repair_h=12.0), speed_exponent=2.0, contamination_exponent=1.2
        ),
        "wear_ring": SlotPhysics(
            upkeep=Upkeep(planned_share=1.4, noticed=0.3, repair_h=10.0), contamination_exponent=1.5
        ),
        "coupling": SlotPhysics(
            upkeep=Upkeep(noticed=0.5, repair_h=5.0),
            load_exponent=2.0,
            start_h=2.0,
            hurts={"bearing": 1.5, "mech_seal": 0.8},
        ),
        "motor_winding": SlotPhysics(
            upkeep=Upkeep(planned_share=1.4, noticed=0.15, repair_h=30.0),
            halving_k=10.0,
            reference_c=42.0,
            rise_k=22.0,
            start_h=3.0,
        ),
    },
    noise={
        "suction_pressure": NoiseLaw(lingering_sd=0.035, tau_s=900, white_sd=0.012),
        "discharge_pressure": NoiseLaw(lingering_sd=0.045, tau_s=600, white_sd=0.03),
        "flow": NoiseLaw(lingering_sd=0.8, tau_s=600, white_sd=0.35),
        "motor_current": NoiseLaw(lingering_sd=0.18, tau_s=240, white_sd=0.16),
        "vib": NoiseLaw(lingering_sd=0.11, tau_s=1200, white_sd=0.07),
        "bearing_temp": NoiseLaw(lingering_sd=0.5, tau_s=3600, white_sd=0.12),
        "seal_leak": NoiseLaw(lingering_sd=1.1, tau_s=5400, white_sd=0.7),
        "hf_noise": NoiseLaw(lingering_sd=0.55, tau_s=1200, white_sd=0.4),
    },
    observe=observe,
)
