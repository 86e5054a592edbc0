import numpy as np

from models.health_assessment.life_index import fit_life_index


def test_the_index_falls_with_what_is_left_and_a_missing_reading_counts_as_usual() -> None:
    rng = np.random.default_rng(1)
    left = rng.uniform(0.0, 1.0, 400)
    smoothed = np.column_stack([2.0 * (1.0 - left), rng.standard_normal(400), np.zeros(400)])
    index = fit_life_index(smoothed, left)
    series = index.series(smoothed)
    assert np.corrcoef(series[:, 0], left)[0, 1] > 0.99
    holed = smoothed[:2].copy()
    holed[0, 1] = np.nan
    holed[1] = np.nan
    found = index.series(holed)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all()
