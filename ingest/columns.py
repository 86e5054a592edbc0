"""Arithmetic on columns of readings that are sorted by machine, then time."""

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def segment_starts(codes: NDArray[np.int64]) -> Rows:
    """Return where each run of equal `codes` (n,) begins.

    Examples
    --------
    >>> segment_starts(np.array([4, 4, 7])).tolist()
    [0, 2]
    """
    if codes.size == 0:
        return np.empty(0, np.int64)
    return np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1]))).astype(np.int64)


def row_of_last(present: NDArray[np.bool_], starts: Rows) -> Rows:
    """Return, for every cell, the row of the last present cell at or above it in the same segment.

    Parameters
    ----------
    present
        Which cells hold something, shape (n, m).
    starts
        The first row of every segment, as `segment_starts` gives them.

    Returns
    -------
    Rows
        Shape (n, m); a cell with nothing at or above it in its segment names the segment's first row.

    Examples
    --------
    >>> row_of_last(np.array([[True], [False], [False], [True]]), np.array([0, 2])).ravel().tolist()
    [0, 0, 2, 3]
    """
    marked = present.copy()
    marked[starts] = True
    rows = np.arange(present.shape[0], dtype=np.int64)[:, None]
    return np.maximum.accumulate(np.where(marked, rows, 0), axis=0)
