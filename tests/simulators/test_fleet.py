"""A factory that wears out, tick by tick."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simulators.removal import Reason, TrueLife
from simulators.simulation import start_simulation
from simulators.trace import Trace
from tests.simulators.scenarios import DAY_S, START_S, a_scenario, a_simulation, without_machine

SLOW_REPAIRS = {"mech_seal", "bearing", "impeller", "wear_ring", "motor_winding", "spindle_bearing", "ball_screw"}


def lives_by_slot(trace: Trace, machine: str) -> list[TrueLife]:
    return sorted(
        (life for life in trace.removals if life.machine == machine), key=lambda life: (life.slot, life.install_no)
    )


def test_same_seed_gives_the_same_lives() -> None:
    first, second = (a_simulation().advance_to(START_S + 60 * DAY_S) for _ in range(2))
    assert first.removals == second.removals
    assert np.array_equal(first.damage, second.damage)


def test_another_seed_gives_other_lives() -> None:
    first, second = (a_simulation(seed=seed).advance_to(START_S + 30 * DAY_S) for seed in (7, 8))
    assert not np.array_equal(first.damage, second.damage)


def test_adding_a_machine_leaves_the_lives_of_the_others_unchanged() -> None:
    whole = a_scenario(6)
    fewer = replace(whole, plant=without_machine(whole.plant, "mc-01"))
    traces = [start_simulation(scenario, START_S).advance_to(START_S + 90 * DAY_S) for scenario in (whole, fewer)]
    for machine in ("mc-02", "pump-01", "pump-03"):
        assert lives_by_slot(traces[0], machine) == lives_by_slot(traces[1], machine)


def test_history_in_pieces_is_the_same_as_in_one() -> None:
    whole = a_simulation().advance_to(START_S + 20 * DAY_S)
    simulation = a_simulation()
    pieces = [simulation.advance_to(START_S + days * DAY_S) for days in (3, 11, 20)]
    assert np.array_equal(whole.damage, np.concatenate([piece.damage for piece in pieces]))
    assert whole.removals == tuple(life for piece in pieces for life in piece.removals)


def test_damage_never_falls_within_a_life_and_does_not_grow_while_the_machine_rests() -> None:
    simulation = a_simulation()
    trace = simulation.advance_to(START_S + 30 * DAY_S)
    of = simulation.fleet.layout.machine_of_worn
    rest = ~trace.powered[1:][:, of]
    growth = np.diff(trace.damage, axis=0)
    changed = {(life.machine, life.slot) for life in trace.removals}
    unchanged = np.array([(p.machine.id, p.slot.id) not in changed for p in simulation.fleet.layout.worn])
    assert np.all(growth[:, unchanged] >= 0)
    assert np.all(growth[:, unchanged][rest[:, unchanged]] == 0)


def test_faster_damage_brings_more_failures_in_the_same_time() -> None:
    counts = []
    for speed in (1.0, 10.0):
        trace = a_simulation(8, damage_speed=speed).advance_to(START_S + 90 * DAY_S)
        counts.append(sum(life.reason is Reason.FAILED and life.slot != "cutting_tool" for life in trace.removals))
    assert counts[1] > 3 * max(counts[0], 1)


def test_failed_machine_stands_until_its_part_is_replaced() -> None:
    simulation = a_simulation(8, damage_speed=10.0)
    trace = simulation.advance_to(START_S + 60 * DAY_S)
    index = {machine.id: n for n, machine in enumerate(simulation.scenario.plant.machines)}
    failed = [life for life in trace.removals if life.reason is Reason.FAILED and life.slot in SLOW_REPAIRS]
    assert failed
    for life in failed:
        tick = int(np.searchsorted(trace.edges_s, life.removed_s, side="right")) - 1
        assert trace.off_from_s[tick, index[life.machine]] <= life.removed_s
        assert not trace.powered[tick + 1, index[life.machine]]


def test_installations_of_a_slot_follow_each_other() -> None:
    trace = a_simulation(4, damage_speed=5.0).advance_to(START_S + 120 * DAY_S)
    for machine in ("mc-01", "pump-01"):
        lives = lives_by_slot(trace, machine)
        for before, after in pairwise(lives):
            if before.slot == after.slot:
                assert after.install_no == before.install_no + 1
                assert after.installed_s >= before.removed_s
                assert after.meter_at_install == pytest.approx(before.meter_at_removal, abs=70.0)


def test_fleet_fails_as_often_as_small_factories_do() -> None:
    trace = a_simulation(24).advance_to(START_S + 365 * DAY_S)
    parts = [life for life in trace.removals if life.slot != "cutting_tool"]
    failures = [life for life in parts if life.reason is Reason.FAILED]
    assert 0.3 <= len(failures) / 24 <= 4
    assert 0.15 <= len(failures) / len(parts) <= 0.50


def test_hastened_part_fails_within_the_time_asked_for() -> None:
    simulation = a_simulation(2)
    fleet = simulation.fleet
    k = next(k for k, place in enumerate(fleet.layout.worn) if place.slot.id == "bearing")
    number = int(fleet.state.install_no[k])
    fleet.hasten(k, run_hours=5.0)
    simulation.advance_to(START_S + 2 * DAY_S)
    assert fleet.state.install_no[k] > number
    assert fleet.state.haste[k] == 1.0
