"""Predictions and cases on simulated plants whose truth is known: 100 machines over two years, learnt on the first, judged on the second.

Every life that was under way in the second year is met once, at a random moment, and judged on its true remaining life, lives
that were cut short too. Models that know one kind of evidence only stand beside.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray

from benchmarks.fleet_cases import CaseCount, count_cases
from benchmarks.fleet_history import history_at, lessons_of, without_condition
from benchmarks.fleet_landmarks import landmarks
from benchmarks.fleet_predictions import Said, age_only, condition_only, everything, predict, rules_only
from benchmarks.fleet_world import DAY_S, World, world_of
from benchmarks.report import Bar, Report, Sense
from benchmarks.runner import Wish
from configs.plant import PartTypeId
from models.lesson import PartLesson
from models.training import metrics

Array = NDArray[np.float64]

SEEDS = (301, 302)
MACHINES = 100
DAYS = 730
LEARNT_DAYS = 365
SHARE = 0.8
LEAST_OF_TYPE = 100
LIVES = (0, 2, 8, 32, 128)
RESAMPLES = 400
VIEWS = {"all": everything, "condition": condition_only, "rules": rules_only}
RIVALS = ("age", "condition", "rules")


def run(wish: Wish) -> Report:
    """Measure the parts `predictions`, `lives` and `cases`."""
    began = time.perf_counter()
    seeds = wish.seeds or SEEDS
    plants = [_plant(seed, wish) for seed in seeds]
    bars: list[Bar] = []
    notes = [f"seeds {', '.join(map(str, seeds))}; {MACHINES} machines, {DAYS} days, learnt on the first {LEARNT_DAYS}"]
    if wish.wants("predictions"):
        said = _said(plants)
        bars += [*_interval_bars(said), *_ranking_bars(said, np.random.default_rng(seeds[0]))]
        notes += [*_type_notes(said["all"])]
    if wish.wants("lives"):
        notes += list(_lives_notes(plants))
    if wish.wants("cases"):
        bars += list(_case_bars([count_cases(p.world, LEARNT_DAYS, p.lessons) for p in plants]))
    return Report(
        benchmark="fleet",
        version=version("yeji"),
        bars=tuple(bars),
        seconds=time.perf_counter() - began,
        notes=tuple(notes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plant:
    """A simulated plant with what its first year taught: from all evidence, and to those who go by age alone."""

    world: World
    lessons: Mapping[PartTypeId, PartLesson]
    lessons_by_age: Mapping[PartTypeId, PartLesson]


def _plant(seed: int, wish: Wish) -> _Plant:
    world = world_of(seed, DAYS, MACHINES, wish.work / "fleet")
    history = history_at(world, world.start_s + LEARNT_DAYS * DAY_S)
    return _Plant(
        world=world, lessons=lessons_of(history), lessons_by_age=_of_laws_only(lessons_of(without_condition(history)))
    )


def _of_laws_only(lessons: Mapping[PartTypeId, PartLesson]) -> Mapping[PartTypeId, PartLesson]:
    """Return lessons without the hazard that all parts teach together: a model of age is a law of age, recalibrated."""
    return {part: replace(lesson, experience=None) for part, lesson in lessons.items()}


def _said(plants: list[_Plant]) -> dict[str, Said]:
    found: dict[str, list[Said]] = {}
    for plant in plants:
        world = plant.world
        marks = landmarks(world, world.start_s + LEARNT_DAYS * DAY_S, np.random.default_rng(world.seed))
        by_age = predict(world, marks, {"age": age_only}, lessons=plant.lessons_by_age)
        as_said = predict(world, marks, {"age, as said": age_only})
        for name, said in (predict(world, marks, VIEWS, lessons=plant.lessons) | by_age | as_said).items():
            found.setdefault(name, []).append(said)
    return {name: Said.joined(many) for name, many in found.items()}


def _interval_bars(said: Mapping[str, Said]) -> Iterator[Bar]:
    whole = said["all"]
    seen = whole.answered
    yield Bar(name="test lives with a number", value=float(seen.sum()), unit="", must=1000.0, sense=Sense.AT_LEAST)
    covered = _coverage(whole, seen)
    yield Bar(name="|coverage of P10–P90 − 80 %|", value=abs(covered - SHARE), unit="", must=0.03, baseline=covered)
    kinds = [kind for kind in np.unique(whole.kinds) if (seen & (whole.kinds == kind)).sum() >= LEAST_OF_TYPE]
    if kinds:
        worst = min(_coverage(whole, seen & (whole.kinds == kind)) for kind in kinds)
        name = f"lowest coverage of {len(kinds)} part types with ≥ {LEAST_OF_TYPE} lives"
        yield Bar(name=name, value=worst, unit="", must=0.7, sense=Sense.AT_LEAST)
    inside = seen & whole.shows
    yield Bar(
        name=f"coverage inside the P-F interval ({inside.sum()} lives)",
        value=_coverage(whole, inside),
        unit="",
        must=None,
    )
    for rival, must in (("age", 20.0), ("age, as said", None)):
        both = inside & said[rival].answered
        lower = 100.0 * (1.0 - _winkler(whole, both) / _winkler(said[rival], both))
        title = "age only" if must else "age only, not recalibrated"
        yield Bar(
            name=f"Winkler score inside the P-F interval, against {title}",
            value=lower, unit="% lower", must=must, sense=Sense.AT_LEAST,
        )  # fmt: skip


def _coverage(said: Said, chosen: NDArray[np.bool_]) -> float:
    return metrics.coverage(said.left[chosen], said.low[chosen], said.high[chosen])


def _winkler(said: Said, chosen: NDArray[np.bool_]) -> float:
    """Return the score in units of the catalogue's life, so that part types count alike."""
    return float((metrics.winkler_scores(said.left, said.low, said.high, share=SHARE) / said.life)[chosen].mean())


def _ranking_bars(said: Mapping[str, Said], rng: np.random.Generator) -> Iterator[Bar]:
    whole = said["all"]
    seen = np.all([each.answered for each in said.values()], axis=0)
    fails = whole.fails_in_week[seen]
    areas = {name: metrics.roc_auc(each.week[seen], fails) for name, each in said.items()}
    name, unit = f"AUC, failure within 7 days ({fails.sum()} of {fails.size})", ""
    yield Bar(name=name, value=areas["all"], unit=unit, must=0.85, sense=Sense.AT_LEAST, baseline=areas["age"])
    yield Bar(name="the same, at most (V8)", value=areas["all"], unit=unit, must=0.97)
    best = max(RIVALS, key=lambda rival: areas[rival])
    behind = (areas[best] - areas["all"]) / _spread(whole, said[best], seen, rng)
    yield Bar(name=f"AUC behind the best single evidence ({best})", value=behind, unit="bootstrap sd", must=1.0)
    scores = {rival: float(np.mean((said[rival].week[seen] - fails) ** 2)) for rival in ("all", *RIVALS)}
    lowest = min(scores[rival] for rival in RIVALS)
    yield Bar(name="Brier score within 7 days", value=scores["all"], unit="", must=lowest, baseline=lowest)


def _spread(one: Said, other: Said, seen: NDArray[np.bool_], rng: np.random.Generator) -> float:
    """Return the bootstrap sd of the difference of two areas, machines drawn whole."""
    fails, groups = one.fails_in_week[seen], one.groups[seen]
    names, code = np.unique(groups, return_inverse=True)
    rows = [np.flatnonzero(code == i) for i in range(names.size)]
    differences = []
    for _ in range(RESAMPLES):
        drawn = np.concatenate([rows[i] for i in rng.integers(names.size, size=names.size)])
        if 0 < fails[drawn].sum() < drawn.size:
            areas = [metrics.roc_auc(each.week[seen][drawn], fails[drawn]) for each in (one, other)]
            differences.append(areas[0] - areas[1])
    return float(np.std(differences))


def _type_notes(said: Said) -> Iterator[str]:
    seen = said.answered
    for kind in np.unique(said.kinds):
        chosen = seen & (said.kinds == kind)
        if chosen.sum() >= 20:
            inside = chosen & said.shows
            yield f"{kind}: {chosen.sum()} lives, coverage {_coverage(said, chosen):.2f}, inside P-F {_coverage(said, inside):.2f}"


def _lives_notes(plants: list[_Plant]) -> Iterator[str]:
    """Give how good and how sure predictions are by how many closed lives of a part type were known."""
    yield "closed lives known of each part type: coverage, Winkler and width inside the P-F interval (in lives), AUC 7 days"
    for most in LIVES:
        found = []
        for plant in plants:
            world = plant.world
            marks = landmarks(world, world.start_s + LEARNT_DAYS * DAY_S, np.random.default_rng(world.seed))
            found.append(predict(world, marks, {"all": everything}, most_lives=most)["all"])
        said = Said.joined(found)
        seen = said.answered
        inside = seen & said.shows
        width = float(((said.high - said.low) / said.life)[inside].mean())
        area = metrics.roc_auc(said.week[seen], said.fails_in_week[seen])
        yield f"  {most:3d}: {_coverage(said, seen):.2f}, {_winkler(said, inside):.2f}, {width:.2f}, {area:.3f}"


def _case_bars(counts: list[CaseCount]) -> Iterator[Bar]:
    cases, false = sum(each.cases for each in counts), sum(each.false for each in counts)
    months = sum(each.machine_months for each in counts)
    yield Bar(
        name=f"false cases ({false} of {cases})", value=false / months, unit="per machine-month", must=0.1, aim=0.03
    )
    true = 100.0 * (cases - false) / cases if cases else None
    yield Bar(name="true cases", value=true, unit="%", must=50.0, aim=75.0, sense=Sense.AT_LEAST)
