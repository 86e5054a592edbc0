"""Vibration: the right defect out of noise, and the velocity against its analytic value."""

from time import process_time

import numpy as np

from benchmarks.report import Bar, Sense
from configs.bearings import bearing_of
from configs.measuring_points import DEFECTS, Quantity
from ingest.waveform_features import band_response, beats, describe, standing_out, velocity_rms_mm_s
from simulators.bearing_waveform import Damage, Defect, Mounting, Shaking, waveform
from tests.fakes.waveforms import BEARING_6205, a_struck_bearing, a_tone, a_waveform

ROUNDS = 50
SNR_DB = (0.0, 2.5, 5.0, 7.5, 10.0)
RATE_HZ = 25_600.0
SLOW_HZ, FAST_HZ = 12.0, 50.0
TONES_HZ = (7.0, 8.0, 9.0, 10.0, 11.0, 12.5, 16.0, 79.4, 500.0, 800.0, 900.0, 1_000.0, 1_100.0, 1_250.0, 1_400.0)
SEED = 20816
SIMULATED = ("6205", "6308", "UER204", "ZA-2115")
STRUCK_BY = {
    Defect.OUTER: Quantity.ENVELOPE_BPFO,
    Defect.INNER: Quantity.ENVELOPE_BPFI,
    Defect.ELEMENT: Quantity.ENVELOPE_BSF,
    Defect.CAGE: Quantity.ENVELOPE_FTF,
}


def bars() -> list[Bar]:
    """Return what was measured of vibration."""
    rng = np.random.default_rng(SEED)
    shares = {defect: _right_share(defect, rng) for defect in DEFECTS}
    named = {
        f"right defect, {defect.removeprefix('envelope_').upper()}, SNR 0 to 10 dB": share
        for defect, share in shares.items()
    }
    least = [
        Bar(name=name, value=100 * share, unit="%", must=95, sense=Sense.AT_LEAST) for name, share in named.items()
    ]
    simulated = [
        Bar(
            name=f"right defect, simulated bearings, {defect.value.replace('_', ' ')}, SNR 0 to 10 dB",
            value=100 * _simulated_share(defect, rng),
            unit="%",
            must=95,
            sense=Sense.AT_LEAST,
        )
        for defect in Defect
    ]
    return [
        *least,
        *simulated,
        Bar(
            name="healthy simulated bearings that pass for damaged",
            value=100 * _simulated_false(rng),
            unit="%",
            must=1.0,
        ),
        Bar(name="noise that passes for a defect", value=100 * _false_share(rng), unit="%", must=1.0),
        Bar(name="velocity, worst error, 7 to 1,400 Hz, 1 s", value=100 * _worst_error(1.0), unit="%", must=2.0),
        Bar(name="velocity, worst error, 7 to 1,400 Hz, 0.64 s", value=100 * _worst_error(0.64), unit="%", must=None),
        Bar(
            name="response at 10 Hz (ISO 2954: 0.8 to 1.1)",
            value=_response(10.0),
            unit="",
            must=0.8,
            sense=Sense.AT_LEAST,
        ),
        Bar(
            name="response at 1 kHz (ISO 2954: 0.8 to 1.1)",
            value=_response(1_000.0),
            unit="",
            must=0.8,
            sense=Sense.AT_LEAST,
        ),
        Bar(name="CPU of a waveform of 25,600 points", value=_time_ms(rng), unit="ms", must=None),
    ]


def _right_share(defect: Quantity, rng: np.random.Generator) -> float:
    """Return in how many of 250 bearings, 12 to 50 Hz, two seconds each, the defect that strikes is the one that is told."""
    right = 0
    for snr_db in SNR_DB * ROUNDS:
        rotation_hz = float(rng.uniform(SLOW_HZ, FAST_HZ))
        samples = a_struck_bearing(defect, rng, rotation_hz=rotation_hz, snr_db=snr_db)
        told = standing_out(beats(a_waveform(samples, rotation_hz=rotation_hz), BEARING_6205))
        right += told is not None and told.quantity is defect
    return right / (len(SNR_DB) * ROUNDS)


def _simulated_share(defect: Defect, rng: np.random.Generator) -> float:
    """Return in how many of 200 simulated bearings of four kinds the defect is the one that is told.

    The speed that the product is told is a thousandth off, as a gateway's reading is.
    """
    right = 0
    for snr_db in SNR_DB * (ROUNDS // 5):
        for number in SIMULATED:
            damage = Damage(bearing=bearing_of(number), defect=defect, snr_db=snr_db)
            right += _told(number, damage, rng) is STRUCK_BY[defect]
    return right / (len(SNR_DB) * (ROUNDS // 5) * len(SIMULATED))


def _simulated_false(rng: np.random.Generator) -> float:
    rounds = 100
    false = sum(_told(number, None, rng) is not None for _ in range(rounds) for number in SIMULATED)
    return false / (rounds * len(SIMULATED))


def _told(number: str, damage: Damage | None, rng: np.random.Generator) -> Quantity | None:
    shaking = Shaking(
        rotation_hz=float(rng.uniform(SLOW_HZ, FAST_HZ)),
        velocity_mm_s=float(rng.uniform(1.0, 6.0)),
        unbalance=float(rng.uniform(0.0, 1.0)),
        misalignment=float(rng.uniform(0.0, 1.0)),
    )
    mounting = Mounting(
        resonance_hz=float(rng.uniform(2_000, 7_000)),
        damping=float(rng.uniform(0.03, 0.08)),
        noise_m_s2=float(rng.uniform(0.6, 1.6)),
    )
    samples = waveform(shaking, mounting, damage, rng)
    heard = a_waveform(samples, rotation_hz=shaking.rotation_hz * (1 + float(rng.normal(0, 0.001))))
    found = standing_out(beats(heard, bearing_of(number)))
    return found.quantity if found else None


def _false_share(rng: np.random.Generator) -> float:
    rounds, false = 1_000, 0
    for _ in range(rounds):
        noise = a_waveform(rng.normal(size=51_200), rotation_hz=float(rng.uniform(SLOW_HZ, FAST_HZ)))
        false += standing_out(beats(noise, BEARING_6205)) is not None
    return false / rounds


def _worst_error(length_s: float) -> float:
    errors = []
    for frequency_hz in TONES_HZ:
        analytic = 10 / (2 * np.pi * frequency_hz) / np.sqrt(2) * 1_000 * _response(frequency_hz)
        errors.append(abs(velocity_rms_mm_s(a_tone(frequency_hz, 10.0, length_s, RATE_HZ), RATE_HZ) / analytic - 1))
    return float(max(errors))


def _response(frequency_hz: float) -> float:
    return float(band_response(np.array([frequency_hz]))[0])


def _time_ms(rng: np.random.Generator) -> float:
    waveform = a_waveform(rng.normal(size=25_600))
    started = process_time()
    for _ in range(20):
        describe(waveform, BEARING_6205)
    return (process_time() - started) / 20 * 1_000
