"""The form by which a replaced part is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from configs.plant import Machine, PartType, Slot, SlotId
from ingest.meter import MeterState
from ingest.part_life import PartLife, RemovalReason
from service.web.views.causes import UNIT_NAMES, amount
from service.web.words import Words, key

REASONS = {
    RemovalReason.FAILED: key("removal.failed"),
    RemovalReason.PLANNED: key("removal.planned"),
    RemovalReason.OPPORTUNISTIC: key("removal.opportunistic"),
    RemovalReason.INSPECTION: key("removal.inspection"),
    RemovalReason.UNKNOWN: key("removal.unknown"),
}
MODES = {
    "AIR": key("mode.AIR"),
    "BRD": key("mode.BRD"),
    "DEX": key("mode.DEX"),
    "ELP": key("mode.ELP"),
    "ELU": key("mode.ELU"),
    "ERO": key("mode.ERO"),
    "FTF": key("mode.FTF"),
    "FTS": key("mode.FTS"),
    "INL": key("mode.INL"),
    "LOO": key("mode.LOO"),
    "NOI": key("mode.NOI"),
    "OHE": key("mode.OHE"),
    "PDE": key("mode.PDE"),
    "PLU": key("mode.PLU"),
    "STD": key("mode.STD"),
    "STP": key("mode.STP"),
    "UST": key("mode.UST"),
    "VIB": key("mode.VIB"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """What the form holds when it is shown: as the person typed it, or as it begins."""

    reason: str = ""
    at: str = ""
    meter: str = ""
    failure_mode: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementView:
    """The form of one slot; `life` is "" where the slot is empty, and the form then records the first part."""

    machine: str
    machine_name: str
    slot: SlotId
    part: str
    life: str
    others: tuple[tuple[str, str], ...]
    reasons: tuple[tuple[str, str], ...]
    modes: tuple[tuple[str, str], ...]
    unit: str
    meter: str
    meter_hint: str
    latest: str
    form: Filled
    mistake: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """A slot of a machine with what is in it: its open life and the meter that it is counted on, where known."""

    machine: Machine
    slot: Slot
    part: PartType
    life: PartLife | None
    meter: MeterState | None


def replacement_view(facts: SlotFacts, form: Filled, words: Words, *, mistake: str) -> ReplacementView:
    """Return the form as it stands."""
    slots = facts.machine.slots
    return ReplacementView(
        machine=facts.machine.id,
        machine_name=words.text(facts.machine.name),
        slot=facts.slot.id,
        part=words.text(facts.slot.name),
        life=facts.life.id if facts.life is not None else "",
        others=tuple((slot.id, words.text(slot.name)) for slot in slots) if len(slots) > 1 else (),
        reasons=tuple((reason.value, words.say(name)) for reason, name in REASONS.items()),
        modes=tuple((mode, mode_words(mode, words)) for mode in facts.part.failure_modes),
        unit=words.say(UNIT_NAMES[facts.part.life_unit]),
        meter=f"{facts.meter.value:.1f}" if facts.meter is not None else "",
        meter_hint=_hint(facts, words),
        latest=local_input(words.now, words),
        form=form,
        mistake=mistake,
    )


def mode_words(mode: str, words: Words) -> str:
    """Return a failure mode of ISO 14224 in words, or its code where we have none."""
    name = MODES.get(mode)
    return words.say(name) if name is not None else mode


def open_life_of(slot: SlotId, lives: Sequence[PartLife]) -> PartLife | None:
    """Return the life of the part that is in the slot now."""
    return next((life for life in lives if life.slot == slot and life.removed_at is None), None)


def local_input(at: datetime, words: Words) -> str:
    """Return a time as a `datetime-local` field wants it, in the site's zone."""
    return at.astimezone(words.zone).strftime("%Y-%m-%dT%H:%M")


def _hint(facts: SlotFacts, words: Words) -> str:
    if facts.meter is None:
        return words.say("replacement.meter_unknown")
    return words.say("replacement.meter_hint", meter=amount(facts.meter.value, facts.meter.unit, words))
