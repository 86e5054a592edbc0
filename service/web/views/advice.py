"""The advice of a case in words: what to do, and by when, in one sentence."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.prediction import Prediction
from service.advisory.advice import Advice, AdviceKind, advise
from service.advisory.case import Case, Finding, FindingKind, Severity
from service.advisory.severity import fails_soon
from service.web.views.causes import finding_words
from service.web.views.facts import MachineFacts, lasting_predictions
from service.web.views.supply import comes_too_late
from service.web.words import Words, key

_KIND_ORDER = (FindingKind.REPLACE, FindingKind.LIMIT, FindingKind.ANOMALY, FindingKind.NO_DATA)
A_DAY = timedelta(days=1)
NEAR = timedelta(days=90)
WEEKS = (key("week.1"), key("week.2"), key("week.3"), key("week.4"), key("week.5"), key("week.6"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceWords:
    """`headline` fits a card beside the machine's name; `instruction` is the whole sentence, with the part's name.

    `line` says what it is about and why.
    """

    headline: str
    instruction: str
    line: str
    cause: str
    finding: Finding
    prediction: Prediction | None


def advice_words(facts: MachineFacts, case: Case, words: Words) -> AdviceWords:
    """Return what to do about an open case."""
    advice = advise(
        case,
        facts.machine,
        predictions={each.slot: each for each in lasting_predictions(facts)},
        part_types={each.id: each for each in facts.plant.part_types},
        now=words.now,
    )
    finding = _finding_of(case, advice)
    subject = _subject(facts, finding, advice, words)
    inside = _subject(facts, finding, advice, words, is_inside=True)
    slot = advice.slot if advice is not None else finding.slot
    prediction = facts.prediction(slot) if slot is not None else None
    is_urgent = finding.severity is not Severity.WATCH and (prediction is None or fails_soon(prediction, words.now))
    headline, instruction = _sentences(advice, inside, words, is_urgent=is_urgent, latest=_latest(prediction, words))
    if advice is None and finding.ended_at is not None:
        headline, instruction = words.say("advice.cleared"), words.say("advice.cleared_long")
    cause = finding_words(finding, facts, words)
    return AdviceWords(
        headline=headline,
        instruction=instruction,
        line=f"{subject} · {cause}" if finding.kind is FindingKind.REPLACE else cause,
        cause=cause,
        finding=finding,
        prediction=prediction,
    )


def leading_finding(case: Case) -> Finding:
    """Return the finding that says most: the most severe that lasts, a dated replacement before a mere sign."""
    lasting = [finding for finding in case.findings if finding.ended_at is None] or list(case.findings)
    return min(lasting, key=lambda finding: (-finding.severity, _KIND_ORDER.index(finding.kind), -finding.score))


def replacement_words(by: datetime, words: Words) -> str:
    """Return by when a part is to be replaced that no case asks for: what is due waits for the next stop."""
    if words.local_day(by) < words.today:
        return words.say("advice.next_stop", day=words.day(by))
    if words.local_day(by) == words.today:
        return words.say("advice.next_stop_now")
    return words.say("advice.replace", day=words.day(by))


def week_words(at: datetime, words: Words) -> str:
    """Return the week of the month in which a day lies (Monday first)."""
    local = at.astimezone(words.zone)
    week = (local.day - 1 + local.replace(day=1).weekday()) // 7
    return words.say(WEEKS[week], month=words.month(at))


def _finding_of(case: Case, advice: Advice | None) -> Finding:
    if advice is None:
        return leading_finding(case)
    return next((each for each in case.findings if _is_about(each, advice)), leading_finding(case))


def _is_about(finding: Finding, advice: Advice) -> bool:
    if advice.kind in {AdviceKind.INSPECT, AdviceKind.CHECK_SENSOR}:
        return False
    return finding.kind is FindingKind.REPLACE and finding.slot == advice.slot


def _latest(prediction: Prediction | None, words: Words) -> datetime | None:
    """Return the day from which a failure must be reckoned with (P10), where it is near but not here."""
    p10_at = prediction.remaining.p10_at if prediction is not None and prediction.remaining is not None else None
    is_near = p10_at is not None and words.now + A_DAY < p10_at < words.now + NEAR
    return p10_at if is_near else None


def _sentences(
    advice: Advice | None, subject: str, words: Words, *, is_urgent: bool, latest: datetime | None
) -> tuple[str, str]:
    if advice is None or advice.by is None:
        return words.say("advice.check_now"), words.say("advice.check_now_long", subject=subject)
    day, is_today = words.day(advice.by), words.local_day(advice.by) <= words.today
    if advice.kind is AdviceKind.CHECK_SENSOR:
        headline = words.say("advice.signal_now") if is_today else words.say("advice.signal", day=day)
        return headline, words.say("advice.signal_long")
    if advice.kind is AdviceKind.INSPECT:
        return _inspection(subject, day, words, is_now=is_today)
    if words.local_day(advice.by) <= words.today and not is_urgent and latest is not None:
        latest_day = words.day(latest)
        return (
            words.say("advice.next_stop_before", day=latest_day),
            words.say("advice.next_stop_before_long", part=subject, day=latest_day),
        )
    return _replacement(advice, subject, advice.by, words, is_urgent=is_urgent)


def _inspection(subject: str, day: str, words: Words, *, is_now: bool) -> tuple[str, str]:
    if is_now:
        return words.say("advice.check_now"), words.say("advice.check_now_long", subject=subject)
    return words.say("advice.check", day=day), words.say("advice.check_long", subject=subject, day=day)


def _overdue(part: str, day: str, words: Words, *, is_urgent: bool) -> tuple[str, str]:
    if is_urgent:
        return words.say("advice.overdue", day=day), words.say("advice.overdue_long", part=part, day=day)
    return words.say("advice.next_stop", day=day), words.say("advice.next_stop_long", part=part, day=day)


def _replacement(advice: Advice, part: str, by: datetime, words: Words, *, is_urgent: bool) -> tuple[str, str]:
    day = words.day(by)
    if words.local_day(by) < words.today:
        return _overdue(part, day, words, is_urgent=is_urgent)
    if words.local_day(by) == words.today and not is_urgent:
        return words.say("advice.next_stop_now"), words.say("advice.next_stop_now_long", part=part)
    if words.local_day(by) == words.today:
        return words.say("advice.today"), words.say("advice.today_long", part=part, day=day)
    if advice.kind is AdviceKind.ORDER_TODAY_REPLACE_BY and not comes_too_late(by, advice.lead_time_days or 0.0, words):
        return words.say("advice.order_today", day=day), words.say("advice.order_today_long", part=part, day=day)
    if advice.kind is AdviceKind.PLAN_WEEK:
        week = week_words(by, words)
        return words.say("advice.plan", week=week), words.say("advice.plan_long", part=part, week=week)
    return words.say("advice.replace", day=day), words.say("advice.replace_long", part=part, day=day)


def _subject(
    facts: MachineFacts, finding: Finding, advice: Advice | None, words: Words, *, is_inside: bool = False
) -> str:
    slot = facts.slot(advice.slot) if advice is not None and advice.slot is not None else None
    sensor_id = finding.sensors[0].sensor if finding.sensors else None
    sensor = facts.sensor(sensor_id) if sensor_id is not None and finding.kind is not FindingKind.REPLACE else None
    name = sensor.name if sensor is not None else slot.name if slot is not None else facts.machine.name
    return words.within(name) if is_inside else words.text(name)
