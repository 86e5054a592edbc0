"""How to make parts last, in words: what less stress is worth, worst actors, repeats, remedies, and tests of a change."""

from dataclasses import dataclass

from configs.plant import LifeUnit, Plant, SlotId
from ingest.maintenance_event import MaintenanceKind
from ingest.part_life import RemovalReason
from models.prognosis.change_test import ChangeTest, Outcome
from service.advisory.improvement import HELD_FOR, LESS_STRESS, Extension, Remedy, Repeat, WorstActor
from service.http.improving import Improvement
from service.web.numbers import percent
from service.web.views.causes import amount
from service.web.views.replacement import REASONS, mode_words
from service.web.views.stock import part_words, parts_in_use
from service.web.words import Words, key

MOST_EXTENSIONS = 12
MOST_REPEATS = 10
MOST_REMEDIES = 12
OUTCOMES = {
    Outcome.LONGER: key("change.longer"),
    Outcome.SHORTER: key("change.shorter"),
    Outcome.UNDECIDED: key("change.undecided"),
    Outcome.TOO_FEW: key("change.too_few"),
}
STRESSES = {"cutting_speed_percent": key("stress.cutting_speed_percent")}
WORK = {
    MaintenanceKind.PREVENTIVE: key("work.preventive"),
    MaintenanceKind.CORRECTIVE: key("work.corrective"),
    MaintenanceKind.CONDITION_BASED: key("work.condition_based"),
    MaintenanceKind.INSPECTION: key("work.inspection"),
    MaintenanceKind.CALIBRATION: key("work.calibration"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line with a heading, what it says, and a quiet remark; `href` leads to the machine or is empty."""

    name: str
    says: str
    remark: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """The test of a change: what can be chosen, what was chosen, and what the lives say."""

    parts: tuple[tuple[str, str], ...]
    part: str
    since: str
    verdict: str
    detail: str
    mistake: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImprovementView:
    """The page of improvement."""

    extensions: tuple[Row, ...]
    without_law: str
    actors: tuple[Row, ...]
    repeats: tuple[Row, ...]
    remedies: tuple[Row, ...]
    change: ChangeView


def improvement_view(found: Improvement, plant: Plant, change: ChangeView, words: Words) -> ImprovementView:
    """Return the page of improvement."""
    known = [each for each in found.extensions if each.law is not None]
    unknown = [each for each in found.extensions if each.law is None]
    return ImprovementView(
        extensions=tuple(extension_row(each, plant, words) for each in known[:MOST_EXTENSIONS]),
        without_law=", ".join(_part_name(each.part_type, plant, words) for each in unknown),
        actors=tuple(actor_row(each, plant, words) for each in found.actors),
        repeats=tuple(_repeat_row(each, plant, words) for each in found.repeats[:MOST_REPEATS]),
        remedies=tuple(_remedy_row(each, plant, words) for each in found.remedies[:MOST_REMEDIES]),
        change=change,
    )


def change_view(
    plant: Plant, words: Words, *, part: str, since: str, test: ChangeTest | None, mistake: str = ""
) -> ChangeView:
    """Return the form of a test of a change with its outcome, where one was asked for."""
    parts = parts_in_use(plant, {site.id for site in plant.sites})
    return ChangeView(
        parts=tuple((each.id, part_words(each, plant, words)) for each in parts),
        part=part,
        since=since,
        verdict="" if test is None else words.say(OUTCOMES[test.outcome]),
        detail="" if test is None else change_detail(test, words),
        mistake=mistake,
    )


def change_detail(test: ChangeTest, words: Words) -> str:
    """Return what a test of a change rests on, and what it lacks."""
    counts = words.say("change.failures", before=test.failures_before, after=test.failures_after)
    found = [counts]
    if test.ratio is not None and test.low is not None and test.high is not None:
        found.append(
            words.say("change.ratio", ratio=f"{test.ratio:.2f}", low=f"{test.low:.2f}", high=f"{test.high:.2f}")
        )
    if test.more_failures:
        found.append(words.count("change.more", test.more_failures))
    return " ".join(found)


def extension_row(each: Extension, plant: Plant, words: Words) -> Row:
    """Return what less stress is worth on one kind of part."""
    factor, law = each.factor, each.law
    longer = () if factor is None else (factor.median, factor.p10, factor.p90)
    middle, low, high = (percent(max(0.0, value - 1.0)) for value in longer)
    return Row(
        name=_part_name(each.part_type, plant, words),
        says=words.say(
            "improve.what_if",
            stress=stress_words(each, plant, words),
            change=percent(-LESS_STRESS),
            longer=middle,
            low=low,
            high=high,
        ),
        remark=words.say(
            "improve.worth",
            saved=words.money(each.saved_krw),
            low=words.money(each.saved_low_krw),
            high=words.money(each.saved_high_krw),
            slots=each.slots,
            note=law.source.note if law is not None else "",
        ),
    )


def stress_words(each: Extension, plant: Plant, words: Words) -> str:
    """Return the name of a stress: that of the sensor that shows it, where it is one."""
    stress = each.law.stress if each.law is not None else ""
    for kind in plant.equipment_types:
        if str(each.part_type).startswith(f"{kind.id}."):
            for sensor in kind.sensors:
                if sensor.id == stress:
                    return words.text(sensor.name)
    named = STRESSES.get(stress)
    return words.say(named) if named is not None else stress.replace("_", " ")


def actor_row(each: WorstActor, plant: Plant, words: Words) -> Row:
    """Return a slot that failed often."""
    modes = ", ".join(
        words.say("improve.mode", mode=mode_words(mode, words), number=number) for mode, number in each.modes
    )
    says = words.count("improve.failures", each.failures, cost=words.money(each.cost_krw))
    return Row(
        name=_place_name(each.machine, each.slot, plant, words),
        says=says,
        remark=modes or words.say("improve.no_mode"),
        href=f"/machines/{each.machine}",
    )


def _repeat_row(each: Repeat, plant: Plant, words: Words) -> Row:
    life = each.life
    return Row(
        name=_place_name(life.machine, life.slot, plant, words),
        says=words.say(
            "improve.repeat",
            ran=_amount(each.ran, life.life_unit, words),
            usual=_amount(each.usual, life.life_unit, words),
        ),
        remark=words.day(life.removed_at) if life.removed_at is not None else "",
        href=f"/part-lives/{life.id}",
    )


def _remedy_row(each: Remedy, plant: Plant, words: Words) -> Row:
    done = words.say(REASONS[each.done]) if isinstance(each.done, RemovalReason) else words.say(WORK[each.done])
    decided = each.held + each.failed
    says = (
        words.say("improve.held", held=each.held, decided=decided, days=HELD_FOR.days)
        if decided
        else words.say("improve.not_yet")
    )
    open_ = words.count("improve.open", each.undecided) if each.undecided else ""
    return Row(name=f"{_part_name(each.part_type, plant, words)} · {done}", says=says, remark=open_)


def _amount(value: float, unit: LifeUnit, words: Words) -> str:
    return amount(value, unit, words)


def _part_name(part_type: str, plant: Plant, words: Words) -> str:
    part = next((each for each in plant.part_types if each.id == part_type), None)
    return part_words(part, plant, words) if part is not None else str(part_type)


def _place_name(machine: str, slot: SlotId, plant: Plant, words: Words) -> str:
    known = next((each for each in plant.machines if each.id == machine), None)
    place = next((each for each in known.slots if each.id == slot), None) if known is not None else None
    if known is None or place is None:
        return f"{machine} {slot}"
    return f"{words.text(known.name)} {words.text(place.name)}"
