"""No feature of a life reads past its row: the same code tells of a life that goes on and of one that is cut there."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.prognosis.life_features import KnownSteps, join_steps, known_steps
from tests.fakes.lives_to_failure import a_rule, some_lives

LIVES = some_lives(6, regimes=2)
RULE = a_rule(LIVES)
LONG = some_lives(4, rows=900)
LONG_RULE = a_rule(LONG)


@settings(deadline=None, max_examples=30)
@given(unit=st.integers(0, 5), share=st.floats(0.05, 1.0))
def test_what_is_known_at_a_row_does_not_depend_on_later_rows(unit: int, share: float) -> None:
    whole = known_steps(LIVES, unit, RULE)
    at = max(int(share * whole.row.size) - 1, 0)
    cut = known_steps(LIVES.until(whole.row[[at]]), 0, RULE)
    assert cut.row.size == at + 1
    np.testing.assert_allclose(cut.summary, whole.summary[: at + 1], atol=1e-5)
    np.testing.assert_allclose(cut.lags, whole.lags[: at + 1], atol=1e-5)
    np.testing.assert_array_equal(cut.age, whole.age[: at + 1])


@pytest.mark.parametrize("at", [3, 40, 150])
def test_a_long_life_is_known_by_steps_that_have_ended(at: int) -> None:
    whole = known_steps(LONG, 1, LONG_RULE)
    assert whole.row.size < np.sum(LONG.unit == 1)
    cut = known_steps(LONG.until(whole.row[[at]]), 0, LONG_RULE)
    np.testing.assert_allclose(cut.summary[-1], whole.summary[at], atol=1e-5)


def test_steps_are_joined_and_chosen_row_by_row() -> None:
    parts = [known_steps(LIVES, unit, RULE) for unit in (0, 1)]
    joined: KnownSteps = join_steps(parts)
    assert joined.row.size == parts[0].row.size + parts[1].row.size
    np.testing.assert_array_equal(joined.at(np.array([-1])).lags, parts[1].lags[-1:])
