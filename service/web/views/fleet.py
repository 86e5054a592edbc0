"""The fleet page: which machines need somebody, and how all of them are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from configs.instant import utc_of_ns
from configs.plant import Line, MachineId, Plant
from service.advisory.case import Case, CaseState
from service.web.numbers import percent
from service.web.views.advice import AdviceWords, advice_words
from service.web.views.facts import (
    INDICATOR_LIMIT,
    MachineFacts,
    Standing,
    soonest,
    standing_of,
    standing_of_case,
    worst_indicator,
)
from service.web.views.life_bar import LifeBar, life_bar, range_words
from service.web.views.supply import lead_words, order_words
from service.web.words import Words, key

STANDINGS = {
    Standing.CRITICAL: key("standing.critical"),
    Standing.WARNING: key("standing.warning"),
    Standing.WATCH: key("standing.watch"),
    Standing.NO_SIGNAL: key("standing.no_signal"),
    Standing.OUT_OF_SERVICE: key("standing.out_of_service"),
    Standing.LEARNING: key("standing.learning"),
    Standing.STOPPED: key("standing.stopped"),
    Standing.NORMAL: key("standing.normal"),
}
ALWAYS_COUNTED = (Standing.CRITICAL, Standing.WARNING, Standing.NORMAL)
BAR_END = 125.0
LIMIT_TICK = round(INDICATOR_LIMIT / BAR_END * 100, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many machines stand like that."""

    standing: Standing
    words: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One machine that needs somebody."""

    machine: MachineId
    name: str
    line: str
    standing: Standing
    standing_words: str
    who: str
    advice: AdviceWords
    more: str
    supply: str
    chance: str
    bar: LifeBar | None
    case: str
    version: int
    is_unacknowledged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One machine in its line; `fill` is the bar's length in per cent, None where nothing is known."""

    machine: MachineId
    name: str
    standing: Standing
    words: str
    title: str
    fill: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTiles:
    """The machines of one line."""

    name: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetView:
    """All that the fleet page shows."""

    counts: tuple[Count, ...]
    cards: tuple[Card, ...]
    lines: tuple[LineTiles, ...]
    machines: int


def fleet_view(plant: Plant, all_facts: Sequence[MachineFacts], words: Words) -> FleetView:
    """Return the page of these machines, the most urgent first among the cards."""
    standings = {facts.machine.id: standing_of(facts, words.now) for facts in all_facts}
    needing = [(facts, facts.case) for facts in all_facts if facts.case is not None and _needs(facts, standings)]
    cards = [_card(facts, case, standings[facts.machine.id], words) for facts, case in sorted(needing, key=_urgency)]
    return FleetView(
        counts=_counts(Counter(standings.values()), words),
        cards=tuple(cards),
        lines=tuple(
            LineTiles(name=words.text(line.name), tiles=tiles)
            for line in plant.lines
            if (tiles := _tiles(line, all_facts, standings, words))
        ),
        machines=len(all_facts),
    )


def standing_words(standing: Standing, words: Words) -> str:
    """Return the word for how a machine stands."""
    return words.say(STANDINGS[standing])


def who_words(case: Case, words: Words) -> str:
    """Return who is on a case, or how long nobody has been."""
    if case.state is CaseState.RAISED or case.acknowledged_at is None:
        return words.say("case.nobody", lasting=words.lasting(words.now - case.raised_at))
    who = case.acknowledged_by or ""
    return words.say("case.somebody", who=who, day=words.day(case.acknowledged_at))


def _needs(facts: MachineFacts, standings: dict[MachineId, Standing]) -> bool:
    return standings[facts.machine.id] in {Standing.CRITICAL, Standing.WARNING, Standing.WATCH, Standing.NO_SIGNAL}


def _urgency(needing: tuple[MachineFacts, Case]) -> tuple[int, bool, bool, datetime, datetime]:
    """Return what cards are sorted by: severity, silence last, nobody on it first, then what may fail first."""
    facts, case = needing
    first = soonest(facts)
    p10_at = first.remaining.p10_at if first is not None and first.remaining is not None else None
    return (
        -case.severity,
        standing_of_case(case) is Standing.NO_SIGNAL,
        case.state is not CaseState.RAISED,
        p10_at or datetime.max.replace(tzinfo=UTC),
        case.raised_at,
    )


def _counts(found: Counter[Standing], words: Words) -> tuple[Count, ...]:
    return tuple(
        Count(standing=standing, words=standing_words(standing, words), number=found[standing])
        for standing in Standing
        if found[standing] or standing in ALWAYS_COUNTED
    )


def _card(facts: MachineFacts, case: Case, standing: Standing, words: Words) -> Card:
    advice = advice_words(facts, case, words)
    others = len({finding.key for finding in case.findings}) - 1
    return Card(
        machine=facts.machine.id,
        name=words.text(facts.machine.name),
        line=line_words(facts, words),
        standing=standing,
        standing_words=standing_words(standing, words),
        who=who_words(case, words),
        advice=advice,
        more=words.count("card.more", others) if others else "",
        supply=_supply(facts, advice, words),
        chance=_chance(advice, words),
        bar=_bar(facts, advice, words),
        case=case.id,
        version=case.version,
        is_unacknowledged=case.state is CaseState.RAISED,
    )


def line_words(facts: MachineFacts, words: Words) -> str:
    """Return the name of the machine's line."""
    line = next((line for line in facts.plant.lines if line.id == facts.machine.line), None)
    return words.text(line.name) if line else facts.machine.line


def _supply(facts: MachineFacts, advice: AdviceWords, words: Words) -> str:
    slot = facts.slot(advice.prediction.slot) if advice.prediction else None
    if slot is None or advice.prediction is None:
        return ""
    part = facts.part_type(slot)
    order = order_words(advice.prediction, part, words, facts.spares.get(slot.id))
    return " · ".join(filter(None, (lead_words(part, words), order)))


def _chance(advice: AdviceWords, words: Words) -> str:
    chances = advice.prediction.failure_probability if advice.prediction else None
    if chances is None:
        return ""
    return words.say("chance.within_7", chance=percent(chances.within_7_days))


def _bar(facts: MachineFacts, advice: AdviceWords, words: Words) -> LifeBar | None:
    slot = facts.slot(advice.prediction.slot) if advice.prediction else None
    if slot is None or advice.prediction is None or advice.prediction.remaining is None:
        return None
    return life_bar(advice.prediction.remaining, facts.part_type(slot).lead_time_days, words)


def _tiles(
    line: Line, all_facts: Sequence[MachineFacts], standings: dict[MachineId, Standing], words: Words
) -> tuple[Tile, ...]:
    return tuple(
        _tile(facts, standings[facts.machine.id], words) for facts in all_facts if facts.machine.line == line.id
    )


def _tile(facts: MachineFacts, standing: Standing, words: Words) -> Tile:
    worst = worst_indicator(facts) if standing is not Standing.NO_SIGNAL else None
    return Tile(
        machine=facts.machine.id,
        name=words.text(facts.machine.name),
        standing=standing,
        words=tile_words(facts, standing, words),
        title=_title(facts, worst, words),
        fill=None if worst is None else round(min(BAR_END, max(0.0, worst[1])) / BAR_END * 100, 1),
    )


def tile_words(facts: MachineFacts, standing: Standing, words: Words) -> str:
    """Return the second line of a tile: what matters most about a machine in that standing."""
    if standing is Standing.OUT_OF_SERVICE and facts.absence is not None:
        return words.say("tile.out_of_service", until=words.until(facts.absence.until))
    if standing is Standing.NO_SIGNAL:
        return _silence(facts, words)
    if standing is Standing.LEARNING and facts.health is not None:
        return learning_words(facts.health.learnt_s, facts.health.needed_s, words)
    if standing is Standing.NORMAL:
        return _at_least(facts, words)
    return _abnormal(facts, standing, words)


def _at_least(facts: MachineFacts, words: Words) -> str:
    first = soonest(facts)
    if first is None or first.remaining is None:
        return words.say("tile.watched")
    return words.say("tile.remaining", low=words.length(max(first.remaining.p10_at - words.now, timedelta(0))))


def _abnormal(facts: MachineFacts, standing: Standing, words: Words) -> str:
    """Return the range of what the case asks to replace; where it asks for a check, the word for how it stands."""
    advised = advice_words(facts, facts.case, words).prediction if facts.case is not None else None
    if advised is None or advised.remaining is None:
        return standing_words(standing, words)
    return words.say("tile.range", range=range_words(advised.remaining, words))


def learning_words(learnt_s: float, needed_s: float, words: Words) -> str:
    """Return how much of its learning a machine has behind it, in days, or in minutes where it takes less than a day."""
    unit_s = 86_400 if needed_s >= 86_400 else 60
    learnt, needed = int(min(learnt_s, needed_s) // unit_s), round(needed_s / unit_s)
    if unit_s == 60:
        return words.say("learning.minutes", learnt=learnt, needed=needed)
    return words.say("learning.days", learnt=learnt, needed=needed)


def _silence(facts: MachineFacts, words: Words) -> str:
    if facts.progress is None:
        return words.say("tile.never_heard")
    return words.say(
        "tile.no_signal", lasting=words.lasting(words.now - utc_of_ns(facts.progress.newest_event_time_ns))
    )


def _title(facts: MachineFacts, worst: tuple[str, float] | None, words: Words) -> str:
    if worst is None:
        return ""
    name, value = worst
    slot = next((slot.name for slot in facts.machine.slots if slot.id == name), None)
    sensor = next((sensor.name for sensor in facts.machine.sensors if sensor.id == name), None)
    known = slot or sensor
    return words.say("tile.worst", name=words.text(known) if known else name, value=f"{value:.0f}")
