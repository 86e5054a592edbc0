"""V1 to V3: are lives as long and as various as the catalogue and real factories have them."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kstest, weibull_min

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import Fleet
from simulators.degradation import PAGE, LifeLaw, LifePage, Signature, Upkeep, draw_page
from simulators.layout import Place

_DRAWS = 2000
_PAGES = 160


def stated_lives(seeds: Sequence[int]) -> Iterator[Bar]:
    """V1: lives at constant stress against the Weibull that they are drawn from."""
    law = LifeLaw(beta=1.5, eta=20_000.0, signature=Signature.SPALL, upkeep=Upkeep())
    fits = [_fit(law, seed) for seed in seeds]
    for question, values in zip((asked.P_VALUE, asked.BETA_OFF, asked.ETA_OFF), zip(*fits, strict=True), strict=True):
        yield from answer(question, values)


def events(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V2: how many failures, and how many of the removals they are."""
    failures = [len(fleet.failures()) for fleet in fleets]
    years = [len(fleet.recordings) * fleet.days / 365 for fleet in fleets]
    yield from answer(asked.FAILURES, [n / span for n, span in zip(failures, years, strict=True)])
    yield from answer(
        asked.FAILED_SHARE, [100 * n / len(fleet.removals()) for n, fleet in zip(failures, fleets, strict=True)]
    )


def spread(fleets: Sequence[Fleet]) -> Iterator[Bar]:
    """V3: how various part lives are, for every part type, over what its slots go through in the long run."""
    spreads = [[_spread(place, fleet.simulation.scenario.seed) for place in _one_of_each(fleet)] for fleet in fleets]
    yield from answer(asked.LEAST_SPREAD, [min(of) for of in spreads])
    yield from answer(asked.MOST_SPREAD, [max(of) for of in spreads])


def _fit(law: LifeLaw, seed: int) -> tuple[float, float, float]:
    pages = [draw_page(law, seed, "pump-01", "bearing", page) for page in range(_DRAWS // PAGE + 1)]
    lives = np.concatenate([page.life * page.threshold for page in pages])[:_DRAWS]
    beta, _, eta = weibull_min.fit(lives, floc=0)
    p = float(kstest(lives, weibull_min(law.beta, scale=law.eta).cdf).pvalue)
    return p, 100 * abs(beta / law.beta - 1), 100 * abs(eta / law.eta - 1)


def _one_of_each(fleet: Fleet) -> list[Place]:
    layout = fleet.simulation.fleet.layout
    places: dict[tuple[str, str], Place] = {
        (place.machine.equipment_type, place.slot.id): place for place in (*layout.worn, *layout.renewed)
    }
    return list(places.values())


def _spread(place: Place, seed: int) -> float:
    pages = [draw_page(place.law, seed, place.machine.id, place.slot.id, page) for page in range(_PAGES)]
    lives = np.concatenate([removal_use(page) for page in pages])
    return float(lives.std() / lives.mean())


def removal_use(page: LifePage) -> NDArray[np.float64]:
    """Give the use at which each part of a page comes off: failed, seen in time, or on plan."""
    limit = page.life * page.threshold
    level = page.onset + np.where(np.isfinite(page.notice), page.notice, 1.0) * (1.0 - page.onset)
    seen = np.where(page.sudden | ~np.isfinite(page.notice), np.inf, limit * level)
    return np.minimum(np.minimum(limit, seen), page.planned)
