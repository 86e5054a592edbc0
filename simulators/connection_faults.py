"""Connections that fail as scripts ask for it: half open, with a last will, and a stale message that the broker keeps for everybody."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from configs.plant import Machine, MachineId
from simulators.errors import SimulatorError
from simulators.injection import Injection
from simulators.network_faults import Network, Packet
from simulators.wire import topic_of


class ConnectionFault(StrEnum):
    """The ways in which a connection fails."""

    HALF_OPEN = "half_open"
    LAST_WILL = "last_will"
    RETAINED = "retained"


class Connection(Protocol):
    """What can be done to a connection."""

    def fall_silent(self, seconds: float) -> None:
        """Say nothing for so long, not even that it is there, and close nothing."""
        ...

    def die(self, will: Packet) -> None:
        """Let a device that has a will be torn off the broker."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A connection that fails from one moment to another; a message that is kept fails in a moment."""

    kind: ConnectionFault
    machine: str
    from_s: float
    to_s: float


class Connections:
    """Which devices are torn off, and until when."""

    def __init__(self, machines: tuple[Machine, ...], connection: Connection, network: Network) -> None:
        self._machines = {machine.id: machine for machine in machines}
        self._connection = connection
        self._network = network
        self._back_s: dict[MachineId, float] = {}

    def fail(self, request: Injection, at_s: float) -> Failing:
        """Let a connection fail as asked for.

        Raises
        ------
        SimulatorError
            When there is no such machine.
        """
        machine = self._machines.get(MachineId(request.machine))
        if machine is None:
            raise SimulatorError(f"no machine is called {request.machine}; name one of the plant")
        kind, span_s = ConnectionFault(request.fault), 60.0 * request.minutes
        acts: dict[ConnectionFault, Callable[[], None]] = {
            ConnectionFault.HALF_OPEN: lambda: self._connection.fall_silent(span_s),
            ConnectionFault.LAST_WILL: lambda: self._tear_off(machine, at_s + span_s),
            ConnectionFault.RETAINED: lambda: self._network.retain_next(machine.id),
        }
        acts[kind]()
        return Failing(kind=kind, machine=machine.id, from_s=at_s, to_s=at_s + span_s)

    def is_torn_off(self, machine: MachineId) -> bool:
        """Tell whether a device is off the network for good: what it would say is lost."""
        return machine in self._back_s

    def come_back(self, at_s: float) -> Iterator[Packet]:
        """Give the births of the devices that are back by a moment."""
        for name in [name for name, back_s in self._back_s.items() if back_s <= at_s]:
            del self._back_s[name]
            yield _presence(self._machines[name], "birth")

    def _tear_off(self, machine: Machine, back_s: float) -> None:
        self._back_s[machine.id] = back_s
        self._connection.die(_presence(machine, "death"))


def _presence(machine: Machine, kind: str) -> Packet:
    return Packet(topic=topic_of(machine, kind), payload=b"{}", machine=machine.id, seq=0)
