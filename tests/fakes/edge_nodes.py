"""A Sparkplug edge node that says what it is told to, byte by byte."""

from dataclasses import dataclass
from typing import Any

from configs.sparkplug_schema import payload_type
from tests.fakes.readings import NOON_NS

NOON_MS = NOON_NS // 1_000_000
FLOAT, DOUBLE, INT32, STRING, BOOLEAN, INT64 = 9, 10, 3, 12, 11, 4

Told = dict[str, Any]


def a_metric(name: str | None = None, value: object = None, **more: Any) -> Told:
    return {"name": name, "value": value} | more


def a_payload(*metrics: Told, seq: int | None = None, ms: int = NOON_MS) -> bytes:
    """Return a payload; a metric's value goes where its Python type says, a data type by its number."""
    payload = payload_type()(timestamp=ms)
    if seq is not None:
        payload.seq = seq
    for told in metrics:
        metric = payload.metrics.add()
        for key, value in told.items():
            if key == "value":
                _put(metric, value)
            elif key == "properties":
                for name, inner in value.items():
                    metric.properties.keys.append(name)
                    _put(metric.properties.values.add(), inner)
            elif value is not None:
                setattr(metric, key, value)
    return bytes(payload.SerializeToString())


def a_death(bd_seq: int) -> bytes:
    return a_payload(a_metric("bdSeq", bd_seq, datatype=INT64))


@dataclass(slots=True)
class EdgeNode:
    """Counts as an edge node does; each method returns topic and payload."""

    name: str = "gw1"
    group: str = "busan"
    bd_seq: int = 0
    seq: int = 0
    ms: int = NOON_MS

    def birth(self, *metrics: Told) -> tuple[str, bytes]:
        self.seq = 0
        own = a_metric("bdSeq", self.bd_seq, datatype=INT64)
        return self._message("NBIRTH", None, (own, *metrics))

    def device_birth(self, device: str, *metrics: Told) -> tuple[str, bytes]:
        return self._message("DBIRTH", device, metrics)

    def data(self, device: str | None, *metrics: Told) -> tuple[str, bytes]:
        return self._message("NDATA" if device is None else "DDATA", device, metrics)

    def device_death(self, device: str) -> tuple[str, bytes]:
        return self._message("DDEATH", device, ())

    def death(self) -> tuple[str, bytes]:
        return f"spBv1.0/{self.group}/NDEATH/{self.name}", a_death(self.bd_seq)

    def _message(self, kind: str, device: str | None, metrics: tuple[Told, ...]) -> tuple[str, bytes]:
        self.ms += 1000
        payload = a_payload(*metrics, seq=self.seq % 256, ms=self.ms)
        self.seq += 1
        topic = f"spBv1.0/{self.group}/{kind}/{self.name}"
        return (topic if device is None else f"{topic}/{device}"), payload


def _put(holder: Any, value: object) -> None:
    if isinstance(value, bool):
        holder.boolean_value = value
    elif isinstance(value, int):
        holder.long_value = value
    elif isinstance(value, float):
        holder.double_value = value
    elif isinstance(value, str):
        holder.string_value = value
