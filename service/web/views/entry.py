"""What the touch form shows: a machine's sensors and meters with their last values, and what was put in where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from configs.instant import utc_of_ns
from configs.measuring_points import sent_sensors
from configs.plant import Machine, PartType, PartTypeId, Sensor
from ingest.meter import MeterState
from ingest.part_life import PartLife
from ingest.ports import LastValue
from service.web.numbers import unit_sign
from service.web.views.causes import UNIT_NAMES
from service.web.views.replacement import REASONS
from service.web.words import Words, key


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryField:
    """One value that can be typed; `last` is "" where none is known. `decimals` places are typed without a point."""

    kind: str
    id: str
    name: str
    unit: str
    last: str
    age: str
    decimals: int
    low: float
    high: float
    usual_low: float
    usual_high: float
    usual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPart:
    """A part that is in its slot, and may have been replaced."""

    life: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """The form for one machine."""

    machine: str
    machine_name: str
    machines: tuple[tuple[str, str], ...]
    fields: tuple[EntryField, ...]
    parts: tuple[EntryPart, ...]
    reasons: tuple[tuple[str, str], ...]
    words: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """What is known of the machine whose values are typed."""

    machine: Machine
    last_values: Sequence[LastValue]
    meters: Sequence[MeterState]
    lives: Sequence[PartLife]
    part_types: Mapping[PartTypeId, PartType]


def entry_view(facts: EntryFacts, machines: Sequence[Machine], words: Words) -> EntryView:
    """Return the form for a machine, to go from it to the others."""
    last = {each.sensor: each for each in facts.last_values}
    names = {slot.id: words.text(slot.name) for slot in facts.machine.slots}
    fields = [_sensor(sensor, last.get(sensor.id), words) for sensor in sent_sensors(facts.machine)]
    fields += [_meter(meter, words) for meter in facts.meters]
    return EntryView(
        machine=facts.machine.id,
        machine_name=words.text(facts.machine.name),
        machines=tuple((machine.id, words.text(machine.name)) for machine in machines),
        fields=tuple(fields),
        parts=tuple(EntryPart(life=life.id, name=names.get(life.slot, life.slot)) for life in facts.lives),
        reasons=tuple((reason.value, words.say(name)) for reason, name in REASONS.items()),
        words={name: words.raw(sentence) for name, sentence in SCRIPT_WORDS.items()},
    )


def _sensor(sensor: Sensor, last: LastValue | None, words: Words) -> EntryField:
    decimals = _decimals(sensor)
    return EntryField(
        kind="sensor",
        id=sensor.id,
        name=words.text(sensor.name),
        unit=unit_sign(sensor.unit),
        last="" if last is None else f"{last.value:.{decimals}f}",
        age="" if last is None else words.ago(utc_of_ns(last.event_time_ns)),
        decimals=decimals,
        low=sensor.range_low,
        high=sensor.range_high,
        usual_low=sensor.normal_low,
        usual_high=sensor.normal_high,
        usual=words.say("entry.usual", low=f"{sensor.normal_low:g}", high=f"{sensor.normal_high:g}"),
    )


def _meter(meter: MeterState, words: Words) -> EntryField:
    return EntryField(
        kind="meter",
        id=meter.unit.value,
        name=words.say("entry.meter"),
        unit=words.say(UNIT_NAMES[meter.unit]),
        last=f"{meter.value:.0f}",
        age=words.ago(utc_of_ns(meter.at_ns)),
        decimals=0,
        low=meter.value,
        high=1e12,
        usual_low=meter.value,
        usual_high=1e12,
        usual=words.say("entry.never_back"),
    )


def _decimals(sensor: Sensor) -> int:
    """Return how many places behind the point people read off: a hundredth or so of what is usual."""
    span = sensor.normal_high - sensor.normal_low
    return 2 if span < 2 else 1 if span < 40 else 0


SCRIPT_WORDS = {
    "impossible": key("entry.impossible"),
    "unusual": key("entry.unusual"),
    "waiting": key("entry.waiting"),
    "sent": key("entry.sent"),
    "refused": key("entry.refused"),
    "nothing": key("entry.nothing"),
    "kept": key("entry.kept"),
}
