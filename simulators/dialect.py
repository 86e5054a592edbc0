"""What the devices of a factory speak: how readings become messages, and what is said around them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from configs.plant import Machine
from simulators.accelerometers import Capture
from simulators.batches import Batch
from simulators.network_faults import Packet
from simulators.wire import encode_batch, encode_reading, encode_waveform, topic_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Instant:
    """When a device speaks: the real time, and what its own clock says (whole milliseconds since 1970 UTC)."""

    at_s: float
    told_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a machine says at one instant."""

    machine: Machine
    values: dict[str, float]
    state: str
    job: str | None


class Dialect(Protocol):
    """The messages of a factory's devices."""

    def births(self, at_s: float) -> Iterable[Packet]:
        """Give what has to be said before anything else; nothing where it is not due."""
        ...

    def reading(self, reading: Reading, when: Instant) -> Packet:
        """Give the message of one instant."""
        ...

    def batch(self, machine: Machine, batch: Batch, when: Instant) -> Packet:
        """Give the message of consecutive seconds, of which `when` is the first."""
        ...

    def capture(self, capture: Capture, when: Instant) -> Packet:
        """Give the message of a waveform."""
        ...

    def farewell(self, at_s: float) -> Iterable[Packet]:
        """Give what is said last, after every machine has said that it is off."""
        ...


class NativeDialect:
    """Yeji's own JSON (docs/wire-format.md); every machine counts by itself from the start of its controller on."""

    def __init__(self, boot: str) -> None:
        self._boot = boot
        self._seqs: Counter[str] = Counter()

    def births(self, at_s: float) -> Iterable[Packet]:  # noqa: ARG002 (there is nothing to be said first)
        """Give nothing."""
        return ()

    def reading(self, reading: Reading, when: Instant) -> Packet:
        """Give a reading set."""
        seq = self._next(reading.machine)
        payload = encode_reading(
            boot=self._boot, seq=seq, ts_ms=when.told_ms, values=reading.values, state=reading.state, job=reading.job
        )
        return _packet(reading.machine, "telemetry", seq, payload)

    def batch(self, machine: Machine, batch: Batch, when: Instant) -> Packet:
        """Give a column batch; a machine that has gone off has no columns to send."""
        if not batch.columns:
            return self.reading(Reading(machine=machine, values={}, state=batch.state, job=batch.job), when)
        seq = self._next(machine)
        payload = encode_batch(boot=self._boot, seq=seq, t0_ms=when.told_ms, dt_ms=1000, batch=batch)
        return _packet(machine, "telemetry", seq, payload)

    def capture(self, capture: Capture, when: Instant) -> Packet:
        """Give a waveform."""
        seq = self._next(capture.machine)
        payload = encode_waveform(boot=self._boot, seq=seq, ts_ms=when.told_ms, capture=capture)
        return _packet(capture.machine, "waveform", seq, payload)

    def farewell(self, at_s: float) -> Iterable[Packet]:  # noqa: ARG002 (there is nothing to be said last)
        """Give nothing."""
        return ()

    def _next(self, machine: Machine) -> int:
        self._seqs[machine.id] += 1
        return self._seqs[machine.id]


def _packet(machine: Machine, kind: str, seq: int, payload: bytes) -> Packet:
    return Packet(topic=topic_of(machine, kind), payload=payload, machine=machine.id, seq=seq)
