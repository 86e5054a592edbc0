"""What a simulated accelerometer feels, against what is known of it analytically."""

import numpy as np
import pytest
from scipy import stats

from configs.bearings import bearing_of
from configs.measuring_points import Quantity
from configs.plant import MachineId
from ingest.waveform import Waveform
from ingest.waveform_features import beats, defect_frequencies_hz, standing_out, velocity_rms_mm_s
from simulators.bearing_waveform import RATE_HZ, Damage, Defect, Floats, Mounting, Shaking, orders, waveform

BEARING = bearing_of("6308")
SHAKING = Shaking(rotation_hz=29.5, velocity_mm_s=3.0, unbalance=0.2, misalignment=0.1)
MOUNTING = Mounting(resonance_hz=4_200.0, damping=0.05, noise_m_s2=0.8)
FOUND = {
    Defect.OUTER: Quantity.ENVELOPE_BPFO,
    Defect.INNER: Quantity.ENVELOPE_BPFI,
    Defect.ELEMENT: Quantity.ENVELOPE_BSF,
    Defect.CAGE: Quantity.ENVELOPE_FTF,
}


def felt(seed: int = 3, damage: Damage | None = None, shaking: Shaking = SHAKING) -> Floats:
    return waveform(shaking, MOUNTING, damage, np.random.default_rng(seed))


def as_heard(samples: Floats) -> Waveform:
    return Waveform(
        machine=MachineId("pump-01"), point="drive_end", event_time_ns=0, rate_hz=RATE_HZ, rotation_hz=29.5,
        acceleration_m_s2=samples.astype(np.float32),
    )  # fmt: skip


def test_velocity_is_that_of_the_shaft_but_for_the_noise() -> None:
    assert velocity_rms_mm_s(felt(), RATE_HZ) == pytest.approx(3.0, rel=0.05)


@pytest.mark.parametrize("snr_db", [0.0, 10.0])
def test_blows_have_the_stated_power_over_the_noise(snr_db: float) -> None:
    calm = felt()
    struck = felt(damage=Damage(bearing=BEARING, defect=Defect.OUTER, snr_db=snr_db)) - calm
    assert 20 * np.log10(struck.std() / MOUNTING.noise_m_s2) == pytest.approx(snr_db, abs=1e-6)
    assert stats.kurtosis(struck, fisher=False) > 6


@pytest.mark.parametrize("defect", list(Defect))
def test_defect_strikes_as_often_as_its_geometry_says(defect: Defect) -> None:
    samples = felt(damage=Damage(bearing=BEARING, defect=defect, snr_db=5.0))
    told = standing_out(beats(as_heard(samples), BEARING))
    assert told is not None
    assert told.quantity is FOUND[defect]


def test_orders_agree_with_the_textbook_but_for_the_element_that_strikes_twice() -> None:
    textbook = defect_frequencies_hz(BEARING, 1.0)
    expected = [textbook[FOUND[defect]] * (2 if defect is Defect.ELEMENT else 1) for defect in Defect]
    assert list(orders(BEARING).values()) == pytest.approx(expected)


def test_healthy_bearing_shows_no_defect() -> None:
    assert standing_out(beats(as_heard(felt()), BEARING)) is None


def test_misalignment_raises_twice_the_turn_and_unbalance_once() -> None:
    def line(samples: Floats, hz: float) -> float:
        return float(np.abs(np.fft.rfft(samples * np.hanning(samples.size)))[round(hz * samples.size / RATE_HZ)])

    straight = felt(shaking=Shaking(rotation_hz=30.0, velocity_mm_s=3.0, unbalance=0.0, misalignment=0.0))
    bent = felt(shaking=Shaking(rotation_hz=30.0, velocity_mm_s=3.0, unbalance=0.0, misalignment=1.0))
    heavy = felt(shaking=Shaking(rotation_hz=30.0, velocity_mm_s=3.0, unbalance=1.0, misalignment=0.0))
    assert line(bent, 60.0) > 2 * line(straight, 60.0)
    assert line(heavy, 30.0) / line(heavy, 60.0) > line(straight, 30.0) / line(straight, 60.0)


def test_same_generator_gives_the_same_waveform() -> None:
    assert np.array_equal(felt(9), felt(9))
    assert not np.array_equal(felt(9), felt(10))
