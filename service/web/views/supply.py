"""When a spare part must be ordered, and whether it comes in time."""

from datetime import datetime, timedelta

from configs.plant import PartType
from models.prediction import Prediction
from service.advisory.spares import Spare, SpareState
from service.web.words import Words

FORESEEABLE = timedelta(days=180)


def lead_words(part: PartType, words: Words) -> str:
    """Return how long the part takes to arrive."""
    return words.count("bar.lead", round(part.lead_time_days))


def comes_too_late(by: datetime, lead_time_days: float, words: Words) -> bool:
    """Whether a part that is ordered now comes on a later day than the one by which it is needed."""
    return words.local_day(words.now + timedelta(days=lead_time_days)) > max(words.local_day(by), words.today)


def order_words(prediction: Prediction, part: PartType, words: Words, spare: Spare | None = None) -> str:
    """Return whether a spare is there or on its way, else by when to order it, or when it comes where that is too late.

    Without a recorded stock `spare` is None. What need not be ordered for months yet is left unsaid: by then the forecast is
    another.
    """
    if spare is not None and spare.order_by is None:
        return _known_words(prediction, spare, words)
    if prediction.order_by is None or prediction.replace_by is None:
        return ""
    lead = part.lead_time_days if spare is None else (spare.at - words.now) / timedelta(days=1)
    if comes_too_late(prediction.replace_by, lead, words):
        day = words.day(words.now + timedelta(days=lead))
        return words.say("supply.too_late", day=day) if spare is None else words.say("supply.none_left", day=day)
    latest = min(prediction.order_by, prediction.replace_by - timedelta(days=lead))
    latest = latest if spare is None or spare.order_by is None else min(latest, spare.order_by)
    if words.local_day(latest) <= words.today:
        return words.say("supply.order_now")
    if latest > words.now + FORESEEABLE:
        return ""
    return words.say("supply.order_by", day=words.day(latest))


def _known_words(prediction: Prediction, spare: Spare, words: Words) -> str:
    if spare.state is SpareState.IN_STORE:
        return words.say("supply.in_store")
    by = prediction.replace_by
    if by is not None and words.local_day(spare.at) > max(words.local_day(by), words.today):
        return words.say("supply.comes_late", day=words.day(spare.at))
    return words.say("supply.comes", day=words.day(spare.at))
