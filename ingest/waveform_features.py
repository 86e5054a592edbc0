"""What a waveform comes to: vibration velocity, impulsiveness, and the beat of a bearing's defects in its envelope."""

from dataclasses import dataclass
from math import cos, log, pi, radians
from statistics import geometric_mean

import numpy as np
from numpy import fft
from numpy.typing import NDArray

from configs.measuring_points import Quantity
from configs.plant import Bearing
from ingest.waveform import Waveform

Floats = NDArray[np.float64]

LOW_CORNER_HZ = 10 * 10**-0.1
HIGH_CORNER_HZ = 1_000 * 10**0.1
"""Where the band of vibration velocity is down to 1/√2: a third of an octave outside 10 Hz and 1 kHz.

So the response is 0.894 at 10 Hz and at 1 kHz, inside the 0.8 to 1.1 that ISO 2954 allows an instrument there.
"""

CORNER_ORDER = 3
VELOCITY_MIN_S = 0.5
"""A shorter waveform holds too few turns of 10 Hz for a velocity."""

ENVELOPE_FROM_HZ = 500.0
ENVELOPE_FROM_TURNS = 10.0
"""The envelope is taken above both: the blows of a defect ring high up, unbalance and misalignment do not."""

ENVELOPE_TO = 1 / 2.56
"""The share of the sampling rate up to which an anti-aliasing filter leaves a waveform whole."""

SLIP = 0.02
"""How far rolling elements may slip: a defect's beat lies within this share of its calculated frequency."""

HARMONICS = 3
CYCLES_MIN = 5.0
"""A beat of which a waveform holds fewer cycles is not told from its neighbours."""

STANDS_OUT = 4.5
"""The prominence above which a beat is one: noise alone reaches it in fewer than 1 of 1,000 waveforms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spectrum:
    """Amplitudes (n,) at frequencies (n,) in Hz, from 0 at even steps."""

    frequencies_hz: Floats
    amplitudes: Floats

    @property
    def step_hz(self) -> float:
        """The distance of two lines."""
        return float(self.frequencies_hz[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """A defect's frequency in an envelope: how strong it is in m/s², and how far it stands out of what is around it."""

    quantity: Quantity
    frequency_hz: float
    rms_m_s2: float
    prominence: float


def describe(waveform: Waveform, bearing: Bearing | None) -> dict[Quantity, float]:
    """Return what a waveform comes to; what it is too short for, or nobody knows the speed or bearing for, is left out."""
    acceleration = waveform.acceleration_m_s2.astype(np.float64)
    steady = acceleration - acceleration.mean()
    rms = float(np.sqrt(np.mean(steady**2)))
    found = {Quantity.ACCELERATION_RMS: rms, Quantity.PEAK_TO_PEAK: float(np.ptp(steady))}
    if waveform.length_s >= VELOCITY_MIN_S:
        found[Quantity.VELOCITY_RMS] = velocity_rms_mm_s(steady, waveform.rate_hz)
    if rms > 0:
        found[Quantity.KURTOSIS] = float(np.mean(steady**4)) / rms**4
        found[Quantity.CREST_FACTOR] = float(np.max(np.abs(steady))) / rms
    return found | {beat.quantity: beat.rms_m_s2 for beat in beats(waveform, bearing)}


def velocity_rms_mm_s(acceleration_m_s2: Floats, rate_hz: float) -> float:
    """Return the broad-band vibration velocity, 10 Hz to 1 kHz (ISO 20816-1), of an acceleration (n,).

    The integration and the third-order Butterworth corners (ISO 2954) are weights of the spectrum, so nothing has to
    settle first.

    Examples
    --------
    >>> t = np.arange(25_600) / 25_600
    >>> round(velocity_rms_mm_s(10 * np.sin(2 * np.pi * 80 * t), 25_600.0), 2)  # 10 m/s2 / (2 pi 80 Hz) / sqrt(2)
    14.07
    """
    n = acceleration_m_s2.size
    window = _hann(n)
    lines = np.abs(fft.rfft(_detrended(acceleration_m_s2) * window))[1:] ** 2
    frequencies = _frequencies(n, rate_hz)[1:]
    mean_square = 2 * lines / (n * np.sum(window**2))
    weighted = mean_square * band_response(frequencies) ** 2 / (2 * pi * frequencies) ** 2
    return float(np.sqrt(weighted.sum())) * 1_000


def band_response(frequencies_hz: Floats) -> Floats:
    """Return the share (n,) of an amplitude that the band of vibration velocity lets through."""
    low = 1 / (1 + (LOW_CORNER_HZ / frequencies_hz) ** (2 * CORNER_ORDER))
    high = 1 / (1 + (frequencies_hz / HIGH_CORNER_HZ) ** (2 * CORNER_ORDER))
    response: Floats = np.sqrt(low * high)
    return response


def defect_frequencies_hz(bearing: Bearing, rotation_hz: float) -> dict[Quantity, float]:
    """Return how often a defect strikes: outer race, inner race, rolling element (once a turn), cage.

    Examples
    --------
    >>> from configs.catalogue.forms import TYPED_IN
    >>> bearing = Bearing(
    ...     rolling_elements=9, element_diameter_mm=7.94, pitch_diameter_mm=39.04, contact_angle_deg=0, source=TYPED_IN
    ... )
    >>> [round(f, 2) for f in defect_frequencies_hz(bearing, 1.0).values()]
    [3.58, 5.42, 2.36, 0.4]
    """
    ratio = bearing.element_diameter_mm / bearing.pitch_diameter_mm * cos(radians(bearing.contact_angle_deg))
    half = bearing.rolling_elements / 2
    return {
        Quantity.ENVELOPE_BPFO: half * rotation_hz * (1 - ratio),
        Quantity.ENVELOPE_BPFI: half * rotation_hz * (1 + ratio),
        Quantity.ENVELOPE_BSF: bearing.pitch_diameter_mm
        / (2 * bearing.element_diameter_mm)
        * rotation_hz
        * (1 - ratio**2),
        Quantity.ENVELOPE_FTF: rotation_hz / 2 * (1 - ratio),
    }


def amplitude_spectrum(waveform: Waveform) -> Spectrum:
    """Return the amplitudes of a waveform's acceleration in m/s², up to where the sampling lets it be trusted."""
    n = waveform.acceleration_m_s2.size
    window = _hann(n)
    steady = _detrended(waveform.acceleration_m_s2.astype(np.float64))
    amplitudes = np.abs(fft.rfft(steady * window)) * 2 / window.sum()
    frequencies = _frequencies(n, waveform.rate_hz)
    kept = frequencies <= waveform.rate_hz * ENVELOPE_TO
    return Spectrum(frequencies_hz=frequencies[kept], amplitudes=amplitudes[kept])


def envelope_spectrum(waveform: Waveform) -> Spectrum:
    """Return the amplitudes of a waveform's envelope in m/s²: what beats in the high frequencies, and how fast.

    The analytic signal of the band is taken at the band's own rate, which leaves its envelope as it is.
    """
    n, step_hz = waveform.acceleration_m_s2.size, waveform.rate_hz / waveform.acceleration_m_s2.size
    low_hz = max(ENVELOPE_FROM_HZ, ENVELOPE_FROM_TURNS * (waveform.rotation_hz or 0.0))
    lines = fft.rfft(waveform.acceleration_m_s2.astype(np.float64))
    band = lines[int(low_hz / step_hz) : int(waveform.rate_hz * ENVELOPE_TO / step_hz)]
    if band.size < 4:
        return Spectrum(frequencies_hz=np.array([0.0, step_hz]), amplitudes=np.zeros(2))
    envelope = np.abs(fft.ifft(band)) * 2 * band.size / n
    window = _hann(band.size)
    amplitudes = np.abs(fft.rfft((envelope - envelope.mean()) * window)) * 2 / window.sum()
    return Spectrum(frequencies_hz=np.arange(amplitudes.size) * step_hz, amplitudes=amplitudes)


def beats(waveform: Waveform, bearing: Bearing | None) -> tuple[Beat, ...]:
    """Return the turn of the shaft and the defects of its bearing as they show in the envelope.

    Nothing where nobody knows the speed. A damaged rolling element strikes both races, twice a turn of its own.
    """
    if waveform.rotation_hz is None:
        return ()
    spectrum = envelope_spectrum(waveform)
    wanted = {Quantity.ENVELOPE_1X: waveform.rotation_hz}
    if bearing is not None:
        wanted |= defect_frequencies_hz(bearing, waveform.rotation_hz)
    found = []
    for quantity, frequency_hz in wanted.items():
        struck_hz = 2 * frequency_hz if quantity is Quantity.ENVELOPE_BSF else frequency_hz
        if struck_hz * waveform.length_s >= CYCLES_MIN and 1.3 * struck_hz < spectrum.frequencies_hz[-1]:
            rms, prominence = _beat(spectrum, struck_hz)
            found.append(Beat(quantity=quantity, frequency_hz=struck_hz, rms_m_s2=rms, prominence=prominence))
    return tuple(found)


def standing_out(found: tuple[Beat, ...]) -> Beat | None:
    """Return the defect that stands out most, if any does; the turn of the shaft is no defect."""
    defects = [beat for beat in found if beat.quantity is not Quantity.ENVELOPE_1X]
    most = max(defects, key=lambda beat: beat.prominence, default=None)
    return most if most is not None and most.prominence >= STANDS_OUT else None


def _beat(spectrum: Spectrum, frequency_hz: float) -> tuple[float, float]:
    """Return the strength of a beat and its multiples, and how far they stand out: 0 is no more than noise.

    The strength is that of so many equal lines with the geometric mean of their powers: a train of blows has every
    multiple, while a line of something else that happens to lie at one of them hardly counts.

    For each multiple, the power of its strongest line over the mean power of noise around it (from the median, for
    which noise has an exponential distribution), less what the strongest of so many lines of noise has; as a logarithm,
    so that a single strong line does not pass for a train of blows.
    """
    step, power = spectrum.step_hz, spectrum.amplitudes**2
    peaks: list[float] = []
    prominence = 0.0
    for multiple in range(1, HARMONICS + 1):
        centre = multiple * frequency_hz
        half = max(SLIP * centre, 1.5 * step)
        first, last = int(np.ceil((centre - half) / step)), int(np.floor((centre + half) / step)) + 1
        if last > power.size:
            break
        around = power[max(2, int(0.7 * centre / step)) : int(1.3 * centre / step) + 8]
        noise = float(np.median(around)) / log(2)
        peak = float(np.max(power[first:last]))
        peaks.append(peak)
        if noise > 0:
            prominence += log(max(peak / noise - log(last - first), 1.0))
    together = geometric_mean(peaks) if min(peaks, default=0.0) > 0 else 0.0
    return float(np.sqrt(len(peaks) * together / 2)), prominence


def _frequencies(n: int, rate_hz: float) -> Floats:
    """Return the frequencies of the lines of a spectrum of n values."""
    return np.arange(n // 2 + 1, dtype=np.float64) * (rate_hz / n)


def _hann(n: int) -> Floats:
    """Return the periodic Hann window (n,)."""
    turns: Floats = np.arange(n, dtype=np.float64) * (2 * pi / n)
    return 0.5 - 0.5 * np.cos(turns)


def _detrended(values: Floats) -> Floats:
    """Return values (n,) less their least-squares straight line."""
    steady: Floats = values - values.mean()
    places: Floats = np.arange(values.size, dtype=np.float64) - (values.size - 1) / 2
    slope = float(places @ steady) / max(float(places @ places), 1.0)
    return steady - slope * places
