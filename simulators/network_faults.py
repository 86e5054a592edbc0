"""A network that repeats, delays, reorders, spoils and loses messages, and writes down what each should have been."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from heapq import heappop, heappush

import numpy as np

from simulators.scenario import Rates

_LATE_MEAN_S, _REORDER_MEDIAN_S = 20.0, 1.5
_OUTAGE_S = (60.0, 900.0)
_REPLAY_SPEED = 50.0
_YEAR_S = 365.25 * 86_400.0


class NetworkFault(StrEnum):
    """The ways in which a network, or what is behind it, misleads."""

    DUPLICATE = "duplicate"
    LATE = "late"
    LOSS = "loss"
    REORDER = "reorder"
    MALFORMED = "malformed"
    UNKNOWN_MACHINE = "unknown_machine"
    RENAMED_FIELD = "renamed_field"
    BURST = "burst"
    RETAINED = "retained"


_CHANGES = frozenset({NetworkFault.MALFORMED, NetworkFault.UNKNOWN_MACHINE, NetworkFault.RENAMED_FIELD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One encoded message on its way; `seq` and `machine` are for the truth alone."""

    topic: str
    payload: bytes
    machine: str
    seq: int
    qos: int = 1
    retain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketFault:
    """What the network did to one message; `should_be` is the message where another one arrives in its stead."""

    kind: NetworkFault
    machine: str
    seq: int
    at_s: float
    should_be: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outage:
    from_s: float
    to_s: float


class Network:
    """Passes packets on, some twice, some later than those behind them, some spoilt, some not at all."""

    def __init__(self, rates: Rates, rng: np.random.Generator) -> None:
        self._rates = rates
        self._rng = rng
        self._held: list[tuple[float, int, Packet]] = []
        self._count = 0
        self._outages: dict[str, _Outage] = {}
        self._sent_s: dict[str, float] = {}
        self._to_retain: set[str] = set()
        self.faults: list[PacketFault] = []

    def carry(self, packet: Packet, at_s: float) -> Iterator[Packet]:
        """Give what arrives now for a packet that was sent now."""
        if self._is_cut_off(packet.machine, at_s):
            self._note(NetworkFault.BURST, packet, at_s)
            outage = self._outages[packet.machine]
            self._hold(packet, outage.to_s + (at_s - outage.from_s) / _REPLAY_SPEED)
            return
        if packet.machine in self._to_retain:
            self._to_retain.discard(packet.machine)
            self._note(NetworkFault.RETAINED, packet, at_s)
            yield from (packet, replace(packet, retain=True))
            return
        draw = float(self._rng.random())
        for kind, share in self._shares():
            if draw < share:
                yield from self._suffer(kind, packet, at_s)
                return
            draw -= share
        yield packet

    def retain_next(self, machine: str) -> None:
        """Let the broker keep a machine's next message and hand it to everybody who comes later, as if it were new."""
        self._to_retain.add(machine)

    def due(self, at_s: float) -> Iterator[Packet]:
        """Give the delayed packets that arrive by a moment."""
        while self._held and self._held[0][0] <= at_s:
            yield heappop(self._held)[2]

    def _is_cut_off(self, machine: str, at_s: float) -> bool:
        """Let a machine's line fail as often as it does; its gateway keeps what it cannot send."""
        waited_s = min(at_s - self._sent_s.get(machine, at_s), 60.0)
        self._sent_s[machine] = at_s
        outage = self._outages.get(machine)
        if outage is not None and at_s < outage.to_s:
            return True
        if self._rates.burst_per_year <= 0 or self._rng.random() >= self._rates.burst_per_year * waited_s / _YEAR_S:
            return False
        self._outages[machine] = _Outage(from_s=at_s, to_s=at_s + float(self._rng.uniform(*_OUTAGE_S)))
        return True

    def _shares(self) -> tuple[tuple[NetworkFault, float], ...]:
        rates = self._rates
        return (
            (NetworkFault.DUPLICATE, rates.duplicate_share),
            (NetworkFault.LATE, rates.late_share),
            (NetworkFault.LOSS, rates.loss_share),
            (NetworkFault.REORDER, rates.reorder_share),
            (NetworkFault.MALFORMED, rates.malformed_share),
            (NetworkFault.UNKNOWN_MACHINE, rates.unknown_machine_share),
            (NetworkFault.RENAMED_FIELD, rates.renamed_field_share),
        )

    def _suffer(self, kind: NetworkFault, packet: Packet, at_s: float) -> Iterator[Packet]:
        arriving = self._changed(kind, packet)
        if kind in _CHANGES and arriving == packet:
            yield packet
            return
        self._note(kind, packet, at_s, changed=arriving != packet)
        if kind is NetworkFault.LATE:
            self._hold(packet, at_s + float(self._rng.exponential(_LATE_MEAN_S)))
        elif kind is NetworkFault.REORDER:
            self._hold(packet, at_s + float(self._rng.lognormal(np.log(_REORDER_MEDIAN_S), 0.4)))
        elif kind is not NetworkFault.LOSS:
            yield arriving
            if kind is NetworkFault.DUPLICATE:
                yield packet

    def _changed(self, kind: NetworkFault, packet: Packet) -> Packet:
        if kind is NetworkFault.MALFORMED:
            return replace(packet, payload=_spoilt(packet.payload, float(self._rng.random())))
        if kind is NetworkFault.RENAMED_FIELD:
            return replace(packet, payload=packet.payload.replace(b'"values":{"', b'"values":{"fw2_', 1))
        if kind is NetworkFault.UNKNOWN_MACHINE:
            return replace(packet, topic=packet.topic.replace(f"/{packet.machine}/", f"/{packet.machine}-new/"))
        return packet

    def _note(self, kind: NetworkFault, packet: Packet, at_s: float, *, changed: bool = False) -> None:
        should_be = f"{packet.topic} {packet.payload.decode(errors='replace')}" if changed else None
        self.faults.append(
            PacketFault(kind=kind, machine=packet.machine, seq=packet.seq, at_s=at_s, should_be=should_be)
        )

    def _hold(self, packet: Packet, until_s: float) -> None:
        self._count += 1
        heappush(self._held, (until_s, self._count, packet))


def _spoilt(payload: bytes, draw: float) -> bytes:
    """Spoil a message as devices do: cut off half way, with a bare NaN, or with a number as text."""
    if draw < 1 / 3 or not payload.startswith(b"{"):
        return payload[: len(payload) // 2]
    if draw < 2 / 3:
        return payload.replace(b'"values":{', b'"values":{"x":NaN,', 1)
    return payload.replace(b'"seq":', b'"seq":"', 1).replace(b',"ts"', b'","ts"', 1)
