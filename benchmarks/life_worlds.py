"""Made-up kinds of units that wear out, each by a law of its own: what the life model meets for the first time.

Written apart from the product's models and from the simulator; truth is known, and nothing was tuned on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.life_tables import LifeSet
from models.features.trajectories import Trajectories
from models.training.remaining_life import LifeHistories

Array = NDArray[np.float64]
Generator = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How one kind of unit lives and is watched.

    `wear` turns the share of life used up (n,) into damage, 0 when new and about 1 at failure. `spread` is the ln-sd of
    lives of about `life`, read every `every` (both in the unit of age); `sensors` are read, of which `telling` show the
    damage, `gain` times as large as the noise. Operating conditions come from `settings` (rng, rows) and shift every reading.
    """

    wear: Callable[[Generator, Array], Array]
    life: float
    every: float
    spread: float = 0.25
    units: int = 40
    tested: int = 60
    sensors: int = 6
    telling: int = 3
    gain: float = 8.0
    own_level: float = 0.5
    settings: Callable[[Generator, int], Array] | None = None
    irregular: bool = False
    gaps: float = 0.0
    constant: int = 0
    digits: int | None = None
    censored: float = 0.0
    calendar: bool = False
    cap: float | None = None


def _power(exponent: float) -> Callable[[Generator, Array], Array]:
    return lambda _, used: used**exponent


def _late(rng: Generator, used: Array) -> Array:
    """Nothing until a defect sets in, then exponential growth."""
    onset = rng.uniform(0.5, 0.85)
    return np.asarray(np.expm1(4.0 * np.clip((used - onset) / (1.0 - onset), 0.0, 1.0)) / np.expm1(4.0))


def _shocks(rng: Generator, used: Array) -> Array:
    """Damage by random blows, each of random size."""
    at, size = np.sort(rng.random(30)), rng.gamma(1.0, 1.0, 30)
    return np.asarray(np.concatenate([[0.0], np.cumsum(size)])[np.searchsorted(at, used)] / size.sum())


def _either_way(rng: Generator, used: Array) -> Array:
    """One mode of failure lets the sensors rise, the other lets them fall."""
    return (1.0 if rng.random() < 0.5 else -1.0) * used**2


def _mended(rng: Generator, used: Array) -> Array:
    """Steady wear that cleaning takes away in part, again and again."""
    return used * (0.7 + 0.3 * ((used * rng.uniform(4.0, 8.0)) % 1.0))


def _settling(_: Generator, used: Array) -> Array:
    """Runs in quickly, then wears slowly, then fast."""
    return 0.3 * (1.0 - np.exp(-20.0 * used)) + 0.2 * used + 0.5 * used**8


def _points(count: int, dimensions: int) -> Callable[[Generator, int], Array]:
    grid = np.random.default_rng(5).uniform(-10.0, 10.0, (count, dimensions))
    return lambda rng, rows: grid[rng.integers(0, count, rows)] + 0.01 * rng.standard_normal((rows, dimensions))


def _drifting(rng: Generator, rows: int) -> Array:
    return np.cumsum(rng.standard_normal((rows, 2)), axis=0) / np.sqrt(rows) + rng.standard_normal(2)


WORLDS: Mapping[str, World] = {
    "six-units": World(wear=_power(1.5), life=200.0, every=1.0, units=6),
    "one-sensor": World(wear=_power(3.0), life=300.0, every=1.0, sensors=1, telling=1),
    "fifty-sensors": World(wear=_power(2.0), life=300.0, every=1.0, sensors=50, telling=5),
    "irregular-seconds": World(wear=_power(2.0), life=2e6, every=6e3, irregular=True),
    "long-lives": World(wear=_power(2.0), life=1e5, every=1.0, units=8, tested=20, sensors=5),
    "short-days": World(wear=_power(1.0), life=0.5, every=0.005, spread=0.4),
    "gaps-and-constants": World(wear=_power(2.0), life=400.0, every=1.0, gaps=0.3, constant=4),
    "many-regimes": World(wear=_power(2.0), life=300.0, every=1.0, units=60, settings=_points(24, 3)),
    "continuous-settings": World(wear=_power(2.0), life=300.0, every=1.0, settings=_drifting),
    "cut-short": World(wear=_power(2.0), life=300.0, every=1.0, units=80, censored=0.6),
    "either-way": World(wear=_either_way, life=300.0, every=1.0, units=60),
    "late-onset": World(wear=_late, life=5e3, every=10.0, spread=0.5, gain=20.0),
    "shocks": World(wear=_shocks, life=1e3, every=2.0),
    "mended": World(wear=_mended, life=500.0, every=1.0),
    "settling": World(wear=_settling, life=500.0, every=1.0, spread=0.6),
    "own-levels": World(wear=_power(2.0), life=300.0, every=1.0, own_level=8.0),
    "coarse-capped": World(wear=_power(1.5), life=300.0, every=1.0, digits=0, gain=4.0, cap=120.0),
    "calendar": World(wear=_power(2.0), life=8760.0, every=24.0, spread=0.4, calendar=True),
}


def make_world(name: str, seed: int) -> LifeSet:
    """Return lives to learn from and units cut at a random moment, with what was truly left of these."""
    world, rng = WORLDS[name], np.random.default_rng([seed, sorted(WORLDS).index(name)])
    signs = rng.choice([-1.0, 1.0], world.telling) * rng.uniform(0.6, 1.4, world.telling)
    failed = rng.random(world.units) >= world.censored
    shares = np.where(failed, 1.0, rng.uniform(0.2, 0.95, world.units))
    train, _ = _watched(world, rng, signs, shares)
    test, left = _watched(world, rng, signs, rng.uniform(0.1, 0.97, world.tested))
    return LifeSet(
        name=name, lives=LifeHistories(trajectories=train, failed=failed, cap=world.cap), test=test, left=left
    )


def _watched(world: World, rng: Generator, signs: Array, shares: Array) -> tuple[Trajectories, Array]:
    """Return units seen up to a share of their life each, and what was left of them."""
    parts = [_unit(world, rng, signs, share) for share in shares.tolist()]
    lengths = [age.size for age, _, _, _ in parts]
    trajectories = Trajectories(
        units=tuple(f"u{i}" for i in range(len(parts))),
        setting_names=tuple(f"setting_{i}" for i in range(parts[0][1].shape[1])),
        sensor_names=tuple(f"s{i}" for i in range(parts[0][2].shape[1])),
        unit=np.repeat(np.arange(len(parts)), lengths).astype(np.int64),
        age=np.concatenate([age for age, _, _, _ in parts]),
        settings=np.concatenate([settings for _, settings, _, _ in parts]),
        sensors=np.concatenate([sensors for _, _, sensors, _ in parts]),
    )
    return trajectories, np.array([left for _, _, _, left in parts])


def _unit(world: World, rng: Generator, signs: Array, share: float) -> tuple[Array, Array, Array, float]:
    life = world.life * np.exp(world.spread * rng.standard_normal())
    age = _ages(world, rng, life)
    damage = world.wear(rng, age / life)
    seen = max(int(np.searchsorted(age, share * life, side="right")), 3)
    settings = np.empty((seen, 0)) if world.settings is None else world.settings(rng, seen)
    sensors = _readings(world, rng, damage[:seen, None] * signs, settings)
    left = life - age[seen - 1]
    begin = rng.uniform(0.0, 50.0 * world.life) if world.calendar else 0.0
    return age[:seen] + begin, settings, sensors, float(left)


def _ages(world: World, rng: Generator, life: float) -> Array:
    rows = max(int(life / world.every), 10)
    if not world.irregular:
        return np.arange(1, rows + 1) * world.every
    at = np.sort(rng.uniform(0.0, life, rows))
    return at[np.abs(at / life - rng.uniform(0.1, 0.9)) > 0.05]


def _readings(world: World, rng: Generator, damage: Array, settings: Array) -> Array:
    rows = damage.shape[0]
    values = rng.standard_normal((rows, world.sensors)) + world.own_level * rng.standard_normal(world.sensors)
    values[:, : world.telling] += world.gain * damage
    if settings.shape[1]:
        mix = np.random.default_rng(11).uniform(-3.0, 3.0, (settings.shape[1], world.sensors))
        values += settings @ mix + 0.2 * (settings @ mix) ** 2
    if world.gaps:
        silent = rng.random((rows // 10 + 1, world.sensors)) < world.gaps
        values[np.repeat(silent, 10, axis=0)[:rows]] = np.nan
    values = values if world.digits is None else np.round(values, world.digits)
    constant = np.full((rows, world.constant), 7.0)
    constant[:, : world.constant // 4] = np.nan
    return np.column_stack([100.0 + 3.0 * values, constant])
