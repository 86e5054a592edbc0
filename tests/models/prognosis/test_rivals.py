import numpy as np
import pytest

from configs.plant import SlotId
from models.prognosis.rivals import net_of_rivals, shared_share
from tests.fakes.parts import a_series
from tests.fakes.windows import a_slot

BEARING = a_slot("bearing", ("vib", True), ("temp", True))
COUPLING = a_slot("coupling", ("vib", True))
FILTER = a_slot("filter", ("flow", False))
LOOSE = a_slot("loose", ("vib", False))
SLOTS = (BEARING, COUPLING, FILTER, LOOSE)
RISING = np.linspace(0.0, 60.0, 200)


def net(slot: str, **levels: np.ndarray) -> np.ndarray:
    series = {SlotId(name): a_series(values) for name, values in levels.items()}
    found = net_of_rivals(next(each for each in SLOTS if each.id == slot), SLOTS, series)
    assert found is not None
    return found.values


def test_what_a_clearly_worn_neighbour_explains_is_taken_off() -> None:
    """The coupling shows in vibration alone: two thirds of the bearing's evidence."""
    assert shared_share(BEARING, COUPLING) == pytest.approx(2 / 3)
    assert net("bearing", bearing=RISING * 2 / 3, coupling=RISING) == pytest.approx(np.zeros(200), abs=1e-9)


def test_the_worn_part_itself_keeps_what_it_shows() -> None:
    assert net("coupling", bearing=RISING * 2 / 3, coupling=RISING) == pytest.approx(RISING)


def test_parts_that_moved_alike_both_keep_what_they_show() -> None:
    assert net("bearing", bearing=RISING, coupling=RISING) == pytest.approx(RISING)


def test_sensors_that_are_not_shared_or_move_the_other_way_explain_nothing() -> None:
    assert (shared_share(BEARING, FILTER), shared_share(BEARING, LOOSE)) == (0.0, 0.0)
    assert net("bearing", bearing=RISING / 4, filter=RISING, loose=RISING) == pytest.approx(RISING / 4)


def test_a_neighbour_that_hardly_shows_explains_nothing() -> None:
    assert net("bearing", bearing=RISING * 0, coupling=np.full(200, 10.0)) == pytest.approx(np.zeros(200))


def test_hours_in_which_the_neighbour_has_no_value_are_left_as_they_are() -> None:
    gappy = np.where(np.arange(200) % 2 == 0, np.nan, 60.0)
    assert net("bearing", bearing=np.full(200, 20.0), coupling=gappy)[::2] == pytest.approx(np.full(100, 20.0))


def test_a_slot_without_an_indicator_has_none() -> None:
    assert net_of_rivals(FILTER, SLOTS, {}) is None
    empty = a_series(np.empty(0))
    assert net_of_rivals(FILTER, SLOTS, {FILTER.id: empty}) is empty
    assert net("bearing", bearing=RISING, coupling=np.full(200, np.nan)) == pytest.approx(RISING)
