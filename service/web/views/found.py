"""What the page shows of machines and sensors that report and are not registered."""

from collections.abc import Sequence
from dataclasses import dataclass

from configs.catalogue.load import Catalogue
from configs.instant import utc_of_ns
from configs.plant import Plant
from ingest.intake.found import Found
from service.actions.registration import line_of_topic
from service.advisory.registration import can_be_registered, likely_types
from service.web.numbers import measured
from service.web.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSensor:
    """One sensor that is not registered, and the newest thing it said."""

    sensor: str
    value: str
    last: str
    can_be: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundGroup:
    """What one topic brings of one machine; a new machine may be of any of `types`, the likeliest first."""

    topic: str
    machine: str
    name: str
    is_new: bool
    can_be: bool
    line: str
    sensors: tuple[FoundSensor, ...]
    types: tuple[tuple[str, str], ...]
    lines: tuple[tuple[str, str], ...]


def found_view(found: Sequence[Found], plant: Plant, catalogue: Catalogue, words: Words) -> tuple[FoundGroup, ...]:
    """Return what was found by topic and machine, what was heard last in front."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for each in found:
        groups.setdefault((each.newest.topic, each.newest.machine), []).append(each)
    return tuple(_group(own, plant, catalogue, words) for own in groups.values())


def _group(own: list[Found], plant: Plant, catalogue: Catalogue, words: Words) -> FoundGroup:
    newest = own[0].newest
    known = plant.machine(newest.known_machine) if newest.known_machine is not None else None
    types = {kind.id: kind for kind in catalogue.equipment_types}
    likely = likely_types((each.newest.sensor for each in own), catalogue.equipment_types)
    return FoundGroup(
        topic=newest.topic,
        machine=newest.machine,
        name=words.text(known.name) if known is not None else newest.machine,
        is_new=known is None,
        can_be=can_be_registered(newest.machine) and all(can_be_registered(each.newest.sensor or "x") for each in own),
        line=line_of_topic(newest.topic),
        sensors=tuple(_sensor(each, words) for each in own if each.newest.sensor),
        types=tuple((name, words.text(types[name].name)) for name in likely),
        lines=tuple((line.id, words.text(line.name)) for line in plant.lines),
    )


def _sensor(found: Found, words: Words) -> FoundSensor:
    newest = found.newest
    return FoundSensor(
        sensor=newest.sensor,
        value="–" if newest.value is None else measured(newest.value, newest.unit or ""),
        last=words.ago(utc_of_ns(found.last_seen_ns)),
        can_be=can_be_registered(newest.sensor),
    )
