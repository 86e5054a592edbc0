"""What a prediction of one slot is made from."""

from dataclasses import dataclass

from configs.plant import MachineId, PartType, SensorId, SlotId
from ingest.part_life import PartLife
from models.condition import Condition, Contribution
from models.health import Health
from models.prognosis.degradation import IndicatorSeries
from models.prognosis.usage import MeterRate


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotEvidence:
    """All that is known about one slot at one moment.

    Parameters
    ----------
    life
        The open life of the part in the slot, or None where none is recorded.
    meter
        Where the machine's meter of the part's life unit stands, or None; not needed for calendar days.
    rate
        How fast that meter runs (`usage.estimate_rate`), or None where nothing is known of it.
    indicator
        The slot's hourly degradation indicator, or None where there is none (no signs, still learning).
    contributions
        How the slot's sensors deviate from the machine's own baseline, largest first.
    limits_passed
        The limit conditions that hold now on sensors that are signs of this slot.
    health
        The machine's health, or None where nothing was ever received from it.
    cost_planned, cost_unplanned
        What a replacement costs the site in its own money, or None where it has not typed them.
    risk
        The share of parts (0-1) that may fail before they are replaced, where the site chose a risk and typed no costs.
    stress
        How much faster than at reference stress the part is used up now (`weibull` counts life at reference stress).
    unseen
        A context sensor that stands where the model has never seen it, and its value; None where the regime is known.
    signs_missing
        Whether the slot has signs and a learnt machine, but none of them gives a value that can be used (all missing, stuck).
    model_digest
        sha256 of the artefact behind the indicator, "" where there is none.
    """

    machine: MachineId
    slot: SlotId
    part_type: PartType
    life: PartLife | None
    meter: float | None
    rate: MeterRate | None
    plant_revision: int
    indicator: IndicatorSeries | None = None
    contributions: tuple[Contribution, ...] = ()
    limits_passed: tuple[Condition, ...] = ()
    health: Health | None = None
    cost_planned: float | None = None
    cost_unplanned: float | None = None
    risk: float | None = None
    stress: float = 1.0
    unseen: tuple[SensorId, float] | None = None
    signs_missing: bool = False
    model_digest: str = ""
