"""`yeji map`: live messages beside what the mappings make of them."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from configs.input_forms import read_mappings, ready_made
from configs.instant import ns_of, utc_of_ns
from configs.plant import Machine, MachineId, Plant, SensorId
from configs.settings import Settings
from configs.topic_pattern import compile_topic
from ingest.decode.mapping import MappingDecoder
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from ingest.reading import Rejection
from service.app.clock import utc_now
from service.errors import InvalidRequestError
from service.operations.broker_address import broker_for
from service.operations.listener import Heard, listening
from service.operations.result import Output
from service.operations.setup import plant_for

DAY_NS = 86_400 * 1_000_000_000
SHOWN_BYTES = 160
MOST_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class MapWish:
    """What is to be listened to, for how long, and which ready-made mapping is tried instead of the plant's own."""

    topic: str | None
    like: str | None
    broker: str | None
    messages: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one message."""

    topic: str
    payload: str
    readings: tuple[str, ...]
    found: tuple[str, ...]
    refused: tuple[str, ...]
    is_mapped: bool


def show_mapping(settings: Settings, wish: MapWish, output: Output) -> None:
    """Listen, and show each message with what it comes to; nothing is stored."""
    plant = _tried(plant_for(settings), wish.like)
    topic = wish.topic or _only_filter(plant)
    decoder = MappingDecoder(plant, TimeWindow(past_ns=int(settings.store.raw_days * DAY_NS), future_ns=300 * 10**9))
    outcomes: list[Outcome] = []
    with listening(broker_for(settings, wish.broker), topic) as listener:
        for heard in listener.hear(wish.messages, wish.seconds):
            outcomes.append(outcome := explain(decoder, plant, heard, ns_of(utc_now())))
            if not output.as_json:
                output.show({}, "\n".join(lines_of(outcome)))
    told = verdict(outcomes, topic, plant, wish.seconds)
    document = {"topic": topic, "verdict": told, "messages": [_row(outcome) for outcome in outcomes]}
    output.show(document, told)


def list_ready_made(output: Output) -> None:
    """Show the ready-made mappings by name, with the topics that they are made for."""
    rows = [{"like": name, "topic": table["topic"]} for name, table in ready_made().items()]
    output.show_rows(rows, "none")


def explain(decoder: MappingDecoder, plant: Plant, heard: Heard, received_ns: int) -> Outcome:
    """Return what the mappings make of a message that came at `received_ns`."""
    topic, payload = heard
    shown = payload[:SHOWN_BYTES].decode("utf-8", "replace") + ("…" if len(payload) > SHOWN_BYTES else "")
    if not decoder.reads(topic):
        return Outcome(topic=topic, payload=shown, readings=(), found=(), refused=(), is_mapped=False)
    decoded = decoder.decode(topic, payload, received_ns)
    refused = (decoded,) if isinstance(decoded, Rejection) else decoded.rejections
    return Outcome(
        topic=topic,
        payload=shown,
        readings=() if isinstance(decoded, Rejection) else _readings(decoded, plant),
        found=() if isinstance(decoded, Rejection) else _found(decoded),
        refused=tuple(rejection.detail for rejection in refused),
        is_mapped=True,
    )


def lines_of(outcome: Outcome) -> list[str]:
    """Return how a message and what it comes to are written for people."""
    lines = [f"{outcome.topic}  {' '.join(outcome.payload.split())}"]
    lines += [f"    = {reading}" for reading in outcome.readings[:MOST_SHOWN]]
    lines += [f"    ? {name}: not in the plant" for name in outcome.found[:MOST_SHOWN]]
    lines += [f"    ! {why}" for why in outcome.refused]
    hidden = max(0, len(outcome.readings) - MOST_SHOWN) + max(0, len(outcome.found) - MOST_SHOWN)
    if hidden:
        lines.append(f"    … and {hidden} more")
    if not outcome.is_mapped:
        fitting = [name for name, table in ready_made().items() if compile_topic(table["topic"]).match(outcome.topic)]
        lines.append("    no mapping is made for this topic" + (f"; try --like {fitting[0]}" if fitting else ""))
    elif not (outcome.readings or outcome.found or outcome.refused):
        lines.append("    nothing in it is a reading")
    return lines


def verdict(outcomes: list[Outcome], topic: str, plant: Plant, seconds: float) -> str:
    """Return in one line how it stands, and what to do about it."""
    if not outcomes:
        return (
            f"nothing came on {topic} within {seconds:g} s; see whether the sender runs, and whether the topic is right"
        )
    counts = Counter(
        read=sum(bool(outcome.readings) for outcome in outcomes),
        found=sum(bool(outcome.found) for outcome in outcomes),
        refused=sum(bool(outcome.refused) for outcome in outcomes),
        mapped=sum(outcome.is_mapped for outcome in outcomes),
    )
    if not counts["mapped"]:
        own = ", ".join(mapping.topic for mapping in plant.mappings) or "none"
        return f"none of {len(outcomes)} messages is on a mapped topic (mapped: {own}); add a [[mapping]] to plant.toml"
    if not counts["read"]:
        if counts["found"]:
            return "the paths match, but nothing that they find is in the plant; list names under machines and sensors"
        return f"the mapping finds nothing in {counts['mapped']} messages; correct its paths"
    rest = [
        f"{counts[name]} with {words}"
        for name, words in (("found", "unknown names"), ("refused", "refusals"))
        if counts[name]
    ]
    return f"{counts['read']} of {len(outcomes)} messages are read" + (f"; {' and '.join(rest)}" if rest else "")


def _tried(plant: Plant, like: str | None) -> Plant:
    """Return the plant with a ready-made mapping in front of its own."""
    if like is None:
        return plant
    machines: dict[str, Machine] = {machine.id: machine for machine in plant.machines}
    mappings, mistakes = read_mappings([{"id": "tried", "like": like}], machines)
    if mistakes:
        raise InvalidRequestError(f"{mistakes[0]}; yeji map --list shows them")
    return replace(plant, mappings=(*mappings, *plant.mappings))


def _only_filter(plant: Plant) -> str:
    filters = {compile_topic(mapping.topic).filter for mapping in plant.mappings}
    if len(filters) != 1:
        told = ", ".join(sorted(filters)) or "none is mapped yet"
        raise InvalidRequestError(f"name what to listen to with --topic ({told})")
    return filters.pop()


def _readings(parcel: Parcel, plant: Plant) -> tuple[str, ...]:
    found = []
    for message in parcel.messages:
        zone = _zone(plant, message.machine)
        for at_ns, row in zip(message.event_times_ns, message.values, strict=True):
            at = _stamp(at_ns, zone)
            found += [
                f"{message.machine} {sensor} = {value:g} {_unit(plant, message.machine, sensor)}".rstrip() + f" at {at}"
                for sensor, value in zip(message.sensors, row, strict=True)
                if value == value  # noqa: PLR0124 (NaN is "not reported")
            ]
        if message.state is not None:
            found.append(f"{message.machine} is {message.state.value}")
    return tuple(found)


def _found(parcel: Parcel) -> tuple[str, ...]:
    return tuple(
        f"{seen.machine} {seen.sensor} = {seen.value:g}" for seen in parcel.sightings if seen.value is not None
    )


def _zone(plant: Plant, machine: MachineId) -> ZoneInfo:
    own = plant.machine(machine)
    site = plant.sites[0] if own is None else plant.site(own.site)
    return ZoneInfo(site.time_zone)


def _unit(plant: Plant, machine: MachineId, sensor: SensorId) -> str:
    own = plant.machine(machine)
    return next((each.unit for each in own.sensors if each.id == sensor), "") if own else ""


def _stamp(at_ns: int, zone: ZoneInfo) -> str:
    at: datetime = utc_of_ns(at_ns)
    return at.astimezone(zone).isoformat(sep=" ", timespec="milliseconds")


def _row(outcome: Outcome) -> dict[str, object]:
    return {name: getattr(outcome, name) for name in ("topic", "payload", "readings", "found", "refused", "is_mapped")}
