"""Chooses the ages of a demonstration factory so that, at the end of its history, some parts are close to failing.

Nothing is faked: a machine's age decides how far its parts have come. For a wished part the age is looked for at which
physics alone puts it between onset and failure at the end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from configs.plant import Machine, MachineId
from simulators.degradation import PAGE, draw_page
from simulators.fleet_state import YEAR_H
from simulators.history import Span
from simulators.layout import Layout, Place
from simulators.scenario import Scenario
from simulators.simulation import Simulation, duty_of, start_simulation

Array = NDArray[np.float64]

_YEARS = (1.0, 14.0)
_LIVES_SEARCHED = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A part of this slot that is to be so far from onset (0) to failure (1) at the end."""

    slot: str
    progress: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Landing:
    """An age at which a wish comes true: the machine's operating hours at the start, and the hours left at the end."""

    machine_index: int
    run_hours: float
    hours_left: float


DEMO_WISHES = (
    Wish(slot="spindle_bearing", progress=0.86),
    Wish(slot="mech_seal", progress=0.80),
    Wish(slot="bearing", progress=0.84),
    Wish(slot="fan_bearing", progress=0.82),
    Wish(slot="hyd_pump", progress=0.80),
    Wish(slot="output_bearing", progress=0.78),
    Wish(slot="coolant_filter", progress=0.84),
    Wish(slot="airend_bearing", progress=0.72),
)


def stage(scenario: Scenario, span: Span, wishes: Sequence[Wish]) -> Scenario:
    """Give the scenario with the machine ages that fulfil what can be fulfilled of the wishes, one a machine.

    A rehearsal of the wear alone tells how much the span takes out of each slot.
    """
    rehearsal = start_simulation(scenario, span.start_s)
    layout = rehearsal.fleet.layout
    spent = _spent(rehearsal, span)
    duty = duty_of(layout, span.start_s)
    taken: dict[int, _Landing] = {}
    for wish in wishes:
        landings = [
            landing
            for k, place in enumerate(layout.worn)
            if place.slot.id == wish.slot and place.machine_index not in taken
            for landing in _landings(layout, place, wish, float(spent[k]), duty[place.machine_index])
        ]
        if landings:
            best = min(landings, key=lambda landing: landing.hours_left)
            taken[best.machine_index] = best
    ages = {n: landing.run_hours / duty[n] for n, landing in taken.items()}
    return _aged(scenario, span, {layout.machines[n].id: hours for n, hours in ages.items()})


def _spent(rehearsal: Simulation, span: Span) -> Array:
    """Give the use at reference stress that each worn slot goes through in the span, shape (K,)."""
    fleet = rehearsal.fleet
    before = fleet.worn_out.copy()
    rehearsal.advance_to(span.end_s)
    return fleet.worn_out - before


def _landings(layout: Layout, place: Place, wish: Wish, spent: float, duty: float) -> list[_Landing]:
    """List the ages at which a life of a slot lands at the wished progress, having begun before the span."""
    found: list[_Landing] = []
    used = 0.0
    lowest, highest = (years * YEAR_H * duty for years in _YEARS)
    for number in range(_LIVES_SEARCHED):
        page = draw_page(place.law, layout.scenario.seed, place.machine.id, place.slot.id, number // PAGE)
        row = number % PAGE
        limit, onset = float(page.life[row] * page.threshold[row]), float(page.onset[row])
        target = limit * (onset + wish.progress * (1.0 - onset))
        begun = used + target - spent
        fits = begun >= used and lowest <= begun <= highest and not page.sudden[row]
        unnoticed = float(page.notice[row]) > wish.progress and float(page.planned[row]) > target
        if fits and unnoticed:
            found.append(
                _Landing(machine_index=place.machine_index, run_hours=begun, hours_left=(limit - target) / duty)
            )
        noticed = limit if page.sudden[row] else limit * (onset + float(page.notice[row]) * (1.0 - onset))
        used += min(limit, noticed, float(page.planned[row])) * 0.999
        if used > highest:
            break
    return found


def _aged(scenario: Scenario, span: Span, age_hours: dict[MachineId, float]) -> Scenario:
    def aged(machine: Machine) -> Machine:
        hours = age_hours.get(machine.id)
        if hours is None:
            return machine
        return replace(machine, installed_at=datetime.fromtimestamp(round(span.start_s - hours * 3600.0), tz=UTC))

    machines = tuple(aged(machine) for machine in scenario.plant.machines)
    return replace(scenario, plant=replace(scenario.plant, machines=machines))
