"""Waveforms to test with: tones, noise, and bearings that strike."""

import base64
from math import cos, pi, radians
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from configs.catalogue.forms import TYPED_IN
from configs.measuring_points import Quantity, derived_sensors
from configs.plant import Bearing, Machine, MachineId, MeasuringPoint, SlotId
from ingest.waveform import Waveform
from tests.fakes.plants import a_machine, a_text, a_type
from tests.fakes.readings import NOON_NS

Floats = NDArray[np.float64]

BEARING_6205 = Bearing(
    rolling_elements=9, element_diameter_mm=7.94, pitch_diameter_mm=39.04, contact_angle_deg=0.0, source=TYPED_IN
)


def a_point(**changes: Any) -> MeasuringPoint:
    told: dict[str, Any] = {
        "id": "drive_end", "name": a_text("drive end"), "slot": SlotId("seal"), "bearing": BEARING_6205, "rpm": None,
        "period_s": 600.0,
    }  # fmt: skip
    return MeasuringPoint(**(told | changes))


def a_listening_machine(name: str = "pump1", **changes: Any) -> Machine:
    """Return a machine with one measuring point and the sensors that come of it."""
    point = a_point(**changes)
    kind = a_type()
    return a_machine(name, kind, sensors=kind.sensors + derived_sensors(point), points=(point,))


def a_waveform(samples: Floats | None = None, **changes: Any) -> Waveform:
    told: dict[str, Any] = {
        "machine": MachineId("pump1"), "point": "drive_end", "event_time_ns": NOON_NS, "rate_hz": 25_600.0,
        "rotation_hz": 25.0,
        "acceleration_m_s2": np.ones(25_600, np.float32) if samples is None else samples.astype(np.float32),
    }  # fmt: skip
    return Waveform(**(told | changes))


def a_waveform_payload(samples: Floats, /, **changes: Any) -> bytes:
    told: dict[str, Any] = {
        "v": 1, "boot": "b1", "seq": 1, "ts": NOON_NS // 1_000_000, "sensor": "drive_end", "fs_hz": 25_600, "rpm": 1500,
        "unit": "m/s2", "samples": base64.b64encode(samples.astype("<f4").tobytes()).decode(),
    }  # fmt: skip
    return orjson.dumps({key: value for key, value in (told | changes).items() if value is not ...})


def a_tone(frequency_hz: float, peak_m_s2: float, length_s: float = 1.0, rate_hz: float = 25_600.0) -> Floats:
    t = np.arange(int(length_s * rate_hz)) / rate_hz
    tone: Floats = peak_m_s2 * np.sin(2 * pi * frequency_hz * t + 0.7)
    return tone


def a_struck_bearing(
    defect: Quantity,
    rng: np.random.Generator,
    *,
    rotation_hz: float,
    snr_db: float,
    length_s: float = 2.0,
    rate_hz: float = 25_600.0,
) -> Floats:
    """Return the blows of one defect of a 6205 in noise, over unbalance, with 1 % of slip and a resonance of its own.

    The frequencies are worked out here anew, so that the code under test is not its own judge.
    """
    ratio = 7.94 / 39.04 * cos(radians(0.0))
    cage_hz = rotation_hz / 2 * (1 - ratio)
    struck_hz = {
        Quantity.ENVELOPE_BPFO: 9 * cage_hz,
        Quantity.ENVELOPE_BPFI: 9 * (rotation_hz - cage_hz),
        Quantity.ENVELOPE_BSF: 39.04 / 7.94 * rotation_hz * (1 - ratio**2),
        Quantity.ENVELOPE_FTF: cage_hz,
    }[defect] * (1 + rng.uniform(-0.01, 0.01))
    n = int(length_s * rate_hz)
    gaps = (1 + rng.normal(0, 0.01, int(2 * length_s * struck_hz) + 10)) / struck_hz
    times = np.cumsum(gaps) - rng.uniform(0, 1) * gaps[0]
    times = times[times < length_s - 1 / rate_hz]
    loads = {
        Quantity.ENVELOPE_BPFI: 0.55 + 0.5 * np.cos(2 * pi * rotation_hz * times),
        Quantity.ENVELOPE_BSF: 0.5 + 0.4 * np.cos(2 * pi * cage_hz * times),
    }
    blows = np.zeros(n)
    np.add.at(
        blows, (times * rate_hz).astype(int), loads.get(defect, np.ones(times.size)) * rng.normal(1, 0.1, times.size)
    )
    ring = np.arange(int(0.02 * rate_hz)) / rate_hz
    resonance_hz = rng.uniform(1_500, 8_000)
    struck = np.convolve(blows, np.exp(-0.3 * resonance_hz * ring) * np.sin(2 * pi * resonance_hz * ring))[:n]
    struck /= struck.std()
    t = np.arange(n) / rate_hz
    unbalance = 0.5 * np.sin(2 * pi * rotation_hz * t) + 0.3 * np.sin(4 * pi * rotation_hz * t + 1)
    whole: Floats = struck + unbalance + rng.normal(0, 10 ** (-snr_db / 20), n)
    return whole
