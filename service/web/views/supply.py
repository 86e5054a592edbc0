"""When a spare part must be ordered, and whether it comes in time."""

from datetime import timedelta

from configs.plant import PartType
from models.prediction import Prediction
from service.web.words import Words

FORESEEABLE = timedelta(days=180)


def lead_words(part: PartType, words: Words) -> str:
    """Return how long the part takes to arrive."""
    return words.count("bar.lead", round(part.lead_time_days))


def order_words(prediction: Prediction, part: PartType, words: Words) -> str:
    """Return by when the part must be ordered, or when it arrives where that is later than it is needed.

    What need not be ordered for months yet is left unsaid: by then the forecast is another.
    """
    if prediction.order_by is None or prediction.replace_by is None:
        return ""
    arrival = words.now + timedelta(days=part.lead_time_days)
    if arrival > prediction.replace_by and words.local_day(arrival) > words.local_day(prediction.replace_by):
        return words.say("supply.too_late", day=words.day(arrival))
    latest = min(prediction.order_by, prediction.replace_by - timedelta(days=part.lead_time_days))
    if words.local_day(latest) <= words.today:
        return words.say("supply.order_now")
    if latest > words.now + FORESEEABLE:
        return ""
    return words.say("supply.order_by", day=words.day(latest))
