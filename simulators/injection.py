"""Faults on request: a live demonstration in which damage hurries and the clock does not."""

import json
from dataclasses import asdict, dataclass

from configs.measuring_points import sent_sensors
from simulators.errors import SimulatorError
from simulators.sensor_faults import FaultSpan, SensorFault
from simulators.simulation import Simulation

LASTING_FAULTS = {
    SensorFault.STUCK: 1.0, SensorFault.DRIFT: 3.0, SensorFault.NOISE_RISE: 3.0, SensorFault.GAIN: 1.25,
    SensorFault.SATURATION: 0.4,
}  # fmt: skip
"""The sensor faults that can be asked for, with their sizes as `FaultSpan` has them: strong enough to be seen in minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Injection:
    """A request: wear a slot (`fault` is its id) out within `minutes` of operation, or upset `sensor` for so long."""

    machine: str
    fault: str
    sensor: str | None
    minutes: float


def injection_topic(machine: str) -> str:
    """Give the topic on which a running simulator takes requests for a machine."""
    return f"yeji-simulator/v1/{machine}/inject"


def encode_injection(injection: Injection) -> bytes:
    """Encode a request."""
    return json.dumps(asdict(injection)).encode()


def decode_injection(payload: bytes) -> Injection | None:
    """Decode a request; None where it is none."""
    try:
        return Injection(**json.loads(payload))
    except (ValueError, TypeError):
        return None


def apply_injection(simulation: Simulation, injection: Injection) -> None:
    """Let a request take effect from now on.

    Raises
    ------
    SimulatorError
        When the machine has no such slot or sensor.
    """
    fault = next((fault for fault in LASTING_FAULTS if fault == injection.fault), None)
    if fault is not None:
        _upset(simulation, injection, fault)
        return
    for k, place in enumerate(simulation.fleet.layout.worn):
        if (place.machine.id, place.slot.id) == (injection.machine, injection.fault):
            simulation.fleet.hasten(k, injection.minutes / 60.0)
            return
    raise SimulatorError(f"machine {injection.machine} has no slot {injection.fault} that can be worn out")


def _upset(simulation: Simulation, injection: Injection, fault: SensorFault) -> None:
    for shard in simulation.shards:
        for machine in shard.machines:
            if machine.id == injection.machine and any(s.id == injection.sensor for s in sent_sensors(machine)):
                shard.add_fault(
                    FaultSpan(
                        kind=fault,
                        machine=machine.id,
                        sensor=injection.sensor or "",
                        from_s=simulation.at_s,
                        to_s=simulation.at_s + injection.minutes * 60.0,
                        size=LASTING_FAULTS[fault],
                    )
                )
                return
    raise SimulatorError(f"machine {injection.machine} has no sensor {injection.sensor}")
