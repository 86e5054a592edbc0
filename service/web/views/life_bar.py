"""The bar of remaining life: range, middle, today and lead time on one axis, in per cent of its width."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.prediction import RemainingLife
from service.web.numbers import DAY
from service.web.words import Words

HORIZONS_DAYS = (14, 28, 42, 60, 90, 180, 365, 730, 1825, 3650, 7300)
ROOM = 1.05
SMALLEST_LEAD = 2.0
LABEL_GAP = 15.0
LABEL_MIDDLE = 34.0
LABEL_TURN = 58.0
LABEL_END = 82.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeBar:
    """Places along the axis in per cent; `lead` is None where no lead time is known.

    `lead_anchor` says which end of the label stands at its place, so that it covers neither of the axis's own.
    """

    low: float
    middle: float
    high: float
    lead: float | None
    is_lead_drawn: bool
    lead_label_at: float
    lead_anchor: str
    lead_words: str
    end_words: str
    summary: str

    @property
    def width(self) -> float:
        """How long the range is, at least so much that it can be seen."""
        return max(0.8, round(self.high - self.low, 1))


def life_bar(remaining: RemainingLife, lead_time_days: float, words: Words) -> LifeBar:
    """Return the bar of a remaining life beside the lead time of its part."""
    days = [max(0.0, (at - words.now) / DAY) for at in (remaining.p10_at, remaining.p50_at, remaining.p90_at)]
    needed = max(days[2], lead_time_days) * ROOM
    horizon = next((step for step in HORIZONS_DAYS if step >= needed), HORIZONS_DAYS[-1])
    low, middle, high = (min(100.0, round(day / horizon * 100, 1)) for day in days)
    lead = round(lead_time_days / horizon * 100, 1) if lead_time_days > 0 else None
    lead_place = lead or 0.0
    return LifeBar(
        low=low,
        middle=middle,
        high=high,
        lead=lead,
        is_lead_drawn=lead_place >= SMALLEST_LEAD,
        lead_label_at=min(LABEL_END, max(LABEL_GAP, lead_place)),
        lead_anchor=_anchor(lead_place),
        lead_words=words.count("bar.lead", round(lead_time_days)),
        end_words=words.say("bar.end", length=words.length(horizon * DAY)),
        summary=words.say(
            "bar.summary", range=range_words(remaining, words), middle=words.length(remaining.p50_at - words.now)
        ),
    )


def range_words(remaining: RemainingLife, words: Words) -> str:
    """Return the 80 % range as a length of time from now."""
    return words.between(_from(words.now, remaining.p10_at), _from(words.now, remaining.p90_at))


def _anchor(lead_place: float) -> str:
    if lead_place > LABEL_TURN:
        return "end"
    return "mid" if lead_place >= LABEL_MIDDLE else "start"


def _from(now: datetime, at: datetime) -> timedelta:
    return max(at - now, 0 * DAY)
