import numpy as np
import pytest

from models.prognosis.demand import DRAWS, SlotDemand, draw_needs, joined, needed_within, nth_needs

HALF = float(np.log(2.0) ** 0.5)


def slots(*medians: float, planned: float = np.inf, **changes: object) -> SlotDemand:
    """Return slots whose Weibull lives of shape 2 have those medians in days."""
    scale = np.array(medians) / HALF
    levels = np.sqrt(-np.log1p(-np.array([0.1, 0.5, 0.9])))
    fields = {
        "remaining": scale[:, None] * levels,
        "planned": np.full(scale.size, planned),
        "moves": np.zeros(scale.size, dtype=bool),
        "notice": 0.0,
        "age": np.zeros(scale.size),
        "scale": np.full(scale.size, 1e5),
        "interval": np.full(scale.size, np.inf),
        "shape": 2.0,
        "scale_sd": 0.0,
        "quantity": 1,
    }
    return SlotDemand(**(fields | changes))  # type: ignore[arg-type]


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_for_one_slot_the_first_need_is_the_lower_quantile_of_its_life() -> None:
    demand = slots(40.0)
    needs = draw_needs(demand, 400.0, rng())
    assert nth_needs(needs, 0.1)[0] == pytest.approx(demand.remaining[0, 0], rel=0.03)
    assert nth_needs(needs, 0.5)[0] == pytest.approx(40.0, rel=0.03)


def test_a_planned_replacement_needs_its_part_on_the_day_unless_it_fails_before() -> None:
    needs = draw_needs(slots(40.0, planned=20.0), 400.0, rng())
    assert nth_needs(needs, 0.9)[0] == pytest.approx(20.0)
    assert needs.min() < 20.0


def test_many_slots_need_fewer_spares_than_each_for_itself() -> None:
    """Of a hundred parts that each fail within their P10 with one chance in ten, about fourteen do, not a hundred."""
    demand = slots(*[40.0] * 100)
    within = demand.remaining[0, 0]
    first = nth_needs(draw_needs(demand, 400.0, rng()), 0.1)
    assert 8 <= int((first <= within).sum()) <= 18


def test_each_replacement_takes_its_quantity_and_parts_to_come_wear_out_too() -> None:
    short = slots(5.0, scale=np.array([10.0]), interval=np.array([8.0]), quantity=2)
    counts = needed_within(draw_needs(short, 50.0, rng()), 50.0)
    assert (counts % 2 == 0).all()
    assert 10 <= counts.mean() <= 22


def test_parts_that_last_a_day_are_drawn_in_bundles_and_still_count_right() -> None:
    tool = slots(1.0, scale=np.array([1.0 / HALF]))
    counts = needed_within(draw_needs(tool, 180.0, rng()), 180.0)
    assert 150 <= counts.mean() <= 185


def test_a_life_that_is_not_well_known_widens_the_demand() -> None:
    known, vague = (
        needed_within(draw_needs(slots(*[30.0] * 20, scale=np.full(20, 30.0), scale_sd=sd), 182.0, rng()), 182.0)
        for sd in (0.0, 0.6)
    )
    assert vague.std() > 2.0 * known.std()


def test_nothing_is_needed_past_the_horizon_and_needs_of_several_types_add_up() -> None:
    needs = draw_needs(slots(1000.0), 1.0, rng())
    assert np.isinf(nth_needs(needs, 0.1)).all()
    assert joined([needs, needs]).shape == (DRAWS, 2 * needs.shape[1])
    assert joined([]).shape == (DRAWS, 0)
    empty = draw_needs(slots(), 10.0, rng())
    assert empty.shape == (DRAWS, 0)


def test_the_days_of_needs_rise_and_the_same_seed_gives_the_same_days() -> None:
    demand = slots(10.0, 20.0, 30.0)
    first, again = (nth_needs(draw_needs(demand, 400.0, rng()), 0.1) for _ in range(2))
    assert (np.diff(first[np.isfinite(first)]) >= 0).all()
    assert np.array_equal(first, again)


def moving(notice: float = 0.0, age: float = 0.0) -> SlotDemand:
    return slots(40.0, planned=10.0, moves=np.array([True]), notice=notice, age=np.array([age]))


def test_a_day_that_readings_move_on_comes_when_wear_shows_but_never_after_the_failure() -> None:
    fixed, new = (draw_needs(each, 400.0, rng()) for each in (slots(40.0, planned=10.0), moving()))
    assert nth_needs(fixed, 0.5)[0] == pytest.approx(10.0)
    assert 28.0 < nth_needs(new, 0.5)[0] < 36.0
    old = draw_needs(moving(age=400.0), 400.0, rng())
    assert 12.0 < nth_needs(old, 0.5)[0] < 24.0


def test_a_part_whose_wear_shows_waits_for_its_spare_unless_it_fails_before() -> None:
    waiting, failing = (draw_needs(each, 400.0, rng()) for each in (moving(notice=1000.0), slots(40.0)))
    assert np.array_equal(np.sort(waiting[:, 0]), np.sort(failing[:, 0]))
    soon = draw_needs(moving(notice=2.0), 400.0, rng())
    assert nth_needs(soon, 0.5)[0] < nth_needs(waiting, 0.5)[0]
