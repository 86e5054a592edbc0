"""냉각팬/칠러: an air filter that clogs by a power of use, blades and a condenser that foul, a compressor that tires."""

from functools import partial

import numpy as np

from simulators.degradation import Repair, Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of fan and chiller sets."""
    on = scene.running.astype(np.float32)
    worn = scene.severity
    air = air_flow(scene)
    approach = scene.unit("approach", 0.1) * (2.2 + 1.1 * scene.load) + 4.6 * worn["condenser_fouling"]
    weak = 0.22 * worn["refrig_compressor"]
    condensing_c = 0.55 * scene.ambient_c + 24.0 + 1.4 * approach
    return {
        "fan_vib": on * _vibration(scene),
        "motor_current": on * 22.0 * scene.unit("current", 0.05) * _power(scene, air),
        "filter_dp": on * _filter_drop(scene),
        "supply_temp": _supply_temperature(scene),
        "cond_approach": on * approach,
        "suct_pressure": on * (4.4 * scene.unit("suction", 0.05) * (0.9 + 0.1 * scene.load) + 5.0 * weak)
        + (1 - on) * 7.0,
        "disch_pressure": on * _saturation_bar(condensing_c) * (1.0 - weak) + (1 - on) * 7.2,
        "ambient_temp": scene.ambient_c,
    }


def air_flow(scene: Scene) -> Signal:
    """Air flow relative to rated: ∝ speed (affinity), less with a clogged filter or a slipping belt."""
    worn = scene.severity
    return np.asarray(scene.speed * (1.0 - 0.18 * worn["air_filter"]) * (1.0 - 0.20 * worn["fan_belt"]))


def _filter_drop(scene: Scene) -> Signal:
    """Pressure drop in Pa: ∝ the fan's speed squared, and from 72 to 250 at rated speed as the filter clogs.

    The power law was measured on the drop itself, behind a fan whose flow falls as the filter clogs; so the flow that is lost is in
    it already.
    """
    worn = scene.severity
    turning = scene.speed * (1.0 - 0.20 * worn["fan_belt"])
    return np.asarray((72.0 * scene.unit("filter", 0.1) + 178.0 * worn["air_filter"]) * turning**2)


def _power(scene: Scene, air: Signal) -> Signal:
    """Fan power ∝ flow cubed, beside a compressor that follows the cooling load."""
    return np.asarray(0.30 * air**3 + (0.62 + 0.08 * scene.severity["condenser_fouling"]) * scene.load)


def _vibration(scene: Scene) -> Signal:
    worn = scene.severity
    unbalance = 1.7 * scene.unit("vib", 0.2) + 4.6 * worn["impeller_fouling"]
    faults = (unbalance * scene.speed**2, 6.5 * worn["fan_bearing"], 1.8 * worn["fan_belt"])
    return np.asarray(np.sqrt(sum(fault**2 for fault in faults)))


def _supply_temperature(scene: Scene) -> Signal:
    weak = 5.0 * scene.severity["refrig_compressor"] + 1.4 * scene.severity["condenser_fouling"]
    cooled = 8.6 * scene.unit("supply", 0.05) + 2.2 * (scene.load - 0.9) + weak + 0.04 * (scene.ambient_c - 21.0)
    target = np.where(scene.running, cooled, 0.5 * scene.ambient_c + 8.0).astype(np.float32)
    return scene.lags.follow("supply_temp", target, tau_s=1500.0, dt_s=scene.dt_s)


def _saturation_bar(condensing_c: Signal) -> Signal:
    """Condensing pressure of R134a between 20 and 60 °C, within two percent of its tables."""
    return np.asarray(2.93 * np.exp(0.0296 * condensing_c))


_fouling = partial(SlotPhysics, signature=Signature.CLOG, contamination_exponent=0.9, start_h=0.0, load_exponent=0.0)

PHYSICS = Physics(
    jobs=(
        Job(id="C-day", weight=3, mean_hours=9, load=0.95, speed=0.97),
        Job(id="C-night", weight=3, mean_hours=8, load=0.76, speed=0.86),
        Job(id="C-hot", weight=1, mean_hours=5, load=1.12, speed=1.0, contamination=1.5),
    ),
    slots={
        "air_filter": _fouling(
            upkeep=Upkeep(planned_share=0.55, noticed=0.4, repair_h=1.0),
            hurts={"refrig_compressor": 0.3},
        ),
        "fan_belt": SlotPhysics(
            upkeep=Upkeep(planned_share=1.0, noticed=0.45, repair_h=2.5), start_h=1.5, speed_exponent=1.5),
        "fan_bearing": SlotPhysics(upkeep=Upkeep(noticed=0.5, repair_h=8.0), speed_exponent=1.0, load_exponent=1.0),
        "impeller_fouling": _fouling(
            upkeep=Upkeep(planned_share=0.6, noticed=0.5, repair_h=3.0, repair=Repair.CLEAN),
            hurts={"fan_bearing": 1.5},
        ),
        "condenser_fouling": _fouling(
            upkeep=Upkeep(planned_share=0.6, noticed=0.45, repair_h=5.0, repair=Repair.CLEAN),
            hurts={"refrig_compressor": 0.8},
        ),
        "refrig_compressor": SlotPhysics(
            upkeep=Upkeep(noticed=0.4, repair_h=40.0), load_exponent=1.5, halving_k=12.0, reference_c=45.0, rise_k=24.0
        ),
    },
    noise={
        "fan_vib": NoiseLaw(lingering_sd=0.16, tau_s=900, white_sd=0.11),
        "motor_current": NoiseLaw(lingering_sd=0.3, tau_s=300, white_sd=0.3),
        "filter_dp": NoiseLaw(lingering_sd=2.8, tau_s=1200, white_sd=1.4),
        "supply_temp": NoiseLaw(lingering_sd=0.22, tau_s=900, white_sd=0.08),
        "cond_approach": NoiseLaw(lingering_sd=0.15, tau_s=1800, white_sd=0.08),
        "suct_pressure": NoiseLaw(lingering_sd=0.06, tau_s=600, white_sd=0.03),
        "disch_pressure": NoiseLaw(lingering_sd=0.15, tau_s=900, white_sd=0.06),
        "ambient_temp": NoiseLaw(lingering_sd=0.4, tau_s=5400, white_sd=0.05),
    },
    observe=observe,
)  # fmt: skip
