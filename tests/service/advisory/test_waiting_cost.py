"""What acting and waiting cost."""

import math

import pytest

from service.advisory.waiting_cost import cost_of_acting_krw, cost_of_waiting_krw_per_day
from tests.fakes.plants import a_machine, a_part_type

PART = a_part_type(price_krw=50_000.0, quantity=2, cost_ratio=5.0)


def test_the_machines_own_figure_wins_over_the_price() -> None:
    assert cost_of_acting_krw(a_machine(), PART) == 100_000.0
    assert cost_of_acting_krw(a_machine(cost_planned_krw=300_000.0), PART) == 300_000.0


def test_a_day_of_waiting_costs_the_hazard_times_the_extra_cost() -> None:
    assert cost_of_waiting_krw_per_day(a_machine(), PART, 1 - math.exp(-0.7)) == pytest.approx(0.1 * 400_000.0)
    typed = a_machine(cost_planned_krw=100_000.0, cost_unplanned_krw=200_000.0)
    assert cost_of_waiting_krw_per_day(typed, PART, 1 - math.exp(-0.7)) == pytest.approx(0.1 * 100_000.0)


def test_waiting_costs_nothing_where_nothing_can_fail_or_a_failure_is_cheaper() -> None:
    assert cost_of_waiting_krw_per_day(a_machine(), PART, 0.0) == 0.0
    assert cost_of_waiting_krw_per_day(a_machine(cost_unplanned_krw=1.0), PART, 0.5) == 0.0


def test_certainty_has_a_finite_cost() -> None:
    assert math.isfinite(cost_of_waiting_krw_per_day(a_machine(), PART, 1.0))
