"""Health of a machine and its slots, 0–100, where 100 is as new (ISO 13374 HA)."""

from dataclasses import dataclass
from enum import StrEnum

from configs.plant import MachineId, SlotId


class HealthStatus(StrEnum):
    """Whether there is ground for a number."""

    OK = "ok"
    LEARNING = "learning"
    NO_DATA = "no_data"
    NOT_RUNNING = "not_running"


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotHealth:
    """Health of one slot; `indicator` is its degradation in per cent of the failure limit (100 = fails)."""

    slot: SlotId
    health: float
    indicator: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Health of a machine at the end of a window: the worst of its slots, or None with the reason in `status`.

    `learnt_s` of `needed_s` seconds of operation have been learnt.
    """

    machine: MachineId
    at_ns: int
    status: HealthStatus
    health: float | None
    anomaly: float | None
    learnt_s: float
    needed_s: float
    slots: tuple[SlotHealth, ...]
