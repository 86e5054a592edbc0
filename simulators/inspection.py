"""What somebody finds who opens the machine: the truth behind a finding, as good eyes see it."""

from collections.abc import Sequence

from simulators.foreman import Found
from simulators.simulation import Simulation

_WORN = 0.2
"""Progress from onset to failure from which wear is seen on the part itself."""

_LOOKS_BACK_S = 86_400.0


def look_behind(simulation: Simulation, machine: str, slot: str | None, sensors: Sequence[str]) -> Found:
    """Tell what is behind a finding: a sensor that misled within the last day, a worn part, or nothing."""
    at_s = simulation.at_s
    for shard in simulation.shards:
        if any(
            span.machine == machine and span.sensor in sensors
            for span in shard.spans_between(at_s - _LOOKS_BACK_S, at_s + 1.0)
        ):
            return Found.SENSOR
    _, progress = simulation.fleet.signs()
    for k, place in enumerate(simulation.fleet.layout.worn):
        shows = place.slot.id == slot or (slot is None and any(sign.sensor in sensors for sign in place.slot.signs))
        if place.machine.id == machine and shows and progress[k] >= _WORN:
            return Found.WORN
    return Found.NOTHING
