"""When a spare part must be ordered, and whether it comes in time."""

from datetime import datetime, timedelta

from configs.plant import PartType
from models.prediction import Prediction
from service.web.words import Words

FORESEEABLE = timedelta(days=180)


def lead_words(part: PartType, words: Words) -> str:
    """Return how long the part takes to arrive."""
    return words.count("bar.lead", round(part.lead_time_days))


def comes_too_late(by: datetime, lead_time_days: float, words: Words) -> bool:
    """Whether a part that is ordered now comes on a later day than the one by which it is needed."""
    return words.local_day(words.now + timedelta(days=lead_time_days)) > max(words.local_day(by), words.today)


def order_words(prediction: Prediction, part: PartType, words: Words) -> str:
    """Return by when the part must be ordered, or when it arrives where that is later than it is needed.

    What need not be ordered for months yet is left unsaid: by then the forecast is another.
    """
    if prediction.order_by is None or prediction.replace_by is None:
        return ""
    if comes_too_late(prediction.replace_by, part.lead_time_days, words):
        return words.say("supply.too_late", day=words.day(words.now + timedelta(days=part.lead_time_days)))
    latest = min(prediction.order_by, prediction.replace_by - timedelta(days=part.lead_time_days))
    if words.local_day(latest) <= words.today:
        return words.say("supply.order_now")
    if latest > words.now + FORESEEABLE:
        return ""
    return words.say("supply.order_by", day=words.day(latest))
