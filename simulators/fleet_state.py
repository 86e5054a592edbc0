"""Where every machine and part of a factory stands, and how it began."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulators.degradation import PAGE, draw_page
from simulators.draws import keyed_uniforms
from simulators.layout import Layout, Place
from simulators.removal import Reason, TrueLife

Array = NDArray[np.float64]

YEAR_H = 8766.0


@dataclass(slots=True, kw_only=True)
class FleetState:
    """Everything that changes while the factory runs; arrays per machine (N), worn slot (K) or renewed slot (R).

    `haste` is how many times faster than its physics a part wears because somebody asked for it.
    """

    at_s: float
    job: NDArray[np.int64]
    down_until_s: Array
    was_on: NDArray[np.bool_]
    on_from_s: Array
    run_hours: Array
    install_no: NDArray[np.int64]
    damage: Array
    use: Array
    restored: Array
    installed_s: Array
    meter_at_install: Array
    onset_s: Array
    due_s: Array
    haste: Array
    clock: Array
    tool: NDArray[np.int64]
    tool_installed_s: Array
    tool_meter: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One part that had gone before the simulation begins: its number and the slot's use when it came and went."""

    install_no: int
    use_from: float
    use_to: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Where one slot's story stands at the start: which installation, how long in use, how damaged, and what went before."""

    install_no: int
    use: float
    damage: float
    past: tuple[Past, ...]


def begin(layout: Layout, at_s: float, duty_of: Array) -> tuple[FleetState, tuple[TrueLife, ...]]:
    """Age a factory up to the start: every slot has been renewed since its machine was new, at its usual stress.

    `duty_of` (N,) is the share of the calendar in which each machine executes. Gives the state and the lives that
    ended before.
    """
    count, worn = len(layout.machines), len(layout.worn)
    years = np.array([_machine_age_years(layout, n, at_s) for n in range(count)])
    run_hours = years * YEAR_H * duty_of
    start = [_begin_slot(layout, k, run_hours, years * 365.25) for k in range(worn)]
    use = np.array([slot.use for slot in start])
    of = layout.machine_of_worn
    per_hour = np.where(layout.calendar_unit, 1.0 / 24.0, duty_of[of])
    meter = np.where(layout.calendar_unit, at_s / 86_400.0, run_hours[of])
    renewed = len(layout.renewed)
    total = np.where(layout.calendar_unit, years[of] * 365.25, run_hours[of])
    past = [
        _past_life(layout, k, life, (at_s - 3600.0 * total[k] / per_hour[k], per_hour[k], meter[k] - total[k]))
        for k in range(worn)
        for life in start[k].past
    ]
    state = FleetState(
        at_s=at_s, job=np.zeros(count, dtype=np.int64), down_until_s=np.full(count, -np.inf),
        was_on=np.zeros(count, dtype=np.bool_), on_from_s=np.full(count, -np.inf), run_hours=run_hours,
        install_no=np.array([slot.install_no for slot in start], dtype=np.int64),
        damage=np.array([slot.damage for slot in start]), use=use, restored=np.zeros(worn),
        installed_s=np.round(at_s - 3600.0 * use / per_hour), meter_at_install=meter - use,
        onset_s=np.full(worn, np.nan), due_s=np.full(worn, np.inf),
        haste=np.ones(worn), clock=np.zeros(renewed),
        tool=np.zeros(renewed, dtype=np.int64), tool_installed_s=np.full(renewed, at_s),
        tool_meter=run_hours[layout.machine_of_renewed] * 60.0,
    )  # fmt: skip
    return state, tuple(past)


def _machine_age_years(layout: Layout, n: int, at_s: float) -> float:
    machine = layout.machines[n]
    if machine.installed_at is not None:
        return max((at_s - machine.installed_at.timestamp()) / (YEAR_H * 3600.0), 0.02)
    return float(2.0 + 7.0 * keyed_uniforms(layout.scenario.seed, machine.id, "age", count=1)[0])


def _begin_slot(layout: Layout, k: int, run_hours: Array, days: Array) -> Beginning:
    place = layout.worn[k]
    total = float(days[place.machine_index] if layout.calendar_unit[k] else run_hours[place.machine_index])
    past: list[Past] = []
    used = 0.0
    while True:
        span, life, reason = _usual_span(layout, place, len(past))
        if used + span > total:
            use = total - used
            return Beginning(install_no=len(past), use=use, damage=use / life, past=tuple(past))
        past.append(Past(install_no=len(past), use_from=used, use_to=used + span, reason=reason))
        used += span


def _usual_span(layout: Layout, place: Place, number: int) -> tuple[float, float, Reason]:
    page = draw_page(place.law, layout.scenario.seed, place.machine.id, place.slot.id, number // PAGE)
    row = number % PAGE
    life, limit, onset = float(page.life[row]), float(page.life[row] * page.threshold[row]), float(page.onset[row])
    noticed = np.inf if page.sudden[row] else limit * (onset + float(page.notice[row]) * (1.0 - onset))
    spans = {Reason.FAILED: limit, Reason.INSPECTION: float(noticed), Reason.PLANNED: float(page.planned[row])}
    reason = min(spans, key=lambda why: spans[why])
    return spans[reason] * 0.999, life, reason


def _past_life(layout: Layout, k: int, past: Past, origin: tuple[float, float, float]) -> TrueLife:
    """Date a past life; `origin` is (epoch second at which the slot was new, use per hour, meter then)."""
    place = layout.worn[k]
    page = draw_page(place.law, layout.scenario.seed, place.machine.id, place.slot.id, past.install_no // PAGE)
    row = past.install_no % PAGE
    new_s, per_hour, meter = origin
    limit = float(page.life[row] * page.threshold[row])
    return TrueLife(
        machine=place.machine.id, slot=place.slot.id, install_no=past.install_no,
        installed_s=round(new_s + 3600.0 * past.use_from / per_hour), meter_at_install=meter + past.use_from,
        removed_s=round(new_s + 3600.0 * past.use_to / per_hour), meter_at_removal=meter + past.use_to,
        reason=past.reason, true_life=limit, damage=(past.use_to - past.use_from) / limit, onset_s=None,
        sudden=bool(page.sudden[row]), restored=0.0, chance=tuple(page.chance[row].tolist()),
    )  # fmt: skip
