"""What a Sparkplug birth says of its metrics."""

from typing import Any

from configs.units import conversion
from ingest.decode.refusal import Refused, refuse
from ingest.decode.sparkplug_names import DeviceNames, SparkplugNames, Target
from ingest.decode.sparkplug_session import Definition, Definitions
from ingest.decode.sparkplug_values import unit_of_metric
from ingest.reading import RejectionReason

MAX_METRICS = 10_000
CONTROL = ("Node Control/", "Device Control/", "Node Info/", "Device Info/", "Properties/")
"""Folders of metrics that steer or describe the edge node and are no readings."""

BD_SEQ = "bdSeq"


def is_housekeeping(name: str) -> bool:
    """Whether a metric is about the edge node and no reading."""
    return name == BD_SEQ or name.startswith(CONTROL)


def bd_seq_of(payload: Any) -> int | None:
    """Return the number by which a birth and a death belong together."""
    for metric in payload.metrics:
        if metric.name == BD_SEQ and metric.WhichOneof("value") in {"int_value", "long_value"}:
            return int(metric.long_value or metric.int_value)
    return None


def definitions_of(payload: Any, names: SparkplugNames, device: DeviceNames) -> Definitions:
    """Return the metrics of a birth; raise the refusal where they cannot be told apart."""
    if len(payload.metrics) > MAX_METRICS:
        detail = f"{len(payload.metrics)} metrics in one birth, at most {MAX_METRICS}; split the device"
        raise refuse(RejectionReason.TOO_LARGE, detail)
    by_name: dict[str, Definition] = {}
    by_alias: dict[int, Definition] = {}
    for metric in payload.metrics:
        if not metric.name:
            raise refuse(RejectionReason.NOT_SPARKPLUG, "a metric of a birth has no name; correct the edge node")
        target = names.target(device, metric.name)
        definition = define(metric.name, metric.datatype, unit_of_metric(metric), target)
        if metric.HasField("alias"):
            other = by_alias.setdefault(metric.alias, definition)
            if other.name != definition.name:
                detail = f"alias {metric.alias} stands for both {other.name!r} and {definition.name!r}; correct the edge node"
                raise refuse(RejectionReason.NOT_SPARKPLUG, detail)
        by_name[metric.name] = definition
    return Definitions(by_name=by_name, by_alias=by_alias)


def aimed(definitions: Definitions, names: SparkplugNames, device: DeviceNames) -> Definitions:
    """Return the metrics of a birth as another plant knows them."""
    renewed = {
        name: define(name, own.datatype, own.unit, names.target(device, name))
        for name, own in definitions.by_name.items()
    }
    by_alias = {alias: renewed[own.name] for alias, own in definitions.by_alias.items()}
    return Definitions(by_name=renewed, by_alias=by_alias)


def define(name: str, datatype: int, unit: str | None, target: Target | None) -> Definition:
    """Return what a metric is, with how its unit becomes the sensor's."""
    scale, refusal = None, None
    if unit is not None and target is not None and target.sensor is not None and unit != target.sensor.unit:
        scale = conversion(unit, target.sensor.unit, target.sensor.measurand)
        refusal = None if scale else _foreign(unit, target.sensor.unit)
    return Definition(name=name, datatype=datatype, unit=unit, target=target, conversion=scale, refusal=refusal)


def _foreign(unit: str, own: str) -> Refused:
    detail = f"is in {unit[:32]!r}, which cannot be read as {own!r}; correct the edge node or plant.toml"
    return refuse(RejectionReason.WRONG_UNIT, detail)
