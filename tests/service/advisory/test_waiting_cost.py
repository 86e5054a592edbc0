from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.advisory.waiting_cost import cost_of_acting_krw, cost_of_waiting_krw_per_day
from tests.fakes.plants import a_machine, a_part_type

PART = a_part_type(price_krw=100_000.0, quantity=2, cost_ratio=5.0)


def test_acting_costs_what_the_site_says_else_the_price_of_the_parts() -> None:
    assert cost_of_acting_krw(a_machine(), PART) == 200_000.0
    assert cost_of_acting_krw(a_machine(cost_planned_krw=920_000.0), PART) == 920_000.0


def test_waiting_a_day_costs_the_hazard_times_what_a_failure_costs_more() -> None:
    """At 7 days' chance of 1 - exp(-0.7) the hazard is 0.1 a day; a failure costs 1,000,000 - 200,000 more."""
    assert cost_of_waiting_krw_per_day(a_machine(), PART, 0.5034146962) == pytest.approx(80_000.0)
    dear = a_machine(cost_planned_krw=900_000.0, cost_unplanned_krw=5_400_000.0)
    assert cost_of_waiting_krw_per_day(dear, PART, 0.5034146962) == pytest.approx(450_000.0)


def test_a_failure_that_costs_no_more_makes_waiting_free() -> None:
    assert cost_of_waiting_krw_per_day(a_machine(), replace(PART, cost_ratio=0.5), 0.9) == 0.0


@given(st.floats(0, 1), st.floats(0, 1))
def test_waiting_never_gets_cheaper_as_failure_gets_likelier_and_is_never_endless(first: float, second: float) -> None:
    low, high = sorted((first, second))
    cheap, dear = (cost_of_waiting_krw_per_day(a_machine(), PART, chance) for chance in (low, high))
    assert 0 <= cheap <= dear < 1e7
