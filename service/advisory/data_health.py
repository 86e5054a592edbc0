"""What is wrong with the data itself: sensors that are silent, stuck or doubtful, messages that are missing or refused."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from configs.instant import utc_of_ns
from configs.plant import Machine, MachineId, Sensor, SensorId
from ingest.operation import OperatingState
from ingest.ports import DeadLetter, Gap, LastValue, MachineProgress, SettledAs
from ingest.quality import Doubt
from ingest.reading import QualityFlag

SILENT_PERIODS = 3.0
SILENT_AT_LEAST = timedelta(seconds=30)
GAP_IS_OPEN_AFTER = timedelta(seconds=30)
"""A number that is missing for less than this may still be on its way."""


class SensorCondition(StrEnum):
    """How a sensor's data is; the worst of what holds, in this order."""

    NEVER = "never"
    SILENT = "silent"
    STUCK = "stuck"
    UNIT = "unit"
    SWAPPED = "swapped"
    OUT_OF_RANGE = "out_of_range"
    SHIFTED = "shifted"
    SATURATED = "saturated"
    NOISY = "noisy"
    SKEWED = "skewed"
    OK = "ok"


_FLAGS = {
    SensorCondition.STUCK: QualityFlag.STUCK,
    SensorCondition.UNIT: QualityFlag.SUSPECT_UNIT,
    SensorCondition.SWAPPED: QualityFlag.SUSPECT_SWAP,
    SensorCondition.OUT_OF_RANGE: QualityFlag.OUT_OF_RANGE,
    SensorCondition.SHIFTED: QualityFlag.SHIFTED,
    SensorCondition.SATURATED: QualityFlag.SATURATED,
    SensorCondition.NOISY: QualityFlag.NOISE,
    SensorCondition.SKEWED: QualityFlag.CLOCK_SKEW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorHealth:
    """One sensor: its condition, since when where that is known, and its last reading where there was one."""

    machine: Machine
    sensor: Sensor
    condition: SensorCondition
    last: LastValue | None
    since: datetime | None

    @property
    def last_at(self) -> datetime | None:
        """When the last reading was taken."""
        return None if self.last is None else utc_of_ns(self.last.event_time_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineHealth:
    """One machine's data. `is_silent` says that nothing at all comes from it, although it is not known to be off."""

    machine: Machine
    newest_at: datetime | None
    is_silent: bool
    sensors: tuple[SensorHealth, ...]

    @property
    def troubled(self) -> tuple[SensorHealth, ...]:
        """The sensors whose data is not as it should be."""
        return tuple(each for each in self.sensors if each.condition is not SensorCondition.OK)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRange:
    """Messages of a machine that never arrived, by their numbers; `count` of them."""

    machine: str
    boot: str
    first: int
    last: int
    since: datetime

    @property
    def count(self) -> int:
        """How many messages are missing."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedKind:
    """Open dead letters of one reason: different messages, how often they came, and the newest one's advice."""

    reason: str
    letters: int
    count: int
    last_seen: datetime
    detail: str
    topics: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DataHealth:
    """The data of a plant at one moment."""

    machines: tuple[MachineHealth, ...]
    missing: tuple[MissingRange, ...]
    refused: tuple[RefusedKind, ...]

    @property
    def missing_count(self) -> int:
        """How many messages are missing."""
        return sum(each.count for each in self.missing)

    @property
    def troubled_count(self) -> int:
        """How many sensors need a look."""
        return sum(len(each.troubled) for each in self.machines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What is known of the data: newest readings, how far machines came, open gaps, dead letters."""

    last_values: Sequence[LastValue]
    progress: Sequence[MachineProgress]
    gaps: Sequence[Gap]
    letters: Sequence[DeadLetter]
    absent: frozenset[MachineId] = frozenset()
    doubts: Mapping[MachineId, Sequence[Doubt]] = field(default_factory=dict)
    """The doubts that stand of sensors, by machine."""


def assess_data(machines: Sequence[Machine], seen: Observed, now: datetime) -> DataHealth:
    """Return how the data of machines is; those out of service are left in peace."""
    values: dict[MachineId, dict[SensorId, LastValue]] = defaultdict(dict)
    for value in seen.last_values:
        values[value.machine][value.sensor] = value
    progress = {each.machine: each for each in seen.progress}
    found = [
        _machine_health(
            machine, _Known(values[machine.id], progress.get(machine.id), seen.doubts.get(machine.id, ())), now
        )
        for machine in machines
        if machine.id not in seen.absent
    ]
    return DataHealth(machines=tuple(found), missing=_missing(seen.gaps, now), refused=_refused(seen.letters))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one machine's data."""

    values: Mapping[SensorId, LastValue]
    progress: MachineProgress | None
    doubts: Sequence[Doubt]


def _machine_health(machine: Machine, known: _Known, now: datetime) -> MachineHealth:
    sensors = tuple(_sensor_health(machine, sensor, known, now) for sensor in machine.sensors)
    quiet = {SensorCondition.SILENT, SensorCondition.NEVER}
    return MachineHealth(
        machine=machine,
        newest_at=None if known.progress is None else utc_of_ns(known.progress.newest_received_time_ns),
        is_silent=bool(sensors) and all(each.condition in quiet for each in sensors),
        sensors=sensors,
    )


def _sensor_health(machine: Machine, sensor: Sensor, known: _Known, now: datetime) -> SensorHealth:
    last = known.values.get(sensor.id)
    rests = known.progress is not None and known.progress.state is OperatingState.OFF
    doubts = {doubt.flag: doubt for doubt in known.doubts if doubt.sensor == sensor.id}
    condition = _condition(sensor, last, now, (doubts, rests))
    doubt = doubts.get(_FLAGS.get(condition, QualityFlag.GOOD))
    since = utc_of_ns(doubt.since_ns) if doubt is not None else None
    if condition is SensorCondition.SILENT and last is not None:
        since = utc_of_ns(last.received_time_ns)
    return SensorHealth(machine=machine, sensor=sensor, condition=condition, last=last, since=since)


def _condition(
    sensor: Sensor, last: LastValue | None, now: datetime, more: tuple[Mapping[QualityFlag, Doubt], bool]
) -> SensorCondition:
    doubts, rests = more
    if last is None:
        return SensorCondition.NEVER
    patience = max(SILENT_AT_LEAST, timedelta(seconds=SILENT_PERIODS * sensor.period_s))
    if not rests and now - utc_of_ns(last.received_time_ns) > patience:
        return SensorCondition.SILENT
    held = (name for name, flag in _FLAGS.items() if last.quality & flag or flag in doubts)
    return next(held, SensorCondition.OK)


def _missing(gaps: Iterable[Gap], now: datetime) -> tuple[MissingRange, ...]:
    ranges = [
        MissingRange(
            machine=gap.stream.rpartition("/")[2], boot=gap.boot, first=gap.first, last=gap.last, since=gap.since
        )
        for gap in gaps
        if now - gap.since >= GAP_IS_OPEN_AFTER
    ]
    return tuple(sorted(ranges, key=lambda each: (each.since, each.machine, each.first), reverse=True))


def _refused(letters: Iterable[DeadLetter]) -> tuple[RefusedKind, ...]:
    kinds: dict[str, list[DeadLetter]] = defaultdict(list)
    for letter in letters:
        if letter.settled_as is SettledAs.OPEN:
            kinds[letter.reason].append(letter)
    found = [_kind(reason, own) for reason, own in kinds.items()]
    return tuple(sorted(found, key=lambda kind: (-kind.count, kind.reason)))


def _kind(reason: str, letters: Sequence[DeadLetter]) -> RefusedKind:
    newest = max(letters, key=lambda letter: letter.last_seen)
    return RefusedKind(
        reason=reason,
        letters=len(letters),
        count=sum(letter.count for letter in letters),
        last_seen=newest.last_seen,
        detail=newest.detail,
        topics=tuple(sorted({letter.topic for letter in letters})),
    )
