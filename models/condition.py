"""Conditions: what state detection says of a machine (ISO 13374 SD)."""

from dataclasses import dataclass
from enum import StrEnum

from configs.plant import LimitLevel, MachineId, SensorId, SlotId


class ConditionKind(StrEnum):
    """What kind of abnormality it is."""

    LIMIT = "limit"
    ANOMALY = "anomaly"
    NO_DATA = "no_data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """How much one sensor has to do with an anomaly: `share` of the whole in 0–1, and which way it moved.

    `value` is what the sensor shows and `expected` what its own baseline lets one expect, in the sensor's unit;
    `deviation` is the difference in standard deviations of the baseline, with its sign.
    """

    sensor: SensorId
    share: float
    value: float
    expected: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """An abnormal state that holds from `since_ns` to `until_ns` (None while it lasts).

    `score` is 1 at the threshold and grows with severity. A limit names its sensor, `value` and `limit`; an anomaly
    its contributions, largest first, and the `slots` whose signs fit, likeliest first.
    """

    machine: MachineId
    kind: ConditionKind
    level: LimitLevel
    since_ns: int
    until_ns: int | None
    score: float
    sensor: SensorId | None
    value: float | None
    limit: float | None
    contributions: tuple[Contribution, ...]
    slots: tuple[SlotId, ...]
