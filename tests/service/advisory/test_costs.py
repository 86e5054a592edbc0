from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import Machine, Site
from service.advisory.costs import (
    CostBasis,
    StopCosts,
    chosen_risk,
    cost_of_waiting,
    hazard_per_day,
    hours_of_waiting,
    stop_costs,
)
from tests.fakes.plants import a_machine, a_part_type, a_plant

PART = a_part_type(price_krw=100_000.0, quantity=2, cost_ratio=5.0)
SITE = a_plant().sites[0]
TENTH_A_DAY = 0.5034146962
"""The chance within 7 days of a hazard of 0.1 a day."""


def costs_of(machine: Machine | None = None, site: Site = SITE) -> StopCosts:
    return stop_costs(machine or a_machine(), site, PART)


def test_without_figures_the_catalogue_says_what_a_stop_costs() -> None:
    assert costs_of() == StopCosts(
        planned=200_000.0,
        unplanned=1_000_000.0,
        shared=0.0,
        planned_h=None,
        unplanned_h=None,
        basis=CostBasis.CATALOGUE,
    )


def test_the_machines_own_figures_go_before_the_sites() -> None:
    site = replace(SITE, cost_planned_krw=300_000.0, cost_unplanned_krw=2_000_000.0)
    assert costs_of(site=site).planned == 300_000.0
    assert costs_of(site=site).unplanned == 2_000_000.0
    assert costs_of(a_machine(cost_planned_krw=920_000.0), site).planned == 920_000.0
    assert costs_of(site=site).basis is CostBasis.TYPED


def test_hours_of_standing_are_added_and_shared_by_what_is_done_in_one_stop() -> None:
    site = replace(SITE, downtime_krw_per_hour=100_000.0, planned_stop_h=2.0, unplanned_stop_h=10.0)
    costs = costs_of(site=site)
    assert (costs.planned, costs.unplanned, costs.shared) == (400_000.0, 1_200_000.0, 200_000.0)
    assert costs.basis is CostBasis.TYPED
    assert costs.extra == 800_000.0


def test_a_tool_that_lasts_days_has_the_catalogues_costs_whatever_a_stop_costs() -> None:
    tool = replace(PART, eta=40.0)
    dear = a_machine(cost_planned_krw=920_000.0, cost_unplanned_krw=5_400_000.0)
    assert stop_costs(dear, SITE, tool) == costs_of()


def test_a_cost_of_nothing_counts_as_missing() -> None:
    assert costs_of(a_machine(cost_planned_krw=0.0, cost_unplanned_krw=0.0)) == costs_of()


def test_a_chosen_risk_counts_only_where_no_cost_is_typed() -> None:
    site = replace(SITE, risk=0.1)
    assert chosen_risk(a_machine(), site, costs_of(site=site)) == 0.1
    assert chosen_risk(a_machine(risk=0.2), site, costs_of(site=site)) == 0.2
    dear = a_machine(cost_unplanned_krw=5_400_000.0)
    assert chosen_risk(dear, site, costs_of(dear, site)) is None
    assert chosen_risk(a_machine(), SITE, costs_of()) is None


def test_waiting_a_day_costs_the_hazard_times_what_a_failure_costs_more() -> None:
    assert hazard_per_day(TENTH_A_DAY) == pytest.approx(0.1)
    assert cost_of_waiting(costs_of(), TENTH_A_DAY) == pytest.approx(80_000.0)


def test_waiting_costs_hours_where_hours_are_known() -> None:
    assert hours_of_waiting(costs_of(), 0.5) is None
    site = replace(SITE, planned_stop_h=2.0, unplanned_stop_h=12.0)
    assert hours_of_waiting(costs_of(site=site), TENTH_A_DAY) == pytest.approx(1.0)


def test_a_failure_that_costs_no_more_makes_waiting_free() -> None:
    costs = stop_costs(a_machine(), SITE, replace(PART, cost_ratio=0.5))
    assert cost_of_waiting(costs, 0.9) == 0.0


@given(st.floats(0, 1), st.floats(0, 1))
def test_waiting_never_gets_cheaper_as_failure_gets_likelier_and_is_never_endless(first: float, second: float) -> None:
    low, high = sorted((first, second))
    cheap, dear = (cost_of_waiting(costs_of(), chance) for chance in (low, high))
    assert 0 <= cheap <= dear < 1e7
