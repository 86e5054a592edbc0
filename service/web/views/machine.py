"""The machine page: what to do, why, and what it rests on."""

from dataclasses import dataclass
from datetime import timedelta

from configs.catalogue.failure_modes import failure_modes
from configs.plant import PartType, SensorId, SlotId
from ingest.operation import OperatingState
from models.health import HealthStatus
from models.prediction import Prediction, ReasonCode
from service.advisory.case import CaseState
from service.advisory.costs import cost_of_waiting, stop_costs
from service.advisory.failure_modes import likely_modes
from service.advisory.spares import Spare
from service.web.numbers import percent
from service.web.views.advice import AdviceWords, advice_words, replacement_words
from service.web.views.causes import driver_words, evidence_words, reason_words
from service.web.views.facts import MachineFacts, Standing, next_due, standing_of
from service.web.views.fleet import learning_words, line_words, standing_words, who_words
from service.web.views.forecast import FanView, History, fan_view
from service.web.views.life_bar import range_words
from service.web.views.parts import PartRow, part_rows
from service.web.views.replacement import mode_words
from service.web.views.sensors import SensorView, sensor_views
from service.web.views.supply import lead_words, order_words
from service.web.words import Words, key

STATES = {
    OperatingState.EXECUTING: key("state.executing"),
    OperatingState.IDLE: key("state.idle"),
    OperatingState.OFF: key("state.off"),
    OperatingState.MAINTENANCE: key("state.maintenance"),
    OperatingState.UNKNOWN: key("state.unknown"),
}
MOST_CAUSES = 2
MOST_FACTS = 2
TELLING_INDICATOR = 40.0
LEAST_COST_KRW = 100.0
BASES = (
    ReasonCode.CATALOGUE_ESTIMATE,
    ReasonCode.SITE_LIVES,
    ReasonCode.UNKNOWN_START,
    ReasonCode.COST_OPTIMUM,
    ReasonCode.CHOSEN_RISK,
    ReasonCode.RUN_TO_FAILURE,
    ReasonCode.SIGNS_MISSING,
    ReasonCode.FAILS_AT,
    ReasonCode.PAST_COVERAGE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A line of a list: what, how much, and a note beside it."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Todo:
    """What to do; `case` is "" where nothing is asked of anybody."""

    sentence: str
    prose: str
    facts: tuple[Fact, ...]
    case: str
    version: int
    who: str
    is_unacknowledged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeWords:
    """A failure mode that the readings point at, with the check that tells it from others."""

    name: str
    check: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One likely cause, with a check that a person can do."""

    name: str
    chance: str
    facts: tuple[str, ...]
    check: str
    remedy: str
    modes: tuple[ModeWords, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineView:
    """All that the machine page shows, charts of sensors aside; `heard` are the sensors that waveforms came to."""

    id: str
    name: str
    line: str
    equipment: str
    serial: str
    standing: Standing
    standing_words: str
    state: str
    learning: str
    absence: str
    todo: Todo
    causes: tuple[Cause, ...]
    evidence: str
    bases: tuple[str, ...]
    fan: FanView | None
    sensors: tuple[SensorView, ...]
    heard: tuple[SensorView, ...]
    parts: tuple[PartRow, ...]


def machine_view(facts: MachineFacts, history: History, chosen: SlotId | None, words: Words) -> MachineView:
    """Return the page of one machine; `chosen` is the slot whose forecast was asked for."""
    advice = advice_words(facts, facts.case, words) if facts.case is not None else None
    shown = _shown(facts, advice, chosen)
    standing = standing_of(facts, words.now)
    progress = facts.progress
    sensors = sensor_views(facts, shown, words)
    return MachineView(
        id=facts.machine.id,
        name=words.text(facts.machine.name),
        line=line_words(facts, words),
        equipment=words.text(facts.plant.equipment_type(facts.machine.equipment_type).name),
        serial=facts.machine.serial or "",
        standing=standing,
        standing_words=standing_words(standing, words),
        state=words.say(STATES[progress.state if progress is not None else OperatingState.UNKNOWN]),
        learning=_learning(facts, words),
        absence=_absence(facts, words),
        todo=_todo(facts, advice, words),
        causes=_causes(facts, shown, words),
        evidence=evidence_words(shown.evidence, words) if shown is not None else "",
        bases=_bases(shown, facts, words),
        fan=fan_view(facts, shown, history, words) if shown is not None else None,
        sensors=tuple(each for each in sensors if each.point is None),
        heard=tuple(each for each in sensors if each.point is not None and each.at_ms is not None),
        parts=part_rows(facts, history.lives, words),
    )


def _shown(facts: MachineFacts, advice: AdviceWords | None, chosen: SlotId | None) -> Prediction | None:
    """Return the prediction that the page explains: the one asked for, else the advised, else the next due."""
    asked = facts.prediction(chosen) if chosen is not None else None
    return asked or (advice.prediction if advice is not None else None) or next_due(facts)


def _learning(facts: MachineFacts, words: Words) -> str:
    health = facts.health
    if health is None or health.status is not HealthStatus.LEARNING:
        return ""
    return learning_words(health.learnt_s, health.needed_s, words)


def _absence(facts: MachineFacts, words: Words) -> str:
    absence = facts.absence
    if absence is None or absence.until <= words.now:
        return ""
    return words.say("machine.absent", until=words.moment(absence.until), reason=absence.reason)


def _todo(facts: MachineFacts, advice: AdviceWords | None, words: Words) -> Todo:
    case = facts.case
    if advice is None or case is None:
        is_new = facts.progress is None and next_due(facts) is None
        return _connect_it(facts, words) if is_new else _nothing_to_do(facts, words)
    return Todo(
        sentence=advice.instruction,
        prose=_prose(advice.prediction, words) or advice.cause,
        facts=_todo_facts(facts, advice.prediction, words),
        case=case.id,
        version=case.version,
        who=who_words(case, words),
        is_unacknowledged=case.state is CaseState.RAISED,
    )


def _connect_it(facts: MachineFacts, words: Words) -> Todo:
    """Return what to do about a machine from which nothing has ever come: where its device is to publish."""
    line = next((line for line in facts.plant.lines if line.id == facts.machine.line), None)
    site = line.site if line is not None else ""
    topic = f"yeji/v1/{site}/{facts.machine.line}/{facts.machine.id}/telemetry"
    return Todo(
        sentence=words.say("todo.connect"),
        prose=words.say("todo.connect_how", topic=topic),
        facts=(),
        case="",
        version=0,
        who="",
        is_unacknowledged=False,
    )


def _nothing_to_do(facts: MachineFacts, words: Words) -> Todo:
    nearest = next_due(facts)
    slot = facts.slot(nearest.slot) if nearest is not None else None
    prose, is_due = "", False
    if nearest is not None and slot is not None and nearest.replace_by is not None:
        is_due = words.local_day(nearest.replace_by) <= words.today
        prose = words.say(
            "todo.next", part=words.within(slot.name), advice=replacement_words(nearest.replace_by, words)
        )
    return Todo(
        sentence=words.say("todo.nothing_urgent") if is_due else words.say("todo.nothing"),
        prose=prose,
        facts=_todo_facts(facts, nearest, words),
        case="",
        version=0,
        who="",
        is_unacknowledged=False,
    )


def _prose(prediction: Prediction | None, words: Words) -> str:
    if prediction is None or prediction.remaining is None:
        return ""
    remaining = prediction.remaining
    low, high = (max(at - words.now, timedelta(0)) for at in (remaining.p10_at, remaining.p90_at))
    return words.say("todo.range", early=words.length(low), late=words.length(high))


def _todo_facts(facts: MachineFacts, prediction: Prediction | None, words: Words) -> tuple[Fact, ...]:
    slot = facts.slot(prediction.slot) if prediction is not None else None
    if prediction is None or slot is None:
        return ()
    part = facts.part_type(slot)
    return (
        *_life_facts(prediction, words),
        *_supply_facts(prediction, part, facts.spares.get(slot.id), words),
        *_cost_facts(facts, prediction, part, words),
    )


def _life_facts(prediction: Prediction, words: Words) -> list[Fact]:
    found = []
    if prediction.remaining is not None:
        middle = words.length(prediction.remaining.p50_at - words.now)
        note = words.say("todo.range_80", range=range_words(prediction.remaining, words))
        found.append(Fact(name=words.say("todo.remaining"), value=middle, note=note))
    chances = prediction.failure_probability
    if chances is not None:
        found.append(Fact(name=words.say("todo.within_7"), value=percent(chances.within_7_days)))
        found.append(Fact(name=words.say("todo.within_30"), value=percent(chances.within_30_days)))
    return found


def _supply_facts(prediction: Prediction, part: PartType, spare: Spare | None, words: Words) -> list[Fact]:
    note = order_words(prediction, part, words, spare)
    return [Fact(name=words.say("todo.supply"), value=lead_words(part, words), note=note)]


def _cost_facts(facts: MachineFacts, prediction: Prediction, part: PartType, words: Words) -> list[Fact]:
    chances = prediction.failure_probability
    costs = stop_costs(facts.machine, facts.plant.site(facts.machine.site), part)
    if chances is None or costs.planned <= 0:
        return []
    waiting = cost_of_waiting(costs, chances.within_7_days)
    if waiting < LEAST_COST_KRW:
        return []
    return [
        Fact(
            name=words.say("todo.waiting"),
            value=words.say("todo.waiting_a_day", cost=words.money(waiting)),
            note=words.say("todo.acting", cost=words.money(costs.planned)),
        )
    ]


def _causes(facts: MachineFacts, shown: Prediction | None, words: Words) -> tuple[Cause, ...]:
    """Return the shown part, and the part whose own signs point at it most among the others."""
    if shown is None:
        return ()
    moved = {driver.sensor for driver in shown.drivers if driver.sensor is not None}
    others = [
        each
        for each in facts.predictions
        if each.slot != shown.slot and (each.indicator or 0.0) >= TELLING_INDICATOR and _shares_sign(facts, each, moved)
    ]
    ranked = [shown, *sorted(others, key=lambda each: -(each.indicator or 0.0))]
    return tuple(filter(None, (_cause(facts, each, words) for each in ranked[:MOST_CAUSES])))


def _shares_sign(facts: MachineFacts, prediction: Prediction, moved: set[SensorId]) -> bool:
    slot = facts.slot(prediction.slot)
    return slot is not None and any(sign.sensor in moved for sign in slot.signs)


def _cause(facts: MachineFacts, prediction: Prediction, words: Words) -> Cause | None:
    slot = facts.slot(prediction.slot)
    if slot is None:
        return None
    part = facts.part_type(slot)
    chances = prediction.failure_probability
    return Cause(
        name=words.text(slot.name),
        chance=words.say("chance.within_30", chance=percent(chances.within_30_days)) if chances is not None else "",
        facts=_cause_facts(facts, prediction, words),
        check=words.text(part.check),
        remedy=words.text(part.remedy),
        modes=tuple(
            ModeWords(name=mode_words(mode.code, words), check=words.text(mode.check))
            for mode in likely_modes(part, prediction.drivers, facts.machine, failure_modes())
        ),
    )


def _cause_facts(facts: MachineFacts, prediction: Prediction, words: Words) -> tuple[str, ...]:
    if prediction.drivers:
        return tuple(
            words.say("cause.share", words=driver_words(driver, prediction, facts, words), share=percent(driver.share))
            for driver in prediction.drivers[:MOST_FACTS]
        )
    return tuple(reason_words(reason, prediction, facts, words) for reason in prediction.reasons[:MOST_FACTS])


def _bases(shown: Prediction | None, facts: MachineFacts, words: Words) -> tuple[str, ...]:
    if shown is None:
        return ()
    return tuple(reason_words(each, shown, facts, words) for each in shown.reasons if each.code in BASES)
