"""V16: every kind of fault that is injected stands in the truth, and the product notices it.

A small factory runs live with one kind of fault at a time, and its messages go to the product's real intake and store. What
the truth says is held against what the product counts: flags of stored values, dead letters, sequence gaps, duplicates.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.product import Product, a_product
from benchmarks.simulated.recordings import START_S
from benchmarks.simulated.slow_faults import slow_faults
from configs.catalogue.load import load_catalogue
from configs.plant import MachineId, SensorId
from ingest.reading import QualityFlag
from simulators.calendar import CONTINUOUS
from simulators.clock_faults import ClockFault
from simulators.connection_faults import ConnectionFault
from simulators.dialect import NativeDialect
from simulators.factory import PUMPS, build_factory
from simulators.injection import Injection
from simulators.live import Clock, LiveFactory, Voice
from simulators.network_faults import NetworkFault
from simulators.scenario import Rates, Scenario, only
from simulators.sensor_faults import FaultSpan, SensorFault
from simulators.simulation import Simulation, start_simulation

_MACHINES = 4
_MESSAGES_S, _SENSORS_S = 1200.0, 4 * 3600.0
_OFTEN, _SHARE, _AFTER_S = 3e5, 0.02, 12.0
_SILENT_MIN = 7.0

_REFUSED_AS = {
    NetworkFault.MALFORMED: {"malformed_json", "not_a_number", "bad_sequence", "not_a_reading_set"},
    NetworkFault.UNKNOWN_MACHINE: {"unknown_machine"},
    NetworkFault.RENAMED_FIELD: {"unknown_sensor"},
    ClockFault.SKEW: {"time_window"},
    ClockFault.ZONE: {"time_window"},
    ClockFault.UNIT: {"time_window", "bad_time"},
}
_FLAGGED_AS = {
    NetworkFault.LATE: QualityFlag.LATE,
    NetworkFault.REORDER: QualityFlag.LATE,
    NetworkFault.BURST: QualityFlag.LATE,
    ClockFault.SKEW: QualityFlag.CLOCK_SKEW,
}
_SEEN_AS = {
    SensorFault.STUCK: QualityFlag.STUCK,
    SensorFault.WRONG_UNIT: QualityFlag.SUSPECT_UNIT | QualityFlag.OUT_OF_RANGE,
    SensorFault.SWAPPED: QualityFlag.SUSPECT_SWAP | QualityFlag.RATE | QualityFlag.SUSPECT_UNIT,
    SensorFault.SPIKE: QualityFlag.SPIKE | QualityFlag.OUT_OF_RANGE,
    SensorFault.DROPOUT: QualityFlag.GAP,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How often a kind of fault was injected by the truth, and how often the product noticed it."""

    kind: str
    injected: int
    noticed: int


def injected(seeds: Sequence[int]) -> Iterator[Bar]:
    """V16: the kinds that the truth lacks, and those that the product does not notice."""
    told = [[*_messages(seed), *_scripted(seed), *_sensors(seed), *_slow(seed)] for seed in seeds]
    yield from answer(asked.IN_TRUTH, [sum(each.injected == 0 for each in of) for of in told])
    yield from answer(asked.COUNTED, [sum(each.noticed == 0 for each in of) for of in told])
    for of in zip(*told, strict=True):
        name = f"V16 {of[0].kind}: noticed, of {sum(each.injected for each in of)} injected"
        yield Bar(name=name, value=sum(each.noticed for each in of), unit="", must=None)


def _messages(seed: int) -> Iterator[Told]:
    for kind in (*(kind for kind in NetworkFault if kind is not NetworkFault.RETAINED), *ClockFault):
        with tempfile.TemporaryDirectory(prefix="simulator-") as folder:
            yield _run(_simulation(seed, _often(kind)), kind, Path(folder))


def _run(simulation: Simulation, kind: NetworkFault | ClockFault, folder: Path) -> Told:
    with a_product(simulation.scenario.plant, folder) as product:
        sent = _live(simulation, product, folder, _MESSAGES_S, batched=False)
        injected = sum(row.get("kind") == kind for row in _truth(folder))
        return Told(kind=kind, injected=injected, noticed=_noticed(kind, product, sent))


def _scripted(seed: int) -> Iterator[Told]:
    """Let connections fail as `yeji-simulate inject` asks for it."""
    for kind in ConnectionFault:
        simulation = _simulation(seed, only(()))
        with tempfile.TemporaryDirectory(prefix="simulator-") as name, a_product(simulation.scenario.plant, Path(name)) as product:  # fmt: skip
            asked = Injection(machine="pump-01", fault=kind, sensor=None, minutes=_SILENT_MIN)
            _live(simulation, product, Path(name), _MESSAGES_S, batched=False, asked=asked)
            noticed = {
                ConnectionFault.HALF_OPEN: lambda: product.flagged(QualityFlag.CLOCK_SKEW),
                ConnectionFault.LAST_WILL: lambda: product.gone,
                ConnectionFault.RETAINED: lambda: product.duplicates,
            }
            yield Told(kind=kind, injected=sum(row.get("kind") == kind for row in _truth(Path(name))), noticed=noticed[kind]())  # fmt: skip


def _noticed(kind: NetworkFault | ClockFault, product: Product, sent: int) -> int:
    if kind in _REFUSED_AS or kind in _FLAGGED_AS:
        refused = sum(n for reason, n in product.refused().items() if reason in _REFUSED_AS.get(kind, ()))
        return refused + product.flagged(_FLAGGED_AS.get(kind, QualityFlag(0)))
    counters: dict[str, Callable[[], int]] = {
        NetworkFault.DUPLICATE: lambda: product.duplicates,
        NetworkFault.LOSS: product.missing,
        ClockFault.JITTER: lambda: product.off_the_second() if product.readings >= sent else 0,
    }
    return counters[kind]()


def _sensors(seed: int) -> Iterator[Told]:
    """Let sensors of pumps mislead, each in one way, and look at the flags that their values are stored with."""
    simulation = _simulation(seed, replace(only(()), spike_share=2e-4, dropout_share=2e-3))
    (shard,) = simulation.shards
    for machine in shard.machines:
        for span in _spans(machine.id):
            shard.add_fault(span)
    with tempfile.TemporaryDirectory(prefix="simulator-") as name, a_product(simulation.scenario.plant, Path(name)) as product:  # fmt: skip
        _live(simulation, product, Path(name), _SENSORS_S, batched=True)
        truth = _truth(Path(name))
        for kind, flag in _SEEN_AS.items():
            of = [row for row in truth if row.get("kind") == kind]
            yield Told(kind=kind, injected=len(of), noticed=sum(_is_seen(product, row, flag) for row in of))


def _slow(seed: int) -> Iterator[Told]:
    for doubted in slow_faults(seed):
        yield Told(kind=doubted.span.kind, injected=1, noticed=int(doubted.is_doubted))


def _is_seen(product: Product, row: dict[str, Any], flag: QualityFlag) -> bool:
    """Tell whether a value of the sensor carries a flag while it misleads, or right after it was silent."""
    span = row.get("from_s", row.get("at_s")), row["to_s"] + _AFTER_S
    return bool(product.flags(MachineId(row["machine"]), SensorId(row["sensor"]), *span) & flag)


def _spans(machine: MachineId) -> Iterator[FaultSpan]:
    plans = (
        (SensorFault.STUCK, "flow", None), (SensorFault.WRONG_UNIT, "bearing_temp", None),
        (SensorFault.SWAPPED, "suction_pressure", "discharge_pressure"),
    )  # fmt: skip
    for kind, sensor, other in plans:
        yield FaultSpan(
            kind=kind, machine=machine, sensor=sensor, other=other, from_s=START_S + _SENSORS_S / 2,
            to_s=START_S + _SENSORS_S - 600.0, size=1.0,
        )  # fmt: skip


def _truth(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "truth.jsonl").read_text(encoding="utf-8").splitlines()]


def _live(
    simulation: Simulation,
    product: Product,
    folder: Path,
    seconds: float,
    *,
    batched: bool,
    asked: Injection | None = None,
) -> int:
    def wait_until(at_s: float) -> bool:
        product.now_s = max(product.now_s, at_s)
        return product.now_s < START_S + seconds

    product.now_s = START_S
    voice = Voice(outlet=product, dialect=NativeDialect("b1"), batched=batched)
    factory = LiveFactory(simulation, voice, None, folder / "truth.jsonl")
    factory.requests += [asked] if asked is not None else []
    factory.run(Clock(now_s=lambda: product.now_s, wait_until=wait_until), folder / "checkpoint")
    product.flush(0.0)
    return factory.published


def _simulation(seed: int, rates: Rates) -> Simulation:
    plant, shifts = build_factory(load_catalogue(), _MACHINES, (replace(PUMPS, shifts=(CONTINUOUS,)),))
    return start_simulation(Scenario(plant=plant, seed=seed, shifts=shifts, rates=rates), START_S)


def _often(kind: NetworkFault | ClockFault) -> Rates:
    known = {rate.name for rate in fields(Rates)}
    name = f"{kind}_share" if f"{kind}_share" in known else f"{kind}_per_year"
    return replace(only(()), **{name: _SHARE if name.endswith("_share") else _OFTEN})
