"""What a plant's parts taught together, as one tree that can be read off."""

import numpy as np

from models.lesson import Experience, Trees


def an_experience(*, high: float, low: float, weight: float = 1.0) -> Experience:
    """Return one tree: log odds `high` in every step where the first feature is above 0.5, else `low`."""
    row = np.array([[0, 1, 2]])
    return Experience(
        trees=Trees(
            start=0.0,
            depth=1,
            feature=np.zeros((1, 3), dtype=np.int64),
            threshold=np.array([[0.5, 0.0, 0.0]]),
            left=np.array([[1, 1, 2]]),
            right=np.array([[2, 1, 2]]),
            missing_left=np.array([[True, False, False]]),
            value=np.where(row == 1, low, np.where(row == 2, high, 0.0)),
        ),
        weight=weight,
        lives=40.0,
    )
