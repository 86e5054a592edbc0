"""공기압축기: air-end heat, filters and separator that clog by a power of use, oil that ages, a drive that slips."""

from functools import partial

import numpy as np

from simulators.degradation import Signature, Upkeep
from simulators.equipment.physics import Job, NoiseLaw, Physics, Scene, Signal, SlotPhysics

_RATED_CURRENT_A = 58.0
_SET_PRESSURE_BAR = 7.4


def observe(scene: Scene) -> dict[str, Signal]:
    """Give the clean sensor signals of screw compressors."""
    on = scene.running.astype(np.float32)
    worn = scene.severity
    share = load_share(scene)
    short = np.clip(share - 1.0, 0.0, 0.5)
    return {
        "discharge_pressure": on * (_SET_PRESSURE_BAR * scene.unit("pressure", 0.03) - 1.8 * short),
        "airend_temp": _air_end_temperature(scene, share),
        "motor_current": on * _motor_current(scene, share),
        "separator_dp": on * (0.22 * scene.unit("separator", 0.1) + 0.85 * worn["oil_separator"]) * (0.6 + 0.4 * share),
        "intake_dp": on * (8.0 * scene.unit("intake", 0.12) + 52.0 * worn["air_filter"]) * (0.5 + 0.5 * share),
        "airend_vib": on * _vibration(scene, share),
        "load_ratio": on * np.clip(100.0 * share, 0.0, 100.0),
        "ambient_temp": scene.ambient_c,
    }


def load_share(scene: Scene) -> Signal:
    """Share of time under load: the plant's demand over what the machine still delivers."""
    worn = scene.severity
    lost = 0.10 * worn["air_filter"] + 0.14 * worn["valve_plate"] + 0.10 * worn["drive_belt"]
    return np.asarray(0.68 * scene.load * scene.unit("demand", 0.08) / (1.0 - lost))


def _motor_current(scene: Scene, share: Signal) -> Signal:
    drag = 1.0 + 0.05 * scene.severity["airend_bearing"] + 0.04 * scene.severity["oil_separator"]
    return np.asarray(_RATED_CURRENT_A * scene.unit("current", 0.05) * (0.45 + 0.55 * np.minimum(share, 1.0)) * drag)


def _vibration(scene: Scene, share: Signal) -> Signal:
    base = 3.0 * scene.unit("vib", 0.15) * (0.75 + 0.35 * share)
    faults = (9.5 * scene.severity["airend_bearing"], 4.5 * scene.severity["drive_belt"])
    return np.asarray(np.sqrt(base**2 + sum(fault**2 for fault in faults)))


def _air_end_temperature(scene: Scene, share: Signal) -> Signal:
    worn = scene.severity
    rise = scene.unit("rise", 0.05) * (44.0 + 17.0 * share) + 15.0 * worn["screw_oil"] + 10.0 * worn["oil_filter"]
    rise = rise + 11.0 * worn["airend_bearing"] + 10.0 * worn["valve_plate"]
    target = (0.8 * scene.ambient_c + 4.0 + rise * scene.running).astype(np.float32)
    return scene.lags.follow("airend_temp", target, tau_s=1100.0, dt_s=scene.dt_s)


_clogging = partial(SlotPhysics, signature=Signature.CLOG, contamination_exponent=0.9, start_h=0.0)

PHYSICS = Physics(
    jobs=(
        Job(id="A-day", weight=4, mean_hours=8, load=1.0, speed=1.0),
        Job(id="A-low", weight=2, mean_hours=6, load=0.8, speed=0.97),
        Job(id="A-peak", weight=1, mean_hours=3, load=1.16, speed=1.0, contamination=1.5),
    ),
    slots={
        "air_filter": _clogging(
            upkeep=Upkeep(planned_share=0.55, noticed=0.3, repair_h=1.0),
            hurts={"screw_oil": 0.3},
        ),
        "oil_filter": _clogging(
            upkeep=Upkeep(planned_share=0.55, noticed=0.2, repair_h=1.5),
            hurts={"airend_bearing": 0.5},
        ),
        "oil_separator": _clogging(
            upkeep=Upkeep(planned_share=0.5, noticed=0.4, repair_h=3.0),
        ),
        "screw_oil": SlotPhysics(
            upkeep=Upkeep(planned_share=0.35, noticed=0.3, repair_h=2.0),
            halving_k=10.0, reference_c=85.0, rise_k=60.0, hurts={"airend_bearing": 0.8},
        ),
        "airend_bearing": SlotPhysics(
            upkeep=Upkeep(noticed=0.5, repair_h=48.0), load_exponent=3.0, halving_k=15.0, reference_c=85.0, rise_k=60.0
        ),
        "valve_plate": SlotPhysics(upkeep=Upkeep(noticed=0.4, repair_h=8.0), load_exponent=1.5),
        "drive_belt": SlotPhysics(
            upkeep=Upkeep(planned_share=1.0, noticed=0.5, repair_h=3.0), halving_k=10.5, reference_c=45.0, rise_k=22.0, start_h=1.5
        ),
    },
    noise={
        "discharge_pressure": NoiseLaw(lingering_sd=0.08, tau_s=240, white_sd=0.06),
        "airend_temp": NoiseLaw(lingering_sd=0.8, tau_s=1800, white_sd=0.2),
        "motor_current": NoiseLaw(lingering_sd=0.9, tau_s=200, white_sd=0.8),
        "separator_dp": NoiseLaw(lingering_sd=0.018, tau_s=1200, white_sd=0.01),
        "intake_dp": NoiseLaw(lingering_sd=0.6, tau_s=1200, white_sd=0.3),
        "airend_vib": NoiseLaw(lingering_sd=0.25, tau_s=900, white_sd=0.18),
        "load_ratio": NoiseLaw(lingering_sd=3.5, tau_s=1500, white_sd=1.5),
        "ambient_temp": NoiseLaw(lingering_sd=0.4, tau_s=5400, white_sd=0.05),
    },
    observe=observe,
)  # fmt: skip
