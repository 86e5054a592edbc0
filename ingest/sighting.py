"""What reports on a known topic without being in the plant: found, not registered."""

from dataclasses import dataclass
from enum import StrEnum

from configs.plant import MachineId


class InputFormat(StrEnum):
    """How a message is written."""

    NATIVE = "native"
    SPARKPLUG = "sparkplug"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One name on the wire that the plant does not have, with what it said.

    `machine` and `sensor` are as on the wire; `known_machine` is the plant's machine where only the sensor is strange.
    `sensor` is empty where a machine reports its state and no more. `value` is in `unit` and None where it is no number.
    """

    format: InputFormat
    topic: str
    machine: str
    known_machine: MachineId | None
    sensor: str
    unit: str | None
    value: float | None
    event_time_ns: int
