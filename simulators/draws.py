"""Random numbers that belong to a machine, a part or a day, whatever else the factory has."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

Draws = NDArray[np.float64]


def keyed_generator(root: int, *key: str | int) -> np.random.Generator:
    """Give the generator of one key: the same key always starts the same stream, unmoved by other keys.

    Text enters as its CRC-32, so that a machine's draws follow its id and not its place in the plant.
    """
    spawn_key = tuple(crc32(part.encode()) if isinstance(part, str) else part for part in key)
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(root, spawn_key=spawn_key)))


def keyed_uniforms(root: int, *key: str | int, count: int) -> Draws:
    """Draw `count` numbers in (0, 1) for a key."""
    return keyed_generator(root, *key).random(count) * (1.0 - 2e-12) + 1e-12


def lognormal(uniform: Draws | float, *, median: float, ln_sd: float) -> Draws:
    """Map uniform draws to a log-normal of that median."""
    return np.asarray(median * np.exp(ln_sd * ndtri(uniform)))


def normal(uniform: Draws | float, *, mean: float, sd: float) -> Draws:
    """Map uniform draws to a normal."""
    return np.asarray(mean + sd * ndtri(uniform))
