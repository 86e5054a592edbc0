"""How other programs name what the plant has: Sparkplug devices, and mappings of any JSON over MQTT."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class MetricRole(StrEnum):
    """What a metric or a mapped value is, where it is no sensor's reading."""

    STATE = "state"
    JOB = "job"


@dataclass(frozen=True, slots=True, kw_only=True)
class SparkplugDevice:
    """Which machine a Sparkplug device is, or an edge node itself where `device` is None.

    `group` None stands for every group. `metrics` leads from a metric's name to a sensor's id, or to `state` or `job`;
    a name that it lacks is the sensor's own.
    """

    group: str | None
    edge_node: str
    device: str | None
    machine: str
    metrics: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRule:
    """Where in a document values are: `path`, and which sensor each is.

    `path` may hold named parts, `$.{machine}[*].values.{sensor}`; `sensor` and `unit` are what is not in the path.
    """

    path: str
    sensor: str | None
    unit: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicMapping:
    """What the JSON messages of a topic pattern mean.

    `topic` is an MQTT filter whose `{machine}`, `{sensor}` and other named parts stand for one level each; `machine` is
    put together from named parts. `time` and `state` are paths; a time without an offset is of `time_zone`. `machines`,
    `sensors` and `states` lead from the names on the wire to those of the plant, `words` from texts to numbers; `ignore`
    are names that are no sensors.
    """

    id: str
    topic: str
    machine: str
    values: tuple[ValueRule, ...]
    time: str | None
    time_zone: str | None
    state: str | None
    states: Mapping[str, str]
    machines: Mapping[str, str]
    sensors: Mapping[str, str]
    words: Mapping[str, float]
    ignore: tuple[str, ...]
