"""Arithmetic on sorted columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from ingest.columns import row_of_last, segment_starts


def test_nothing_has_no_segments() -> None:
    assert segment_starts(np.empty(0, np.int64)).size == 0


@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 20), st.integers(1, 3))), st.data())
def test_the_last_present_row_is_found_within_its_segment(present: np.ndarray, data: st.DataObject) -> None:
    codes = np.array(sorted(data.draw(st.lists(st.integers(0, 3), min_size=len(present), max_size=len(present)))))
    starts = segment_starts(codes)
    found = row_of_last(present, starts)
    for row, column in np.ndindex(*present.shape):
        begin = starts[starts <= row].max()
        there = [r for r in range(begin, row + 1) if present[r, column]]
        assert found[row, column] == (there[-1] if there else begin)
