"""Parts that wear out within days raise no case."""

import pytest

from configs.plant import LifeUnit
from service.advisory.countdown import counts_down
from tests.fakes.plants import a_part_type


@pytest.mark.parametrize(
    ("unit", "eta", "expected"),
    [
        (LifeUnit.CUTTING_MINUTES, 60.0, True),
        (LifeUnit.CUTTING_MINUTES, 8000.0, False),
        (LifeUnit.OPERATING_HOURS, 50.0, True),
        (LifeUnit.OPERATING_HOURS, 8000.0, False),
        (LifeUnit.CALENDAR_DAYS, 2.0, True),
        (LifeUnit.CALENDAR_DAYS, 30.0, False),
        (LifeUnit.SHOTS, 5.0, False),
    ],
)
def test_a_part_counts_down_when_its_median_life_is_under_three_days(
    unit: LifeUnit, eta: float, expected: bool
) -> None:
    assert counts_down(a_part_type(life_unit=unit, eta=eta, beta=2.0)) is expected
