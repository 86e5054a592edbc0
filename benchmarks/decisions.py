"""Replacement decisions on synthetic parts whose truth is known: cost regret, intervals, worth of condition evidence."""

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from benchmarks import azure_pdm, conveyor_idlers
from benchmarks.decisions_change import change_bars
from benchmarks.decisions_scale import scale_bars
from benchmarks.decisions_store import store_bars
from benchmarks.decisions_warning import warning_bars
from benchmarks.decisions_what_if import what_if_bars
from benchmarks.reference_weibull import GridBayes, best_age, best_cost_rate, censored_mle, true_cost_rate
from benchmarks.report import Bar, NotApplicable, Report, Sense
from benchmarks.runner import Wish
from benchmarks.synthetic_wear import RATE, WornPart, by_age_only, evidence_at, grow, history_of, part_type
from configs.plant import PartType
from models.prediction import Prediction, ReasonCode
from models.prognosis.decision import age_policy, age_table
from models.prognosis.evidence import SlotEvidence
from models.prognosis.lives import Ending, LifeHistory
from models.prognosis.slots import assess_slots
from models.prognosis.weibull import LifePosterior, fit_life, remaining_quantiles

Array = NDArray[np.float64]

SEED = 20261124
RATIO = 6.0
ETA = 4000.0
SLOTS_PER_SHAPE = 170
"""Two nominal shapes fall into each class of β, so that every class has at least 300 slots."""
SHAPES = (1.1, 1.3, 2.0, 2.4, 3.0, 4.0)
CLASSES = ("β < 1.6", "β 1.6–2.7", "β > 2.7")
LIVES = (0, 4, 8, 32)
PLANTS = 12
LOOK_DAYS = 4.0
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def run(wish: Wish) -> Report:
    """Measure the parts `regret`, `intervals`, `condition`, `stock`, `warning`, `change`, `what-if` and `scale`.

    With `--data DIR` also `azure` (cost regret on the log of Azure machines) and `idlers` (counts of replacements).
    """
    began = time.perf_counter()
    regrets = _regrets() if wish.wants("regret") else {}
    bars = [_regret_bar(name, found) for name, found in regrets.items()]
    bars += [*_interval_bars()] if wish.wants("intervals") else []
    bars += [*_condition_bars()] if wish.wants("condition") else []
    for part, measure in _PARTS.items():
        bars += [*measure()] if wish.wants(part) else []
    bars += [*warning_bars(wish.seeds, wish.work)] if wish.wants("warning") else []
    bars += [bar for part in _PUBLIC if wish.data is not None and wish.wants(part) for bar in _public(part, wish)]
    return Report(
        benchmark="decisions",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - began,
        not_applicable=tuple(
            NotApplicable(name=part, reason="needs the public data sets: --data DIR")
            for part in _PUBLIC
            if wish.data is None and wish.wants(part)
        ),
        notes=(
            f"seed {SEED}; cost ratio {RATIO:g}; regret: excess cost over the best age policy that knows shape and scale",
            "baseline of regret: a 31 × 61 grid Bayes with the generating prior and plain quadrature, on the same lives",
            "baseline of coverage: the coverage itself; condition is set against age only on the same parts",
            "what-if: simulated factories of 100 machines; exponents are drawn from what each law declares, the rest of the wear is the simulator's",
            "stock: the store of 48 machines of the catalogue over two years, the second judged; baseline: the other rule, in won",
            *(_rivals(name, found) for name, found in regrets.items()),
        ),
    )


_PARTS = {
    "stock": store_bars,
    "change": change_bars,
    "what-if": what_if_bars,
    "scale": scale_bars,
}
_PUBLIC = ("azure", "idlers")


def _public(part: str, wish: Wish) -> tuple[Bar, ...]:
    if part == "azure":
        return azure_pdm.run(replace(wish, only=frozenset({"cost"}))).bars
    return conveyor_idlers.run(wish).bars


@dataclass(slots=True)
class _Regrets:
    """Excess costs in per cent by method, of the slots of one class and number of lives."""

    by_method: dict[str, list[float]] = field(default_factory=dict)

    def add(self, method: str, excess: float) -> None:
        self.by_method.setdefault(method, []).append(100.0 * excess)

    def mean(self, method: str) -> float:
        return float(np.mean(self.by_method[method]))


def _regrets() -> dict[str, _Regrets]:
    rng = np.random.default_rng(SEED)
    found = {_title(name, n): _Regrets() for name in CLASSES for n in LIVES}
    for nominal in SHAPES:
        reference = GridBayes((math.log(nominal), math.log(ETA), 0.25, 0.6), RATIO)
        for _ in range(SLOTS_PER_SHAPE):
            shape = nominal * math.exp(0.25 * rng.standard_normal())
            scale = ETA * math.exp(0.6 * rng.standard_normal())
            best = best_cost_rate(shape, scale, RATIO)
            times, failed = _closed_lives(rng, shape, scale)
            for n in LIVES:
                regrets = found[_title(CLASSES[int(np.searchsorted((1.6, 2.7), shape))], n)]
                for method, age in _ages(nominal, reference, times[:n], failed[:n]).items():
                    regrets.add(method, true_cost_rate(shape, scale, age, RATIO) / best - 1.0)
    return found


def _title(name: str, lives: int) -> str:
    return f"{name}, {lives} lives"


def _closed_lives(rng: np.random.Generator, shape: float, scale: float) -> tuple[Array, NDArray[np.bool_]]:
    """Return lives of which most were taken off by a plan that does not know them."""
    life, plan = scale * rng.weibull(shape, max(LIVES)), ETA * rng.uniform(0.3, 1.1, max(LIVES))
    return np.minimum(life, plan), life <= plan


def _ages(nominal: float, reference: GridBayes, times: Array, failed: NDArray[np.bool_]) -> dict[str, float]:
    fitted = censored_mle(times, failed) or (nominal, ETA)
    return {
        "Yeji": age_policy(age_table(fit_life(part_type(nominal, ETA, RATIO), _history(times, failed))), RATIO).age,
        "reference": reference.age(times, failed),
        "run to failure": math.inf,
        "maker's interval (B10)": ETA * 0.10536 ** (1.0 / nominal),
        "plain Weibull fit": best_age(*fitted, RATIO),
    }


def _history(times: Array, failed: NDArray[np.bool_]) -> LifeHistory:
    return LifeHistory(
        entry=np.zeros(times.size),
        exit=times,
        known_start=np.ones(times.size, dtype=bool),
        ending=np.where(failed, Ending.FAILED, Ending.CENSORED).astype(np.int8),
        closed=np.ones(times.size, dtype=bool),
    )


def _regret_bar(name: str, regrets: _Regrets) -> Bar:
    reference = regrets.mean("reference")
    return Bar(
        name=f"regret, {name} ({len(regrets.by_method['Yeji'])} slots)",
        value=regrets.mean("Yeji"),
        unit="%",
        must=1.15 * reference,
        baseline=reference,
    )


def _rivals(name: str, regrets: _Regrets) -> str:
    rivals = [method for method in regrets.by_method if method not in {"Yeji", "reference"}]
    return f"regret, {name}: " + ", ".join(f"{method} {regrets.mean(method):.0f} %" for method in rivals)


def _interval_bars() -> Iterator[Bar]:
    """How often the life of a new part lies between P10 and P90, by age alone."""
    rng = np.random.default_rng(SEED + 1)
    for n in LIVES:
        inside: list[bool] = []
        for nominal in SHAPES:
            for _ in range(60):
                shape = nominal * math.exp(0.25 * rng.standard_normal())
                scale = ETA * math.exp(0.6 * rng.standard_normal())
                times, failed = _closed_lives(rng, shape, scale)
                posterior = fit_life(part_type(nominal, ETA, RATIO), _history(times[:n], failed[:n]))
                lives = scale * rng.weibull(shape, 10)
                bounds = remaining_quantiles(posterior, np.zeros(10), np.ones(10, dtype=bool), (0.1, 0.9))
                inside += ((bounds[:, 0] <= lives) & (lives <= bounds[:, 1])).tolist()
        yield _coverage_bar(f"P10–P90 of {len(inside)} new parts, {n} lives", inside, 0.03)


def _coverage_bar(name: str, inside: list[bool], within: float) -> Bar:
    """Return a bar on how far coverage is from 80 %; the baseline column shows the coverage itself."""
    coverage = float(np.mean(inside))
    return Bar(name=f"|coverage − 80 %|, {name}", value=abs(coverage - 0.8), unit="", must=within, baseline=coverage)


def _condition_bars() -> Iterator[Bar]:
    rng = np.random.default_rng(SEED + 2)
    met, saved = [], []
    for shape in (1.3, 2.0, 3.0):
        kind = part_type(shape, ETA, RATIO)
        for _ in range(PLANTS):
            plant = _Plant(kind=kind, posterior=fit_life(kind, history_of([grow(rng, shape, ETA) for _ in range(16)])))
            parts = [grow(rng, shape, ETA) for _ in range(60)]
            met.append(_met(plant, parts, rng))
            saved.append(_costs(plant, parts[:25]))
    yield from _outlook_bars(_Met.joined(met))
    by_age, with_it = np.sum(saved, axis=0)
    yield Bar(
        name=f"cost with condition evidence against age only ({3 * PLANTS * 25} parts)",
        value=float(100.0 * (1.0 - with_it[0] / with_it[1] / (by_age[0] / by_age[1]))),
        unit="% lower",
        must=10.0,
        aim=25.0,
        sense=Sense.AT_LEAST,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plant:
    """What one plant knows of one part type, from lives of its own."""

    kind: PartType
    posterior: LifePosterior

    def assess(self, evidence: list[SlotEvidence]) -> tuple[Prediction, ...]:
        return assess_slots(evidence, {self.kind.id: self.posterior}, now=NOW)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Met:
    """Moments at which parts were met: days left, whether wear shows, P10/P50/P90 with and without condition (n, 3)."""

    left: Array
    shows: NDArray[np.bool_]
    with_it: Array
    without: Array

    @classmethod
    def joined(cls, many: list["_Met"]) -> "_Met":
        return cls(
            left=np.concatenate([each.left for each in many]),
            shows=np.concatenate([each.shows for each in many]),
            with_it=np.vstack([each.with_it for each in many]),
            without=np.vstack([each.without for each in many]),
        )


def _met(plant: _Plant, parts: list[WornPart], rng: np.random.Generator) -> _Met:
    """Return one moment each of parts met in a plant that has run for long: long lives are met more often."""
    ends = np.array([part.fails_at for part in parts])
    chosen = [parts[i] for i in rng.choice(len(parts), 100, p=ends / ends.sum())]
    moments = [(part, float(rng.uniform(0.0, 1.0) * part.fails_at)) for part in chosen]
    evidence = [evidence_at(part, plant.kind, day, NOW) for part, day in moments]
    return _Met(
        left=np.array([part.fails_at - day for part, day in moments]),
        shows=np.array([day > part.onset_at and not part.sudden for part, day in moments]),
        with_it=_bounds(plant.assess(evidence)),
        without=_bounds(plant.assess([by_age_only(item) for item in evidence])),
    )


def _outlook_bars(met: _Met) -> Iterator[Bar]:
    inside = (met.with_it[:, 0] <= met.left) & (met.left <= met.with_it[:, 2])
    yield _coverage_bar(f"P10–P90 with condition, {met.left.size} moments", inside.tolist(), 0.03)
    yield _coverage_bar(
        f"P10–P90 with condition where wear shows, {met.shows.sum()} moments", inside[met.shows].tolist(), 0.05
    )
    scores = [float(_winkler(bounds, met.left)[met.shows].mean()) for bounds in (met.with_it, met.without)]
    yield Bar(
        name="Winkler score where wear shows, against age only",
        value=100.0 * (1.0 - scores[0] / scores[1]),
        unit="% lower",
        must=20.0,
        sense=Sense.AT_LEAST,
    )


def _bounds(predictions: tuple[Prediction, ...]) -> Array:
    """Return P10, P50 and P90 of the remaining life in days, (n, 3)."""
    lives = [prediction.remaining for prediction in predictions]
    return np.array([[life.p10, life.p50, life.p90] for life in lives if life is not None]) / RATE


def _winkler(bounds: Array, left: Array) -> Array:
    low, high = bounds[:, 0], bounds[:, 2]
    return high - low + 10.0 * (np.maximum(low - left, 0.0) + np.maximum(left - high, 0.0))


def _costs(plant: _Plant, parts: list[WornPart]) -> Array:
    """Return cost and time in use, by age only and with condition, (2, 2)."""
    ends = np.array([part.fails_at for part in parts])
    age = age_policy(age_table(plant.posterior), RATIO).age / RATE
    return np.array([_totals(np.minimum(ends, age), ends <= age), _totals(*_followed(plant, parts))])


def _totals(ends: Array, failed: NDArray[np.bool_]) -> tuple[float, float]:
    return float(np.where(failed, RATIO, 1.0).sum()), float(ends.sum())


def _followed(plant: _Plant, parts: list[WornPart]) -> tuple[Array, NDArray[np.bool_]]:
    """Return when each part came off and whether it had failed, looking every four days and doing what is advised."""
    fails = np.array([part.fails_at for part in parts])
    ends, failed, alive, day = fails.copy(), np.ones(fails.size, dtype=bool), fails > LOOK_DAYS, LOOK_DAYS
    while alive.any():
        running = np.flatnonzero(alive)
        evidence = [evidence_at(parts[i], plant.kind, day, NOW) for i in running]
        waits = np.array([_wait_days(prediction) for prediction in plant.assess(evidence)])
        taken = running[waits <= LOOK_DAYS]
        off = day + np.maximum(waits[waits <= LOOK_DAYS], 0.0)
        failed[taken] = fails[taken] <= off
        ends[taken] = np.minimum(fails[taken], off)
        day += LOOK_DAYS
        alive[taken] = False
        alive &= fails > day
    return ends, failed


def _wait_days(prediction: Prediction) -> float:
    runs_to_failure = any(reason.code is ReasonCode.RUN_TO_FAILURE for reason in prediction.reasons)
    if prediction.replace_by is None or runs_to_failure:
        return math.inf
    return (prediction.replace_by - NOW) / timedelta(days=1)
