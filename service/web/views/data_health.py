"""What the data-health page says: first what needs a look and what to do about it, then that the rest is well."""

from collections.abc import Sequence
from dataclasses import dataclass

from configs.plant import MachineId, Plant
from service.advisory.data_health import (
    DataHealth,
    MachineHealth,
    MissingRange,
    RefusedKind,
    SensorCondition,
    SensorHealth,
)
from service.observability.health import PartReadiness
from service.web.numbers import measured
from service.web.words import Words, key

MOST_RANGES = 50
OTHER_REASON = key("data.reason.other")
CONDITIONS = {
    SensorCondition.NEVER: (key("data.never"), key("data.never.do")),
    SensorCondition.SILENT: (key("data.silent"), key("data.silent.do")),
    SensorCondition.STUCK: (key("data.stuck"), key("data.stuck.do")),
    SensorCondition.UNIT: (key("data.unit"), key("data.unit.do")),
    SensorCondition.SWAPPED: (key("data.swapped"), key("data.swapped.do")),
    SensorCondition.OUT_OF_RANGE: (key("data.out_of_range"), key("data.out_of_range.do")),
    SensorCondition.SHIFTED: (key("data.shifted"), key("data.shifted.do")),
    SensorCondition.SATURATED: (key("data.saturated"), key("data.saturated.do")),
    SensorCondition.NOISY: (key("data.noisy"), key("data.noisy.do")),
    SensorCondition.SKEWED: (key("data.skewed"), key("data.skewed.do")),
}
REASONS = {
    "malformed_json": key("data.reason.malformed_json"),
    "not_a_reading_set": key("data.reason.not_a_reading_set"),
    "not_a_number": key("data.reason.not_a_number"),
    "unknown_version": key("data.reason.unknown_version"),
    "unknown_topic": key("data.reason.unknown_topic"),
    "unknown_machine": key("data.reason.unknown_machine"),
    "unknown_sensor": key("data.reason.unknown_sensor"),
    "wrong_unit": key("data.reason.wrong_unit"),
    "identity_mismatch": key("data.reason.identity_mismatch"),
    "bad_time": key("data.reason.bad_time"),
    "time_window": key("data.reason.time_window"),
    "bad_sequence": key("data.reason.bad_sequence"),
    "too_large": key("data.reason.too_large"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorRow:
    """A sensor, since when it is so where that is known, and its last reading."""

    name: str
    since: str
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionRow:
    """What is wrong with some sensors of a machine, and what to do."""

    condition: str
    advice: str
    sensors: tuple[SensorRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineBlock:
    """A machine with sensors that need a look; a silent one says so once."""

    machine: MachineId
    name: str
    is_silent: bool
    newest: str
    rows: tuple[ConditionRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingRow:
    """Messages that never arrived."""

    name: str
    numbers: str
    count: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """Messages of one kind that could not be stored; `sample` is the newest one's own words, in English."""

    reason: str
    what: str
    count: str
    last: str
    sample: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataHealthView:
    """The page."""

    summary: str
    is_well: bool
    intake_ready: bool
    intake_detail: str
    blocks: tuple[MachineBlock, ...]
    well: str
    missing: tuple[MissingRow, ...]
    missing_total: str
    missing_more: str
    refused: tuple[RefusedRow, ...]


def data_health_view(plant: Plant, health: DataHealth, intake: PartReadiness | None, words: Words) -> DataHealthView:
    """Return what the page says of the data."""
    blocks = tuple(_block(each, words) for each in health.machines if each.troubled)
    sensors = sum(len(each.sensors) for each in health.machines)
    good = sensors - health.troubled_count
    hidden = max(0, len(health.missing) - MOST_RANGES)
    return DataHealthView(
        summary=_summary(health, words),
        is_well=not (blocks or health.missing or health.refused),
        intake_ready=intake is None or intake.ready,
        intake_detail="" if intake is None else intake.detail,
        blocks=blocks,
        well=words.say("data.well", number=good, total=sensors),
        missing=tuple(_missing_row(plant, each, words) for each in health.missing[:MOST_RANGES]),
        missing_total=words.count("data.missing_total", health.missing_count),
        missing_more=words.count("data.missing_more", hidden) if hidden else "",
        refused=tuple(_refused_row(each, words) for each in health.refused),
    )


def _summary(health: DataHealth, words: Words) -> str:
    parts = []
    silent = sum(each.is_silent for each in health.machines)
    doubtful = sum(len(each.troubled) for each in health.machines if not each.is_silent)
    counted: Sequence[tuple[str, int]] = (
        (key("data.sum.silent"), silent),
        (key("data.sum.sensors"), doubtful),
        (key("data.sum.missing"), health.missing_count),
        (key("data.sum.refused"), sum(each.count for each in health.refused)),
    )
    parts = [words.count(name, number) for name, number in counted if number]
    return " · ".join(parts) if parts else words.say("data.sum.well")


def _block(health: MachineHealth, words: Words) -> MachineBlock:
    newest = words.say("data.nothing_yet") if health.newest_at is None else words.ago(health.newest_at)
    return MachineBlock(
        machine=health.machine.id,
        name=words.text(health.machine.name),
        is_silent=health.is_silent,
        newest=newest,
        rows=() if health.is_silent else _condition_rows(health, words),
    )


def _condition_rows(health: MachineHealth, words: Words) -> tuple[ConditionRow, ...]:
    return tuple(
        ConditionRow(
            condition=words.say(name),
            advice=words.say(advice),
            sensors=tuple(_sensor_row(each, words) for each in health.troubled if each.condition is condition),
        )
        for condition, (name, advice) in CONDITIONS.items()
        if any(each.condition is condition for each in health.troubled)
    )


def _sensor_row(health: SensorHealth, words: Words) -> SensorRow:
    last = ""
    if health.last is not None and health.last_at is not None:
        value = measured(health.last.value, health.sensor.unit)
        last = words.say("data.last", value=value, ago=words.ago(health.last_at))
    since = "" if health.since is None else words.say("data.since", at=words.moment(health.since))
    return SensorRow(name=words.text(health.sensor.name), since=since, last=last)


def _missing_row(plant: Plant, missing: MissingRange, words: Words) -> MissingRow:
    machine = plant.machine(MachineId(missing.machine))
    single = missing.first == missing.last
    return MissingRow(
        name=words.text(machine.name) if machine is not None else missing.machine,
        numbers=f"#{missing.first}" if single else f"#{missing.first}–#{missing.last}",
        count=words.count("data.messages", missing.count),
        since=words.moment(missing.since),
    )


def _refused_row(kind: RefusedKind, words: Words) -> RefusedRow:
    return RefusedRow(
        reason=kind.reason,
        what=words.say(REASONS.get(kind.reason, OTHER_REASON)),
        count=words.count("data.messages", kind.count),
        last=words.ago(kind.last_seen),
        sample=kind.detail,
    )
