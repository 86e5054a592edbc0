import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.plant import Bound, LimitLevel, SensorId, Sign
from models.features.windowing import extract
from models.health_assessment.failure_limit import failure_distance, scale_slots
from models.health_assessment.indicator import health_of
from models.training.fit import fit_type
from tests.fakes.plants import a_sensor
from tests.fakes.windows import PLAN, a_judged_machine, a_judged_type, a_limit, a_slot, windows

RISES, FALLS = Sign(sensor=SensorId("vib"), rises=True), Sign(sensor=SensorId("vib"), rises=False)
CRITICAL = a_limit(level=LimitLevel.CRITICAL, value=7.0)


def test_the_critical_limit_on_the_side_of_wear_is_where_a_part_fails() -> None:
    sensor = a_sensor(limits=(CRITICAL, a_limit(value=4.0)))
    assert failure_distance(sensor, RISES, 2.0, 0.1) == pytest.approx(5.0)
    low = a_sensor(limits=(a_limit(level=LimitLevel.CRITICAL, bound=Bound.LOWER, value=0.5),))
    assert failure_distance(low, FALLS, 2.0, 0.1) == pytest.approx(-1.5)


def test_without_one_the_default_is_wide() -> None:
    assert failure_distance(a_sensor(), RISES, 2.0, 0.1) == pytest.approx(0.75 * 5.0)
    assert failure_distance(a_sensor(), FALLS, 2.0, 3.0) == pytest.approx(-30.0)
    assert failure_distance(a_sensor(limits=(CRITICAL,)), FALLS, 2.0, 0.1) == pytest.approx(-0.75 * 5.0)


def test_a_limit_beside_which_a_machine_works_every_day_says_nothing() -> None:
    assert failure_distance(a_sensor(limits=(CRITICAL,)), RISES, 6.9, 0.1) == pytest.approx(0.75 * 5.0)


def test_signs_that_were_not_learnt_have_no_scale() -> None:
    still = windows()
    still.mean[:, 2] = 7.0
    model = fit_type(extract(still, PLAN, {})[0], PLAN)
    slots = (a_slot("bearing", ("vib", True), ("gone", True)), a_slot("seal", ("flow", False)), a_slot("flat"))
    machine = a_judged_machine(a_judged_type(), slots=slots)
    scales = scale_slots([machine], PLAN.judged, model)
    assert scales.shares[0, 0].tolist() == [pytest.approx(2 / 3), 0.0, 0.0]
    assert scales.shares[0, 1].tolist() == [0.0, 0.0, 0.0]
    assert np.isfinite(scales.per_unit).all()


@given(st.floats(-100, 300), st.floats(-100, 300))
def test_more_wear_is_never_more_health(first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert 0.0 <= health_of(high) <= health_of(low) <= 100.0
