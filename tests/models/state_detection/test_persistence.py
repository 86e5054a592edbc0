import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.state_detection.persistence import CALM_WINDOWS, NEEDED, OF, AlarmMemory, Span, track


def ends(size: int, first: int = 0) -> np.ndarray:
    return np.arange(first, first + size, dtype=np.int64)


def test_a_condition_needs_most_of_the_last_windows() -> None:
    fewer = np.array([2.0] * (NEEDED - 1) + [0.5] * OF)
    assert track(fewer, ends(fewer.size), AlarmMemory())[0] == ()
    one_low = np.array([2.0, 2.0, 0.5, 2.0, 2.0, 2.0])
    spans, memory = track(one_low, ends(OF), AlarmMemory())
    assert spans == (Span(since_ns=5, until_ns=None, first=5, last=5),)
    assert memory.since_ns == 5


def test_a_condition_clears_only_after_a_calm_stretch() -> None:
    scores = np.array([2.0] * NEEDED + [0.5] * (CALM_WINDOWS - 1) + [0.9] + [0.5] * CALM_WINDOWS)
    spans, memory = track(scores, ends(scores.size), AlarmMemory())
    assert spans[0].until_ns == scores.size - 1
    assert memory.since_ns is None


def test_windows_without_a_score_neither_raise_nor_clear() -> None:
    scores = np.full(NEEDED, 2.0)
    scores[1] = np.nan
    spans, memory = track(scores, ends(scores.size), AlarmMemory())
    assert spans == ()
    again, _ = track(np.array([np.nan, 2.0]), ends(2, 9), memory)
    assert again == (Span(since_ns=10, until_ns=None, first=1, last=1),)
    assert track(np.array([np.nan]), ends(1), memory) == ((), memory)
    assert track(np.empty(0), ends(0), memory) == ((), memory)


def test_a_condition_that_holds_is_told_of_in_every_block() -> None:
    _, memory = track(np.full(NEEDED, 2.0), ends(NEEDED), AlarmMemory())
    spans, after = track(np.array([0.9]), ends(1, NEEDED), memory)
    assert spans == (Span(since_ns=NEEDED - 1, until_ns=None, first=0, last=0),)
    assert after.since_ns == NEEDED - 1


@given(st.lists(st.sampled_from([0.5, 0.9, 2.0, float("nan")]), max_size=60), st.integers(0, 60))
def test_windows_in_two_blocks_make_the_same_conditions_as_at_once(values: list[float], cut: int) -> None:
    scores, cut = np.array(values, dtype=float), min(cut, len(values))
    whole, end = track(scores, ends(scores.size), AlarmMemory())
    first, between = track(scores[:cut], ends(cut), AlarmMemory())
    second, last = track(scores[cut:], ends(scores.size - cut, cut), between)
    starts = {span.since_ns for span in whole}
    assert {span.since_ns for span in (*first, *second)} == starts
    assert {s.until_ns for s in (*first, *second) if s.until_ns} == {s.until_ns for s in whole if s.until_ns}
    assert last == end
