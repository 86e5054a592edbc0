"""V16: every kind of fault that is injected stands in the truth, and the product notices it."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace

import numpy as np

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import DAY_S, START_S
from configs.catalogue.load import load_catalogue
from simulators.clock_faults import ClockFault, Clocks
from simulators.factory import build_factory
from simulators.network_faults import Network, NetworkFault, Packet
from simulators.scenario import Rates, Scenario, only
from simulators.sensor_faults import SensorFault
from simulators.simulation import start_simulation

_DAYS = 10.0
_OFTEN = 1e5
_SPELLS = tuple(f"{kind}_per_year" for kind in SensorFault if kind not in {SensorFault.DROPOUT, SensorFault.SPIKE})


def injected(seeds: Sequence[int]) -> Iterator[Bar]:
    """V16: the kinds that were injected against those that the truth names."""
    yield from answer(asked.IN_TRUTH, [_lacking(seed) for seed in seeds])
    yield Bar(name=f"V16 {asked.COUNTED.text}", value=None, unit="", must=asked.COUNTED.high)


def _lacking(seed: int) -> int:
    return len((set(SensorFault) - _sensor_faults(seed)) | (set(NetworkFault) - _network_faults(seed))) + len(
        set(ClockFault) - _clock_faults(seed)
    )


def _sensor_faults(seed: int) -> set[SensorFault]:
    plant, shifts = build_factory(load_catalogue(), 8)
    rates = replace(only(()), dropout_share=1e-3, spike_share=1e-3, **dict.fromkeys(_SPELLS, 30.0))
    simulation = start_simulation(Scenario(plant=plant, seed=seed, shifts=shifts, rates=rates), START_S)
    end_s = START_S + _DAYS * DAY_S
    trace = simulation.advance_to(end_s)
    seen = {span.kind for shard in simulation.shards for span in shard.spans_between(START_S, end_s)}
    for shard in simulation.shards:
        seen |= {fault.kind for r in simulation.reports(shard, trace, 60.0) for fault in r.point_faults}
    return seen


def _network_faults(seed: int) -> set[NetworkFault]:
    shares = [rate.name for rate in fields(Rates) if rate.name.removesuffix("_share") in set(NetworkFault)]
    rates = replace(only(()), **dict.fromkeys(shares, 0.1), burst_per_year=_OFTEN)
    network = Network(rates, np.random.default_rng(seed))
    for seq in range(400):
        list(network.carry(Packet(topic="t", payload=b"{}", machine=f"m{seq % 40}", seq=seq), float(seq)))
    return {fault.kind for fault in network.faults}


def _clock_faults(seed: int) -> set[ClockFault]:
    rates = replace(
        only(()), jitter_share=0.1, clock_skew_per_year=_OFTEN, clock_zone_per_year=_OFTEN, clock_unit_per_year=_OFTEN
    )
    clocks = Clocks(rates, np.random.default_rng(seed))
    for second in range(400):
        clocks.told_ms(f"m{second % 40}", START_S + second)
    return {spell.kind for spell in clocks.faults}
