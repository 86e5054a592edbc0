"""The simulated factory as one Sparkplug B edge node, with a device for every machine (ISO/IEC 20237).

connection ─► will (NDEATH, bdSeq n) ─► NBIRTH, DBIRTH … ─► DDATA by alias ─► NDEATH
NCMD Node Control/Rebirth ─► NBIRTH, DBIRTH … again
"""

import threading
from collections.abc import Iterable, Iterator
from typing import Any

from google.protobuf.message import DecodeError

from configs.measuring_points import sent_sensors
from configs.plant import Machine
from configs.sparkplug_schema import payload_type
from simulators.accelerometers import Capture
from simulators.batches import Batch
from simulators.dialect import Instant, NativeDialect, Reading
from simulators.network_faults import Packet

NAMESPACE = "spBv1.0"
NODE = "yeji-simulator"
REBIRTH = "Node Control/Rebirth"
_INT64, _DOUBLE, _BOOLEAN, _STRING = 4, 10, 11, 12
_STATE, _JOB = "state", "job"
_WRAP = 256


class SparkplugEdge:
    """Speaks for all machines; `will`, `connected` and `hear` are called from the network thread.

    Waveforms have no form in Sparkplug: accelerometers are devices of their own and speak natively.

    Parameters
    ----------
    group
        The group of the edge node.
    bd_seq
        The number of the birth and the death before the next connection.
    """

    def __init__(self, machines: Iterable[Machine], group: str, *, boot: str, bd_seq: int) -> None:
        self._machines = tuple(machines)
        self._group = group
        self._native = NativeDialect(boot)
        self._type = payload_type()
        self._bd_seq = bd_seq % _WRAP
        self._seq = 0
        self._unborn = threading.Event()
        self._unborn.set()
        self._values: dict[str, dict[str, float | str | None]] = {
            m.id: dict.fromkeys([*(sensor.id for sensor in sent_sensors(m)), _STATE, _JOB]) for m in self._machines
        }
        names = ((m.id, metric) for m in self._machines for metric in self._values[m.id])
        self._aliases: dict[tuple[str, str], int] = {name: alias for alias, name in enumerate(names, start=1)}

    # The connection

    @property
    def commands(self) -> str:
        """The topic on which a host asks for a rebirth."""
        return f"{NAMESPACE}/{self._group}/NCMD/{NODE}"

    def will(self) -> Packet:
        """Give the death of the connection that is about to be made."""
        self._bd_seq = (self._bd_seq + 1) % _WRAP
        return self._death(self._type())

    def connected(self) -> None:
        """Be born before anything else is said."""
        self._unborn.set()

    def hear(self, payload: bytes) -> None:
        """Take a command of a host; what is none is passed over."""
        try:
            command = self._type.FromString(payload)
        except DecodeError:
            return
        if any(metric.name == REBIRTH and metric.boolean_value for metric in command.metrics):
            self._unborn.set()

    # What is said

    def births(self, at_s: float) -> Iterator[Packet]:
        """Give the births of the edge node and its devices, where they are due, with the last values."""
        if not self._unborn.is_set():
            return
        self._unborn.clear()
        self._seq = 0
        node = self._payload(at_s)
        self._add_bd_seq(node)
        node.metrics.add(name=REBIRTH, timestamp=node.timestamp, datatype=_BOOLEAN, boolean_value=False)
        yield self._packet("NBIRTH", None, node)
        for machine in self._machines:
            yield self._packet("DBIRTH", machine.id, self._birth(machine, at_s))

    def reading(self, reading: Reading, when: Instant) -> Packet:
        """Give the data of one instant, by alias."""
        payload = self._payload(when.at_s)
        said = dict(reading.values) | {_STATE: reading.state} | ({_JOB: reading.job} if reading.job else {})
        for name, value in said.items():
            self._add(payload, reading.machine.id, name, value, when.told_ms)
        return self._packet("DDATA", reading.machine.id, payload)

    def batch(self, machine: Machine, batch: Batch, when: Instant) -> Packet:
        """Give the data of consecutive seconds in one message; each value bears its own time."""
        payload = self._payload(when.at_s)
        for name, values in batch.columns.items():
            for second, value in enumerate(values):
                if value is not None:
                    self._add(payload, machine.id, name, value, when.told_ms + 1000 * second)
        self._add(payload, machine.id, _STATE, batch.state, when.told_ms)
        if batch.job:
            self._add(payload, machine.id, _JOB, batch.job, when.told_ms)
        return self._packet("DDATA", machine.id, payload)

    def capture(self, capture: Capture, when: Instant) -> Packet:
        """Give a waveform in Yeji's own JSON."""
        return self._native.capture(capture, when)

    def farewell(self, at_s: float) -> Iterator[Packet]:
        """Give the death of the edge node: an intended end does not trigger the will."""
        yield self._death(self._type(timestamp=round(at_s * 1000)))

    # Payloads

    def _birth(self, machine: Machine, at_s: float) -> Any:
        payload = self._payload(at_s)
        units: dict[str, str] = {sensor.id: sensor.unit for sensor in machine.sensors}
        for name, value in self._values[machine.id].items():
            metric = payload.metrics.add(
                name=name,
                alias=self._aliases[machine.id, name],
                timestamp=payload.timestamp,
                datatype=_STRING if name in {_STATE, _JOB} else _DOUBLE,
            )
            _set(metric, value)
            if name in units:
                metric.properties.keys.append("engUnit")
                metric.properties.values.add(type=_STRING, string_value=units[name])
        return payload

    def _payload(self, at_s: float) -> Any:
        return self._type(timestamp=round(at_s * 1000))

    def _add(self, payload: Any, machine: str, name: str, value: float | str, told_ms: int) -> None:
        self._values[machine][name] = value
        _set(payload.metrics.add(alias=self._aliases[machine, name], timestamp=told_ms), value)

    def _add_bd_seq(self, payload: Any) -> None:
        metric = payload.metrics.add(name="bdSeq", datatype=_INT64, long_value=self._bd_seq)
        if payload.timestamp:
            metric.timestamp = payload.timestamp

    def _death(self, payload: Any) -> Packet:
        self._add_bd_seq(payload)
        topic = f"{NAMESPACE}/{self._group}/NDEATH/{NODE}"
        return Packet(topic=topic, payload=payload.SerializeToString(), machine=NODE, seq=self._bd_seq, qos=1)

    def _packet(self, kind: str, device: str | None, payload: Any) -> Packet:
        seq, self._seq = self._seq, (self._seq + 1) % _WRAP
        payload.seq = seq
        topic = f"{NAMESPACE}/{self._group}/{kind}/{NODE}" + (f"/{device}" if device else "")
        return Packet(topic=topic, payload=payload.SerializeToString(), machine=device or NODE, seq=seq, qos=0)


def _set(metric: Any, value: float | str | None) -> None:
    if value is None:
        metric.is_null = True
    elif isinstance(value, str):
        metric.string_value = value
    else:
        metric.double_value = value
