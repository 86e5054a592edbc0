"""The parts of one machine: how old each is, how long it may last, and when to replace and order it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from configs.plant import LifeUnit, Slot, SlotId
from ingest.part_life import PartLife
from models.prediction import Prediction, PredictionStatus, RemainingLife
from service.advisory.countdown import counts_down
from service.web.numbers import percent
from service.web.views.causes import amount, reason_words
from service.web.views.facts import MachineFacts
from service.web.views.life_bar import LifeBar, life_bar, range_words
from service.web.views.supply import order_words
from service.web.words import Words, key

TO_THE_DAY = timedelta(days=730)
STATUSES = {
    PredictionStatus.OK: key("prediction.ok"),
    PredictionStatus.LEARNING: key("prediction.learning"),
    PredictionStatus.NO_DATA: key("prediction.no_data"),
    PredictionStatus.OUT_OF_DOMAIN: key("prediction.out_of_domain"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRow:
    """One slot; `refusal` says why there is no number, `ends_ms` is when a short-lived part is used up."""

    slot: SlotId
    name: str
    age: str
    installed: str
    remaining: str
    middle: str
    bar: LifeBar | None
    chance: str
    replace_by: str
    order_by: str
    refusal: str
    ends_ms: int | None
    has_life: bool
    has_forecast: bool
    is_due: bool


def part_rows(facts: MachineFacts, lives: Sequence[PartLife], words: Words) -> tuple[PartRow, ...]:
    """Return a row per slot, the soonest due first, those without a number last."""
    open_lives = {life.slot: life for life in lives if life.removed_at is None}
    pairs = [(slot, facts.prediction(slot.id)) for slot in facts.machine.slots]
    ranked = sorted(pairs, key=lambda pair: _due_ms(pair[1]))
    return tuple(_part_row(facts, slot, prediction, open_lives.get(slot.id), words) for slot, prediction in ranked)


def _due_ms(prediction: Prediction | None) -> float:
    if prediction is None or prediction.remaining is None:
        return float("inf")
    return prediction.remaining.p10_at.timestamp()


def _part_row(
    facts: MachineFacts, slot: Slot, prediction: Prediction | None, life: PartLife | None, words: Words
) -> PartRow:
    part = facts.part_type(slot)
    remaining = prediction.remaining if prediction is not None else None
    by = prediction.replace_by if prediction is not None else None
    chances = prediction.failure_probability if prediction is not None else None
    age = prediction.age if prediction is not None else None
    return PartRow(
        slot=slot.id,
        name=words.text(slot.name),
        age=_age(age, life, part.life_unit, words),
        installed=_installed(life, words),
        remaining=range_words(remaining, words) if remaining is not None else "",
        middle=_middle(remaining, words) if remaining is not None else "",
        bar=life_bar(remaining, part.lead_time_days, words) if remaining is not None else None,
        chance=percent(chances.within_30_days) if chances is not None else "",
        replace_by=_replace_by(prediction, words),
        order_by=order_words(prediction, part, words, facts.spares.get(slot.id)) if prediction is not None else "",
        refusal=_refusal(prediction, facts, words),
        ends_ms=round(remaining.p50_at.timestamp() * 1000) if remaining is not None and counts_down(part) else None,
        has_life=life is not None,
        has_forecast=prediction is not None and bool(prediction.forecast),
        is_due=by is not None and words.local_day(by) <= words.today,
    )


def _age(age: float | None, life: PartLife | None, unit: LifeUnit, words: Words) -> str:
    if age is None:
        return words.say("part.age_unknown")
    used = amount(age, unit, words)
    return words.say("part.age_since_seen", age=used) if _only_seen(life) else words.say("part.age", age=used)


def _installed(life: PartLife | None, words: Words) -> str:
    if life is None:
        return ""
    day = words.day(life.installed_at)
    return words.say("part.first_seen", day=day) if _only_seen(life) else words.say("part.installed", day=day)


def _only_seen(life: PartLife | None) -> bool:
    """Whether nobody knows how old the part was when it was first seen."""
    return life is not None and life.age_at_install is None


def _middle(remaining: RemainingLife, words: Words) -> str:
    left = remaining.p50_at - words.now
    return words.say("part.left", length=words.length(left)) if left > timedelta(0) else words.say("part.used_up")


def _replace_by(prediction: Prediction | None, words: Words) -> str:
    if prediction is None or prediction.remaining is None:
        return ""
    if prediction.replace_by is None:
        return words.say("advice.run_to_failure")
    if words.local_day(prediction.replace_by) < words.today:
        return words.say("part.overdue", day=words.day(prediction.replace_by))
    if prediction.replace_by > words.now + TO_THE_DAY:
        return words.say("part.about_year", year=words.local_day(prediction.replace_by).year)
    return words.day(prediction.replace_by)


def _refusal(prediction: Prediction | None, facts: MachineFacts, words: Words) -> str:
    if prediction is None:
        return words.say("prediction.none_yet")
    if prediction.remaining is not None:
        return ""
    status = words.say(STATUSES[prediction.status])
    reasons = [reason_words(reason, prediction, facts, words) for reason in prediction.reasons[:1]]
    return " · ".join((status, *reasons))
