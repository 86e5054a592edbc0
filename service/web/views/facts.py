"""What is known of one machine at one moment, and how it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from configs.instant import utc_of_ns
from configs.plant import Limit, Machine, PartType, Plant, Sensor, SensorId, Slot, SlotId
from ingest.operation import OperatingState
from ingest.ports import LastValue, MachineProgress
from models.health import Health, HealthStatus
from models.prediction import Prediction
from service.advisory.case import Case, FindingKind, Severity
from service.advisory.countdown import counts_down
from service.advisory.shelving import OutOfService
from service.advisory.spares import Spare

SILENT_PERIODS = 5
SILENT_AT_LEAST = timedelta(minutes=1)
INDICATOR_LIMIT = 100.0


class Standing(StrEnum):
    """How a machine stands, most urgent first."""

    CRITICAL = "critical"
    WARNING = "warning"
    WATCH = "watch"
    NO_SIGNAL = "no_signal"
    OUT_OF_SERVICE = "out_of_service"
    LEARNING = "learning"
    STOPPED = "stopped"
    NORMAL = "normal"


_STANDING_OF = {
    Severity.CRITICAL: Standing.CRITICAL,
    Severity.WARNING: Standing.WARNING,
    Severity.WATCH: Standing.WATCH,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineFacts:
    """Everything that the pages know of one machine; `case` is the open one, `gone_ns` when it was said to have gone.

    `spares` are those of its slots, as far as stock was recorded.
    """

    machine: Machine
    plant: Plant
    case: Case | None = None
    predictions: tuple[Prediction, ...] = ()
    health: Health | None = None
    progress: MachineProgress | None = None
    absence: OutOfService | None = None
    last_values: tuple[LastValue, ...] = ()
    gone_ns: int | None = None
    spares: Mapping[SlotId, Spare] = field(default_factory=dict)

    def slot(self, slot: SlotId) -> Slot | None:
        """Return the slot of that id, None where the machine no longer has it."""
        return next((each for each in self.machine.slots if each.id == slot), None)

    def sensor(self, sensor: SensorId) -> Sensor | None:
        """Return the sensor of that id, None where the machine no longer has it."""
        return next((each for each in self.machine.sensors if each.id == sensor), None)

    def part_type(self, slot: Slot) -> PartType:
        """Return the type of the part in a slot."""
        return self.plant.part_type(slot.part_type)

    def prediction(self, slot: SlotId) -> Prediction | None:
        """Return the newest prediction of a slot."""
        return next((each for each in self.predictions if each.slot == slot), None)

    def last_value(self, sensor: SensorId) -> LastValue | None:
        """Return the newest reading of a sensor."""
        return next((each for each in self.last_values if each.sensor == sensor), None)


def standing_of(facts: MachineFacts, now: datetime) -> Standing:
    """Return how the machine stands; who took it out of service does not want to hear of it."""
    if facts.absence is not None and facts.absence.until > now:
        return Standing.OUT_OF_SERVICE
    if facts.case is not None and not facts.case.history:
        return standing_of_case(facts.case)
    if is_silent(facts, now):
        return Standing.NO_SIGNAL
    return _standing_of_rest(facts)


def standing_of_case(case: Case) -> Standing:
    """Return how a case makes its machine stand: one that knows of missing data alone is no more than that."""
    is_data_only = all(finding.kind is FindingKind.NO_DATA for finding in case.findings)
    return Standing.NO_SIGNAL if is_data_only else _STANDING_OF[case.severity]


def is_silent(facts: MachineFacts, now: datetime) -> bool:
    """Whether a machine that is not switched off has gone, or said nothing for longer than its sensors' periods allow."""
    progress = facts.progress
    if progress is None:
        return True
    if progress.state is OperatingState.OFF:
        return False
    if facts.gone_ns is not None and facts.gone_ns >= progress.newest_received_time_ns:
        return True
    fastest = min((sensor.period_s for sensor in facts.machine.sensors), default=0.0)
    allowed = max(SILENT_AT_LEAST, timedelta(seconds=SILENT_PERIODS * fastest))
    return now - utc_of_ns(progress.newest_event_time_ns) > allowed


def lasting_predictions(facts: MachineFacts) -> tuple[Prediction, ...]:
    """Return the predictions of the parts that last for days; a tool that lasts minutes only counts down."""
    slots = {slot.id for slot in facts.machine.slots if not counts_down(facts.part_type(slot))}
    return tuple(each for each in facts.predictions if each.slot in slots)


def soonest(facts: MachineFacts) -> Prediction | None:
    """Return the prediction whose part may fail first (P10), short-lived parts aside."""
    dated = [(each.remaining.p10_at, each) for each in lasting_predictions(facts) if each.remaining is not None]
    return min(dated, key=lambda pair: pair[0], default=(None, None))[1]


def next_due(facts: MachineFacts) -> Prediction | None:
    """Return the prediction whose part is to be replaced first, or where none has a date, the one that may fail first."""
    dated = [(each.replace_by, each) for each in lasting_predictions(facts) if each.remaining and each.replace_by]
    return min(dated, key=lambda pair: pair[0])[1] if dated else soonest(facts)


def worst_indicator(facts: MachineFacts) -> tuple[str, float] | None:
    """Return what is closest to its limit and how close, in per cent of the limit: a slot's id or a sensor's id."""
    if facts.health is not None and facts.health.slots:
        worst = max(facts.health.slots, key=lambda slot: slot.indicator)
        return worst.slot, worst.indicator
    closeness = [(sensor.id, _closeness(facts, sensor)) for sensor in facts.machine.sensors]
    known = [(sensor, value) for sensor, value in closeness if value is not None]
    return max(known, key=lambda item: item[1], default=None)


def _standing_of_rest(facts: MachineFacts) -> Standing:
    if facts.progress is not None and facts.progress.state in {OperatingState.OFF, OperatingState.MAINTENANCE}:
        return Standing.STOPPED
    if facts.health is not None and facts.health.status is HealthStatus.LEARNING:
        return Standing.LEARNING
    return Standing.NORMAL


def _closeness(facts: MachineFacts, sensor: Sensor) -> float | None:
    last = facts.last_value(sensor.id)
    if last is None or not sensor.limits:
        return None
    middle = (sensor.normal_low + sensor.normal_high) / 2
    return max(_way_to(limit, last.value, middle) for limit in sensor.limits)


def _way_to(limit: Limit, value: float, middle: float) -> float:
    way = limit.value - middle
    return max(0.0, (value - middle) / way * 100) if way else 0.0
