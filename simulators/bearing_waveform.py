"""Acceleration at a bearing: a shaft that turns, blows of a damaged bearing that ring, and noise.

A defect strikes once for every element that passes it (or every turn of the cage), not quite evenly, because elements
slip. Where the damage moves through the load zone, its blows swell and ebb: an inner race with the shaft, an element
with the cage. Each blow rings in the machine's own resonance (McFadden and Smith 1984; Antoni 2007).
"""

from dataclasses import dataclass
from enum import StrEnum
from math import cos, pi, radians

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from configs.plant import Bearing

Floats = NDArray[np.float64]

LENGTH_S = 2.0
RATE_HZ = 25_600.0
MAINS_HZ = 60.0
VANES = 6

_SLIP_SD, _CREEP = 0.01, 0.01
"""How unevenly elements roll from one blow to the next, and how far they creep as a whole."""
_RIPPLE, _RIPPLE_HZ = 0.002, 0.7
_RING_S = 0.02
_FLOW_CORNER_HZ = 5_000.0


class Defect(StrEnum):
    """Where a rolling bearing is damaged."""

    OUTER = "outer_race"
    INNER = "inner_race"
    ELEMENT = "rolling_element"
    CAGE = "cage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounting:
    """What a measuring place is like: where it rings, how fast that dies away, and its noise in m/s² (rms)."""

    resonance_hz: float
    damping: float
    noise_m_s2: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shaking:
    """How a shaft shakes its bearing: `velocity_mm_s` (rms) in all, and how bent towards unbalance and misalignment."""

    rotation_hz: float
    velocity_mm_s: float
    unbalance: float
    misalignment: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A defect, and how far its blows stand above the noise: the ratio of their powers in dB."""

    bearing: Bearing
    defect: Defect
    snr_db: float


def orders(bearing: Bearing) -> dict[Defect, float]:
    """Give how often each defect strikes in one turn of the shaft; an element strikes both races in one turn of its own.

    Examples
    --------
    >>> from configs.bearings import bearing_of
    >>> [round(order, 3) for order in orders(bearing_of("6205")).values()]
    [3.585, 5.415, 4.713, 0.398]
    """
    slope = bearing.element_diameter_mm / bearing.pitch_diameter_mm * cos(radians(bearing.contact_angle_deg))
    cage = (1 - slope) / 2
    return {
        Defect.OUTER: bearing.rolling_elements * cage,
        Defect.INNER: bearing.rolling_elements * (1 - cage),
        Defect.ELEMENT: bearing.pitch_diameter_mm / bearing.element_diameter_mm * (1 - slope**2),
        Defect.CAGE: cage,
    }


def waveform(shaking: Shaking, mounting: Mounting, damage: Damage | None, rng: np.random.Generator) -> Floats:
    """Give `LENGTH_S` of acceleration in m/s² at `RATE_HZ`, shape (n,)."""
    t = np.arange(int(LENGTH_S * RATE_HZ)) / RATE_HZ
    turns = _turns(shaking.rotation_hz, t)
    whole = _shaft(shaking, turns, t, rng) + mounting.noise_m_s2 * _noise(t.size, rng)
    if damage is not None:
        struck = _ringing(_blows(damage, turns, rng), mounting)
        whole += struck * (mounting.noise_m_s2 * 10 ** (damage.snr_db / 20) / float(np.std(struck)))
    return whole


def _turns(rotation_hz: float, t: Floats) -> Floats:
    """Give how far the shaft has turned: its speed sways a little with the load."""
    return np.asarray(rotation_hz * (t - _RIPPLE * np.cos(2 * pi * _RIPPLE_HZ * t) / (2 * pi * _RIPPLE_HZ)))


def _shaft(shaking: Shaking, turns: Floats, t: Floats, rng: np.random.Generator) -> Floats:
    """Give the hum of the shaft: once a turn (unbalance), twice (misalignment), the vanes, and the mains' second harmonic."""
    lines = (
        (1.0, 0.8 + 1.5 * shaking.unbalance),
        (2.0, 0.3 + 1.8 * shaking.misalignment),
        (3.0, 0.12 + 0.5 * shaking.misalignment),
        (float(VANES), 0.35 + 0.5 * shaking.unbalance),
    )
    scale = shaking.velocity_mm_s / 1_000 * np.sqrt(2 / (sum(v**2 for _, v in lines) + 0.1**2))
    hum = 0.1 * 2 * MAINS_HZ * np.sin(4 * pi * MAINS_HZ * t + rng.uniform(0, 2 * pi))
    for order, velocity in lines:
        phase = rng.uniform(0, 2 * pi)
        hum += velocity * order * shaking.rotation_hz * np.sin(2 * pi * order * turns + phase)
    return np.asarray(2 * pi * scale * hum)


def _noise(n: int, rng: np.random.Generator) -> Floats:
    """Give noise of rms 1 that falls off as that of a flow does."""
    lines = fft.rfft(rng.standard_normal(n))
    falling = lines / np.sqrt(1 + (fft.rfftfreq(n, 1 / RATE_HZ) / _FLOW_CORNER_HZ) ** 2)
    noise = fft.irfft(falling, n)
    return np.asarray(noise / noise.std())


def _blows(damage: Damage, turns: Floats, rng: np.random.Generator) -> Floats:
    """Give the blows of a defect as a train of pulses (n,)."""
    order = orders(damage.bearing)
    rate = order[damage.defect] * (1 + rng.uniform(-_CREEP, _CREEP))
    count = int(turns[-1] * rate) + 3
    passed = np.cumsum(1 + rng.normal(0, _SLIP_SD, count)) - rng.uniform(0, 1)
    at = np.searchsorted(turns, passed / rate)
    at = at[at < turns.size]
    load = {
        Defect.INNER: 0.55 + 0.45 * np.cos(2 * pi * turns[at]),
        Defect.ELEMENT: 0.55 + 0.4 * np.cos(2 * pi * order[Defect.CAGE] * turns[at]),
    }.get(damage.defect, np.ones(at.size))
    train = np.zeros(turns.size)
    np.add.at(train, at, load * rng.normal(1, 0.1, at.size))
    return train


def _ringing(train: Floats, mounting: Mounting) -> Floats:
    ring = np.arange(int(_RING_S * RATE_HZ)) / RATE_HZ
    answer = np.exp(-2 * pi * mounting.damping * mounting.resonance_hz * ring)
    answer *= np.sin(2 * pi * mounting.resonance_hz * ring)
    n = train.size + ring.size
    return np.asarray(fft.irfft(fft.rfft(train, n) * fft.rfft(answer, n), n)[: train.size])
