"""Sensors that mislead over hours and days: what is said of one, and what it is judged by."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from configs.plant import Machine, Sensor, SensorId, SensorRole
from ingest.quality.siblings import Siblings, fit_siblings
from ingest.quality.steady import BLOCK_NS, SteadyBlocks
from ingest.reading import QualityFlag, Values

HALF_HOUR, HOUR, QUARTER_DAY, DAY = 3, 6, 36, 144
"""Spans of steady running, in blocks."""

COUNTER_STEPS = 1e6
HELD = 0.7
"""A suspicion that stands already is held to this share of what raises one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """A sensor that misleads, since about `since_ns`; `size` is how far, in its own measure (a factor, or usual spans)."""

    sensor: SensorId
    flag: QualityFlag
    since_ns: int
    size: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A sensor that misled, from about `since_ns` until `until_ns`; it still does where that is None."""

    sensor: SensorId
    flag: QualityFlag
    since_ns: int
    until_ns: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorHistory:
    """What a machine's sensors showed before (`base`) and show now (`recent`), and which suspicions stand."""

    machine: Machine
    sensors: tuple[Sensor, ...]
    base: SteadyBlocks
    recent: SteadyBlocks
    standing: frozenset[tuple[SensorId, QualityFlag]]

    def ease(self, sensor: Sensor, flag: QualityFlag) -> float:
        """Return what share of its bound a suspicion is held to."""
        return HELD if (sensor.id, flag) in self.standing else 1.0

    def column(self, sensor: Sensor) -> int:
        """Return where a sensor's column is."""
        return self.base.sensors.index(sensor.id)

    def conditions(self) -> Iterator[Sensor]:
        """Yield the sensors that measure the machine's condition."""
        return (sensor for sensor in self.sensors if sensor.role is SensorRole.CONDITION)

    def suspicion(self, sensor: Sensor, flag: QualityFlag, blocks: int, size: float) -> Suspicion:
        """Return a suspicion that has stood for about so many blocks."""
        since_ns = int(self.recent.starts_ns[-min(blocks, self.recent.size)])
        return Suspicion(sensor=sensor.id, flag=flag, since_ns=since_ns, size=size)


def history_of(
    machine: Machine,
    base: SteadyBlocks,
    recent: SteadyBlocks,
    standing: frozenset[tuple[SensorId, QualityFlag]] = frozenset(),
) -> SensorHistory:
    """Return the history of the sensors that measure; counters are left out."""
    known = {sensor.id: sensor for sensor in machine.sensors if not is_counter(sensor)}
    sensors = tuple(known[name] for name in base.sensors if name in known)
    return SensorHistory(machine=machine, sensors=sensors, base=base, recent=recent, standing=standing)


def is_counter(sensor: Sensor) -> bool:
    """Tell whether a sensor counts up rather than measures."""
    return sensor.resolution > 0 and (sensor.normal_high - sensor.normal_low) / sensor.resolution > COUNTER_STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The m sensors that report steadily, in usual spans: `base` and `recent` (n, m) without gaps, and how they hang together."""

    sensors: tuple[Sensor, ...]
    spans: Values
    base: Values
    recent: Values
    siblings: Siblings

    def without(self, at: int) -> "Together":
        """Return the others."""
        base = np.delete(self.base, at, axis=1)
        return Together(
            sensors=self.sensors[:at] + self.sensors[at + 1 :],
            spans=np.delete(self.spans, at),
            base=base,
            recent=np.delete(self.recent, at, axis=1),
            siblings=fit_siblings(base),
        )


def together(history: SensorHistory) -> Together | None:
    """Return the sensors that report steadily; None where less than a day's running is known of them."""
    steady = tuple(sensor for sensor in history.sensors if _is_steady(history, sensor))
    columns = [history.column(sensor) for sensor in steady]
    spans = np.array([sensor.normal_high - sensor.normal_low for sensor in steady])
    base, recent = (_complete(blocks.mean[:, columns] / spans) for blocks in (history.base, history.recent))
    if not steady or base.shape[0] < DAY:
        return None
    return Together(sensors=steady, spans=spans, base=base, recent=recent, siblings=fit_siblings(base))


def grouped(rows: Values, size: int) -> Values:
    """Return the means of every `size` rows up to the last, (n // size, m)."""
    count = rows.shape[0] // size
    means: Values = rows[rows.shape[0] - count * size :].reshape(count, size, rows.shape[1]).mean(axis=1)
    return means


def _is_steady(history: SensorHistory, sensor: Sensor) -> bool:
    at = history.column(sensor)
    known = np.isfinite(history.base.mean[:, at])
    now = np.isfinite(history.recent.mean[-HALF_HOUR:, at])
    often = sensor.period_s * 1e9 <= BLOCK_NS and sensor.normal_high > sensor.normal_low
    return bool(often and known.mean() > 0.9 and now.all())


def _complete(rows: Values) -> Values:
    complete: Values = rows[np.isfinite(rows).all(axis=1)]
    return complete
