"""A network that repeats, delays and loses messages, and writes down which."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush

import numpy as np

from simulators.scenario import Rates

_LATE_MEAN_S = 20.0


class NetworkFault(StrEnum):
    """The ways in which a network misleads."""

    DUPLICATE = "duplicate"
    LATE = "late"
    LOSS = "loss"


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One encoded message on its way; `seq` and `machine` are for the truth alone."""

    topic: str
    payload: bytes
    machine: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketFault:
    """What the network did to one message."""

    kind: NetworkFault
    machine: str
    seq: int
    at_s: float


class Network:
    """Passes packets on, some twice, some later than those behind them, some not at all."""

    def __init__(self, rates: Rates, rng: np.random.Generator) -> None:
        self._rates = rates
        self._rng = rng
        self._held: list[tuple[float, int, Packet]] = []
        self._count = 0
        self.faults: list[PacketFault] = []

    def carry(self, packet: Packet, at_s: float) -> Iterator[Packet]:
        """Give what arrives now for a packet that was sent now."""
        draw = float(self._rng.random())
        for kind, share in self._shares():
            if draw < share:
                self.faults.append(PacketFault(kind=kind, machine=packet.machine, seq=packet.seq, at_s=at_s))
                yield from self._suffer(kind, packet, at_s)
                return
            draw -= share
        yield packet

    def due(self, at_s: float) -> Iterator[Packet]:
        """Give the delayed packets that arrive by a moment."""
        while self._held and self._held[0][0] <= at_s:
            yield heappop(self._held)[2]

    def _shares(self) -> tuple[tuple[NetworkFault, float], ...]:
        rates = self._rates
        return (
            (NetworkFault.DUPLICATE, rates.duplicate_share),
            (NetworkFault.LATE, rates.late_share),
            (NetworkFault.LOSS, rates.loss_share),
        )

    def _suffer(self, kind: NetworkFault, packet: Packet, at_s: float) -> Iterator[Packet]:
        if kind is NetworkFault.DUPLICATE:
            yield packet
            yield packet
        elif kind is NetworkFault.LATE:
            self._count += 1
            heappush(self._held, (at_s + float(self._rng.exponential(_LATE_MEAN_S)), self._count, packet))
