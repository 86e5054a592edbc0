"""The lives of parts: what was in which slot, for how long, and why it came off."""

from collections.abc import Sequence
from dataclasses import dataclass

from configs.plant import Machine, MachineId, PartType, Plant
from ingest.part_life import PartLife
from service.state.audit import AuditEntry
from service.web.views.causes import UNIT_NAMES, amount
from service.web.views.replacement import MODES, REASONS, local_input, mode_words
from service.web.words import Words, key

ACTIONS = {
    "part_installed": key("life.act_installed"),
    "part_replaced": key("life.act_replaced"),
    "part_life_corrected": key("life.act_corrected"),
    "part_lives_imported": key("life.act_imported"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRow:
    """One part in one slot."""

    id: str
    machine: str
    machine_name: str
    part: str
    installed: str
    removed: str
    ran: str
    reason: str
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LivesView:
    """A page of part lives; `older` names the last of them where there are more."""

    rows: tuple[LifeRow, ...]
    machines: tuple[tuple[str, str], ...]
    machine: str
    older: str
    taken: str
    mistakes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeForm:
    """The form of a correction as text."""

    installed_at: str
    meter_at_install: str
    age: str
    is_age_unknown: bool
    removed_at: str
    meter_at_removal: str
    reason: str
    failure_mode: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailRow:
    """What was done to a life, by whom and when."""

    at: str
    by: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeView:
    """One life with its correction and its trail."""

    row: LifeRow
    form: LifeForm
    unit: str
    latest: str
    reasons: tuple[tuple[str, str], ...]
    modes: tuple[tuple[str, str], ...]
    trail: tuple[TrailRow, ...]
    mistake: str


def life_row(life: PartLife, machine: Machine | None, words: Words) -> LifeRow:
    """Return a life in words; a machine or slot that the plant has no more keeps its id."""
    slot = next((each for each in machine.slots if each.id == life.slot), None) if machine is not None else None
    return LifeRow(
        id=life.id,
        machine=life.machine,
        machine_name=words.text(machine.name) if machine is not None else str(life.machine),
        part=words.text(slot.name) if slot is not None else str(life.slot),
        installed=words.day(life.installed_at),
        removed=words.day(life.removed_at) if life.removed_at is not None else "",
        ran=_ran(life, words),
        reason=words.say(REASONS[life.removal_reason]) if life.removal_reason is not None else "",
        is_open=life.removed_at is None,
    )


def lives_view(
    lives: Sequence[PartLife], machines: Sequence[Machine], words: Words, *, machine: str, older: str
) -> LivesView:
    """Return a page of lives, newest first."""
    known: dict[MachineId, Machine] = {each.id: each for each in machines}
    return LivesView(
        rows=tuple(life_row(life, known.get(life.machine), words) for life in lives),
        machines=tuple((each.id, words.text(each.name)) for each in machines),
        machine=machine,
        older=older,
        taken="",
        mistakes=(),
    )


def life_view(
    life: PartLife, plant: Plant, trail: Sequence[AuditEntry], words: Words, *, form: LifeForm | None, mistake: str
) -> LifeView:
    """Return one life with what was done to it, the newest last."""
    part = next((each for each in plant.part_types if each.id == life.part_type), None)
    return LifeView(
        row=life_row(life, plant.machine(life.machine), words),
        form=form or filled(life, words),
        unit=words.say(UNIT_NAMES[life.life_unit]),
        latest=local_input(words.now, words),
        reasons=tuple((reason.value, words.say(name)) for reason, name in REASONS.items()),
        modes=tuple((mode, mode_words(mode, words)) for mode in _modes(part)),
        trail=tuple(_trail_row(entry, words) for entry in trail),
        mistake=mistake,
    )


def filled(life: PartLife, words: Words) -> LifeForm:
    """Return the form as the life is on record."""
    return LifeForm(
        installed_at=local_input(life.installed_at, words),
        meter_at_install=f"{life.meter_at_install:g}",
        age="" if life.age_at_install is None else f"{life.age_at_install:g}",
        is_age_unknown=life.age_at_install is None,
        removed_at="" if life.removed_at is None else local_input(life.removed_at, words),
        meter_at_removal="" if life.meter_at_removal is None else f"{life.meter_at_removal:g}",
        reason=life.removal_reason or "",
        failure_mode=life.failure_mode or "",
        note=life.note or "",
    )


def _modes(part: PartType | None) -> tuple[str, ...]:
    return part.failure_modes if part is not None else tuple(MODES)


def _ran(life: PartLife, words: Words) -> str:
    if life.meter_at_removal is None:
        return ""
    ran = amount(life.meter_at_removal - life.meter_at_install, life.life_unit, words)
    return words.say("life.ran_unknown", ran=ran) if life.age_at_install is None else words.say("life.ran", ran=ran)


def _trail_row(entry: AuditEntry, words: Words) -> TrailRow:
    name = ACTIONS.get(entry.act.action)
    return TrailRow(
        at=words.stamp(entry.at),
        by=entry.actor_name,
        what=words.say(name) if name is not None else entry.act.action,
        before=entry.act.before or "",
        after=entry.act.after or "",
    )
