"""The operating state of a machine, as it reports it (OPC UA Machinery item state)."""

from enum import StrEnum


class OperatingState(StrEnum):
    """What a machine is doing. Life accrues, and condition is judged, only while `EXECUTING`."""

    EXECUTING = "executing"
    IDLE = "idle"
    OFF = "off"
    MAINTENANCE = "maintenance"
    UNKNOWN = "unknown"
