"""Vibration figures against what they are by calculation."""

import numpy as np
import pytest

from configs.measuring_points import DEFECTS, Quantity
from ingest.waveform_features import (
    Beat,
    amplitude_spectrum,
    band_response,
    beats,
    describe,
    envelope_spectrum,
    standing_out,
    velocity_rms_mm_s,
)
from tests.fakes.waveforms import BEARING_6205, a_struck_bearing, a_tone, a_waveform


@pytest.mark.parametrize("frequency_hz", [8.0, 9.0, 10.0, 11.0, 16.3, 79.4, 500.0, 900.0, 1000.0, 1100.0])
@pytest.mark.parametrize("length_s", [0.5, 1.0, 1.37])
def test_velocity_is_the_analytic_one_through_the_bands_response(frequency_hz: float, length_s: float) -> None:
    """RMS = peak / (2 pi f) / sqrt(2), times the response; 2 % from one second on, 4 % from half a second."""
    response = float(band_response(np.array([frequency_hz]))[0])
    analytic_mm_s = 10 / (2 * np.pi * frequency_hz) / np.sqrt(2) * 1000 * response
    measured = velocity_rms_mm_s(a_tone(frequency_hz, 10.0, length_s), 25_600.0)
    assert measured == pytest.approx(analytic_mm_s, rel=0.02 if length_s >= 1 else 0.04)


def test_the_corners_lie_inside_what_an_instrument_may_do() -> None:
    """ISO 2954: 0.8 to 1.1 at 10 Hz and 1 kHz, 0.9 to 1.1 in between from 20 to 500 Hz."""
    corners, between = band_response(np.array([10.0, 1000.0])), band_response(np.array([20.0, 40.0, 160.0, 500.0]))
    assert ((corners >= 0.8) & (corners <= 1.1)).all()
    assert ((between >= 0.99) & (between <= 1.01)).all()


def test_what_lies_outside_the_band_hardly_counts() -> None:
    inside = velocity_rms_mm_s(a_tone(100.0, 1.0), 25_600.0)
    drift = a_tone(100.0, 1.0) + np.linspace(0, 20, 25_600) + 3
    assert velocity_rms_mm_s(drift, 25_600.0) == pytest.approx(inside, rel=0.01)


def test_a_sine_is_described_as_one() -> None:
    found = describe(a_waveform(a_tone(100.0, 2.0) + 9.81, rotation_hz=None), BEARING_6205)
    assert found == pytest.approx(
        {
            Quantity.ACCELERATION_RMS: 2 / np.sqrt(2),
            Quantity.PEAK_TO_PEAK: 4.0,
            Quantity.VELOCITY_RMS: 2 / (200 * np.pi) / np.sqrt(2) * 1000,
            Quantity.KURTOSIS: 1.5,
            Quantity.CREST_FACTOR: np.sqrt(2),
        },
        rel=0.01,
    )


def test_a_sensor_that_shows_nothing_has_no_shape() -> None:
    found = describe(a_waveform(np.zeros(25_600)), BEARING_6205)
    assert found[Quantity.ACCELERATION_RMS] == 0
    assert Quantity.KURTOSIS not in found
    assert standing_out(beats(a_waveform(np.zeros(25_600)), BEARING_6205)) is None


def test_a_short_waveform_gives_what_it_can() -> None:
    found = describe(a_waveform(a_tone(100.0, 2.0, 0.2)), BEARING_6205)
    assert Quantity.VELOCITY_RMS not in found
    assert Quantity.ENVELOPE_FTF not in found
    assert Quantity.ENVELOPE_BPFO in found


def test_without_a_bearing_only_the_turn_of_the_shaft_is_looked_for() -> None:
    assert [beat.quantity for beat in beats(a_waveform(a_tone(3000.0, 1.0)), None)] == [Quantity.ENVELOPE_1X]


def test_a_turn_that_the_sampling_cannot_show_is_left_out() -> None:
    fast = a_waveform(a_tone(100.0, 1.0, 0.5, 2_560.0), rate_hz=2_560.0, rotation_hz=200.0)
    assert beats(fast, BEARING_6205) == ()
    assert envelope_spectrum(fast).amplitudes.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_defect_that_strikes_is_the_one_that_stands_out(defect: Quantity) -> None:
    rng = np.random.default_rng(20816)
    right = 0
    for snr_db in (0.0, 5.0, 10.0) * 4:
        rotation_hz = float(rng.uniform(12, 50))
        struck = a_struck_bearing(defect, rng, rotation_hz=rotation_hz, snr_db=snr_db)
        found = standing_out(beats(a_waveform(struck, rotation_hz=rotation_hz), BEARING_6205))
        right += found is not None and found.quantity is defect
    assert right >= 11


def test_noise_has_no_defect() -> None:
    rng = np.random.default_rng(7)
    noise = (a_waveform(rng.normal(size=25_600), rotation_hz=float(rng.uniform(12, 50))) for _ in range(100))
    assert [standing_out(beats(each, BEARING_6205)) for each in noise] == [None] * 100


def test_a_multiple_beyond_the_envelope_is_left_out() -> None:
    """At 12.8 kHz the third multiple of a fast inner race lies beyond the envelope's band."""
    rng = np.random.default_rng(3)
    waveform = a_waveform(rng.normal(size=5_120), rate_hz=5_120.0, rotation_hz=100.0)
    (beat,) = [beat for beat in beats(waveform, BEARING_6205) if beat.quantity is Quantity.ENVELOPE_BPFI] or [None]
    assert beat is None or isinstance(beat, Beat)


def test_the_spectrum_shows_a_tone_at_its_frequency_and_size() -> None:
    spectrum = amplitude_spectrum(a_waveform(a_tone(400.0, 3.0)))
    peak = int(np.argmax(spectrum.amplitudes))
    assert spectrum.frequencies_hz[peak] == 400.0
    assert spectrum.amplitudes[peak] == pytest.approx(3.0, rel=0.01)
    assert spectrum.frequencies_hz[-1] <= 10_000
