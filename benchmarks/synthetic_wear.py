"""Parts that wear until they fail, with an indicator that shows it, after the reference notes' frame for all parts.

Onset, steepness, gain and failure threshold are drawn for each part; a share of the failures comes without any warning.
Written apart from the product's own model and from the simulator.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from configs.plant import LifeUnit, MachineId, PartType, PartTypeId, SlotId, Source, SourceKind, Text
from ingest.part_life import PartLife
from models.prognosis.degradation import IndicatorSeries
from models.prognosis.evidence import SlotEvidence
from models.prognosis.lives import Ending, LifeHistory
from models.prognosis.usage import MeterRate

Array = NDArray[np.float64]

RATE = 20.0
SUDDEN = 0.15
_HOUR_NS = 3_600_000_000_000
_NOTE = Source(kind=SourceKind.JUDGEMENT, note="benchmark")
_NAME = Text(ko="부품", en="part")


@dataclass(frozen=True, slots=True, kw_only=True)
class WornPart:
    """One life: when it fails and when wear sets in (days), and its hourly indicator (per cent)."""

    fails_at: float
    onset_at: float
    sudden: bool
    indicator: Array


def part_type(beta: float, eta: float, ratio: float, *, ln_sd_beta: float = 0.25) -> PartType:
    """Return a part type of the catalogue."""
    return PartType(
        id=PartTypeId("bench.part"),
        name=_NAME,
        life_unit=LifeUnit.OPERATING_HOURS,
        beta=beta,
        eta=eta,
        ln_sd_beta=ln_sd_beta,
        ln_sd_eta=0.6,
        life_source=_NOTE,
        failure_modes=("VIB",),
        remedy=_NAME,
        check=_NAME,
        lead_time_days=7.0,
        price_krw=1.0,
        quantity=1,
        cost_ratio=ratio,
        stress_law=None,
        trade_source=_NOTE,
    )


def grow(rng: np.random.Generator, beta: float, eta: float) -> WornPart:
    """Return a part that lasts about `eta` operating hours at 20 a day."""
    life = max(eta * rng.weibull(beta) / RATE, 3.0)
    onset, steepness = rng.beta(6, 3), rng.uniform(2.5, 5.0)
    gain, threshold = np.exp(0.25 * rng.standard_normal()), np.exp(0.09 * rng.standard_normal())
    sudden = bool(rng.random() < SUDDEN)
    end = life * rng.uniform(0.1, 1.0) if sudden else life * threshold
    step = np.maximum(1.0 + 0.8 * rng.standard_normal(max(int(end * 24), 1)), 0.0)
    damage = np.cumsum(step) / step.mean() / 24.0 / life
    progress = np.clip((damage - onset) / (1.0 - onset), 0.0, 1.3)
    noise = signal.lfilter([1.0], [1.0, -0.64], 3.0 * np.sqrt(1 - 0.64**2) * rng.standard_normal(damage.size))
    course = 100.0 * gain * np.expm1(steepness * progress) / np.expm1(steepness)
    return WornPart(fails_at=end, onset_at=onset * life, sudden=sudden, indicator=course + noise)


def history_of(parts: list[WornPart]) -> LifeHistory:
    """Return lives that were run to failure."""
    ages = np.array([part.fails_at for part in parts]) * RATE
    return LifeHistory(
        entry=np.zeros(ages.size),
        exit=ages,
        known_start=np.ones(ages.size, dtype=bool),
        ending=np.full(ages.size, Ending.FAILED, dtype=np.int8),
        closed=np.ones(ages.size, dtype=bool),
    )


def evidence_at(part: WornPart, kind: PartType, day: float, now: datetime) -> SlotEvidence:
    """Return what is known of a part so many days after it came in, with up to 120 days of its indicator."""
    last = int(day * 24)
    shown = part.indicator[max(last - 120 * 24, 0) : last]
    hours_back = np.arange(shown.size)[::-1]
    life = PartLife(
        id="life",
        machine=MachineId("m"),
        slot=SlotId("s"),
        part_type=kind.id,
        life_unit=kind.life_unit,
        installed_at=now - timedelta(days=day),
        meter_at_install=0.0,
        age_at_install=0.0,
        removed_at=None,
        meter_at_removal=None,
        removal_reason=None,
        failure_mode=None,
        note=None,
    )
    return SlotEvidence(
        machine=life.machine,
        slot=life.slot,
        part_type=kind,
        life=life,
        meter=day * RATE,
        rate=MeterRate(per_day=RATE, cv=0.1),
        plant_revision=1,
        indicator=IndicatorSeries(
            hours_ns=int(now.timestamp()) * 1_000_000_000 - hours_back * _HOUR_NS,
            values=shown,
            weights=np.full(shown.size, 60.0),
        ),
    )


def by_age_only(evidence: SlotEvidence) -> SlotEvidence:
    """Return the same evidence without its indicator."""
    return replace(evidence, indicator=None)
