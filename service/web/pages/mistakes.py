"""What a person typed wrong, in the person's language."""

from service.errors import ConflictError, ServiceError
from service.web.words import Words, key

MISTAKES = {
    "age": key("mistake.meter"),
    "at": key("mistake.time"),
    "installed_at": key("mistake.time"),
    "meter": key("mistake.meter"),
    "note": key("mistake.note"),
    "reason": key("mistake.reason"),
    "removed_at": key("mistake.time"),
    "until": key("mistake.until"),
    "part_number": key("mistake.part_number"),
    "quantity": key("mistake.quantity"),
    "on_hand": key("mistake.quantity"),
    "minimum": key("mistake.quantity"),
    "price_krw": key("mistake.price"),
    "lead_time_days": key("mistake.lead"),
    "cost_planned_krw": key("mistake.cost"),
    "cost_unplanned_krw": key("mistake.cost_order"),
    "downtime_krw_per_hour": key("mistake.cost"),
    "planned_stop_h": key("mistake.hours"),
    "unplanned_stop_h": key("mistake.hours_order"),
    "cost_ratio": key("mistake.ratio"),
    "risk": key("mistake.risk"),
    "shifts": key("mistake.shifts"),
    "holidays": key("mistake.holidays"),
    "closed": key("mistake.days"),
    "opened": key("mistake.days"),
    "fits": key("mistake.fits"),
    "age_at_install": key("mistake.meter"),
    "meter_at_install": key("mistake.meter"),
    "meter_at_removal": key("mistake.meter_backwards"),
}
OTHERWISE = key("mistake.other")


def mistake_words(error: ServiceError, words: Words) -> str:
    """Return what to mend; the error's own words, which are English, follow where they are the reader's language."""
    if isinstance(error, ConflictError):
        return words.say("mistake.conflict")
    field, _, detail = str(error).partition(":")
    known = words.say(MISTAKES.get(field, OTHERWISE))
    return f"{known} ({detail.strip()})" if words.language == "en" and detail else known
