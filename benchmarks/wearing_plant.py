"""A plant of the catalogue's own parts that is run by the replacement plan, and the same plant as it is remembered.

Every slot of the simulated machines wears as `synthetic_wear` has it, with a shape and a scale of life that are drawn about
the catalogue's for each part type. The n-th part of a slot is the same in every run, whatever happened before. What is known
of lives is learnt anew every quarter.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.synthetic_wear import RATE, WornPart, by_age_only, evidence_at, grow
from configs.catalogue.load import load_catalogue
from configs.plant import LifeUnit, Machine, PartType, PartTypeId, Plant, SiteId, Slot
from models.prognosis.evidence import SlotEvidence
from models.prognosis.lives import Ending, LifeHistory
from models.prognosis.slots import assess_slots
from models.prognosis.weibull import LifePosterior, fit_life
from service.advisory.countdown import counts_down
from service.advisory.slot_plan import PlannedSlot, SlotFacts, plan_slot
from simulators.factory import build_factory

Array = NDArray[np.float64]

NOW = datetime(2026, 11, 24, tzinfo=UTC)
SITE = SiteId("changwon")
QUARTER_DAYS = 91.0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A slot with the true law of its parts: Weibull `beta` and `eta` in days."""

    machine: Machine
    slot: Slot
    kind: PartType
    beta: float
    eta: float


class Fleet(Protocol):
    """Slots with the parts in them; `fails` (n,) are the days on which these fail."""

    places: tuple[Place, ...]
    fails: Array

    def wanted(self, day: float, /) -> Array:
        """Return on which day each part is to come off by plan (n,), infinite where none is set for it."""
        ...

    def renew(self, place: int, day: float) -> None:
        """Put the next part into a slot."""
        ...


class PlannedFleet:
    """The fleet as the product plans it: what it knows of each part decides when it is to come off."""

    def __init__(self, machines: int, seed: int) -> None:
        self._seed = seed
        self.plant = _in_hours(build_factory(load_catalogue(), machines)[0])
        self.places = tuple(_places(self.plant, np.random.default_rng(seed)))
        self.planned: tuple[PlannedSlot, ...] = ()
        self.lives: list[list[RememberedLife]] = [[] for _ in self.places]
        self._number = np.zeros(len(self.places), dtype=np.int64)
        self._parts = [self._part(i) for i in range(len(self.places))]
        ends = np.array([part.fails_at for part in self._parts])
        self._since = -np.random.default_rng((seed, 1)).random(ends.size) * ends
        self._first_since = self._since.copy()
        self.fails = self._since + ends
        self._posteriors: Mapping[PartTypeId, LifePosterior] = {}
        self._learnt_at = -np.inf

    def wanted(self, day: float) -> Array:
        """Plan all slots anew."""
        if day >= self._learnt_at + QUARTER_DAYS:
            self._posteriors, self._learnt_at = self._learn(day), day
        ages = day - self._since
        evidence = [_evidence(*each) for each in zip(self.places, self._parts, ages, strict=True)]
        made = assess_slots(evidence, self._posteriors, now=NOW)
        site = self.plant.site(SITE)
        planned = [
            plan_slot(
                SlotFacts(site=site, machine=place.machine, slot=place.slot, part=place.kind, prediction=prediction),
                now=NOW,
            )
            for place, prediction in zip(self.places, made, strict=True)
        ]
        self.planned = tuple(each for each in planned if each is not None)
        return np.array([np.inf if each is None or each.due is None else day + _days(each.due) for each in planned])

    def renew(self, place: int, day: float) -> None:
        """Put the next part into a slot, and remember what became of the one before."""
        self.lives[place].append(
            RememberedLife(
                installed=self._since[place], removed=day, fails_after=float(self.fails[place] - self._since[place])
            )
        )
        self._number[place] += 1
        self._parts[place] = self._part(place)
        self._since[place] = day
        self.fails[place] = day + self._parts[place].fails_at

    def remembered(self) -> "RememberedFleet":
        """Return the same fleet as it was at the start, with every part that was in it."""
        lives = [
            [
                *own,
                RememberedLife(installed=since, removed=np.inf, fails_after=part.fails_at),
            ]
            for own, since, part in zip(self.lives, self._since, self._parts, strict=True)
        ]
        return RememberedFleet(self.places, lives)

    def _part(self, place: int) -> WornPart:
        rng = np.random.default_rng((self._seed, 2, place, int(self._number[place])))
        return grow(rng, self.places[place].beta, self.places[place].eta * RATE)

    def _learn(self, day: float) -> dict[PartTypeId, LifePosterior]:
        """Return what lives that are over and lives under way say of each part type."""
        known: dict[PartTypeId, list[tuple[float, bool, bool]]] = {place.kind.id: [] for place in self.places}
        for i, place in enumerate(self.places):
            own = known[place.kind.id]
            own += [(life.used * RATE, life.failed, True) for life in self.lives[i]]
            own += [((day - self._since[i]) * RATE, False, False)] if day > self._since[i] else []
        kinds = {place.kind.id: place.kind for place in self.places}
        return {kind: fit_life(kinds[kind], _history(lives)) for kind, lives in known.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class RememberedLife:
    """A life in a slot: the days of its beginning and end, and after how many days the part fails if it stays."""

    installed: float
    removed: float
    fails_after: float

    @property
    def failed(self) -> bool:
        """Whether it came off because it had failed."""
        return self.used >= self.fails_after - 1.0

    @property
    def used(self) -> float:
        """For how many days the part served."""
        return min(self.removed - self.installed, self.fails_after)


class RememberedFleet:
    """A fleet whose parts are known: each is wanted off at the age at which it was when it was planned to come off."""

    def __init__(self, places: tuple[Place, ...], lives: Sequence[Sequence[RememberedLife]]) -> None:
        self.places = places
        self._lives = lives
        self._number = [0] * len(places)
        self.fails = np.array([own[0].installed + own[0].fails_after for own in lives])
        self._wanted = np.array([_wanted(own[0], own[0].installed) for own in lives])

    def wanted(self, _: float) -> Array:
        """Return the days as they were planned."""
        return self._wanted.copy()

    def renew(self, place: int, day: float) -> None:
        """Put the next part into a slot; after the last that is known nothing happens any more."""
        self._number[place] += 1
        own = self._lives[place]
        life = own[self._number[place]] if self._number[place] < len(own) else None
        self.fails[place] = np.inf if life is None else day + life.fails_after
        self._wanted[place] = np.inf if life is None else _wanted(life, day)


def _wanted(life: RememberedLife, installed: float) -> float:
    return np.inf if life.failed else installed + life.used


def _days(at: datetime) -> float:
    return (at - NOW) / _DAY


def _in_hours(plant: Plant) -> Plant:
    """Return the plant with every life in operating hours, `RATE` of them a day, and without parts that last for days only."""
    parts = tuple(
        replace(part, life_unit=LifeUnit.OPERATING_HOURS, eta=part.eta * (RATE if _counts_days(part) else 1.0))
        for part in plant.part_types
        if not counts_down(part)
    )
    kept = {part.id for part in parts}
    machines = tuple(
        replace(machine, slots=tuple(slot for slot in machine.slots if slot.part_type in kept))
        for machine in plant.machines
    )
    site = replace(plant.site(SITE), calendar=None)
    return replace(plant, sites=(site,), part_types=parts, machines=machines)


def _counts_days(part: PartType) -> bool:
    return part.life_unit is LifeUnit.CALENDAR_DAYS


def _places(plant: Plant, rng: np.random.Generator) -> Iterator[Place]:
    truth: dict[PartTypeId, tuple[float, float]] = {}
    for machine in plant.machines:
        for slot in machine.slots:
            kind = plant.part_type(slot.part_type)
            if kind.id not in truth:
                drawn = rng.standard_normal(2)
                beta = kind.beta * np.exp(kind.ln_sd_beta * drawn[0])
                truth[kind.id] = float(beta), float(kind.eta * np.exp(kind.ln_sd_eta * drawn[1]) / RATE)
            beta, eta = truth[kind.id]
            yield Place(machine=machine, slot=slot, kind=kind, beta=beta, eta=eta)


def _evidence(place: Place, part: WornPart, age: float) -> SlotEvidence:
    found = evidence_at(part, place.kind, min(float(age), part.fails_at), NOW)
    found = replace(found, machine=place.machine.id, slot=place.slot.id)
    return found if place.slot.signs else by_age_only(found)


def _history(lives: Sequence[tuple[float, bool, bool]]) -> LifeHistory:
    """Return lives of (age, failed, over)."""
    ages = np.array([age for age, _, _ in lives])
    return LifeHistory(
        entry=np.zeros(ages.size),
        exit=ages,
        known_start=np.ones(ages.size, dtype=bool),
        ending=np.where([failed for _, failed, _ in lives], Ending.FAILED, Ending.CENSORED).astype(np.int8),
        closed=np.array([over for _, _, over in lives], dtype=bool),
    )
