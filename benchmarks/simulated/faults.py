"""V16: every kind of fault that is injected stands in the truth, and the product notices it."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.report import Bar
from benchmarks.simulated import definitions as asked
from benchmarks.simulated.definitions import answer
from benchmarks.simulated.recordings import DAY_S, START_S
from configs.catalogue.load import load_catalogue
from simulators.factory import build_factory
from simulators.network_faults import Network, NetworkFault, Packet
from simulators.scenario import Rates, Scenario
from simulators.sensor_faults import SensorFault
from simulators.simulation import start_simulation

_DAYS = 10.0


def injected(seeds: Sequence[int]) -> Iterator[Bar]:
    """V16: the kinds that were injected against those that the truth names."""
    yield from answer(asked.IN_TRUTH, [_lacking(seed) for seed in seeds])


def _lacking(seed: int) -> int:
    plant, shifts = build_factory(load_catalogue(), 8)
    rates = Rates(stuck_per_year=30, drift_per_year=30, noise_rise_per_year=30, dropout_share=1e-3, spike_share=1e-3)
    simulation = start_simulation(Scenario(plant=plant, seed=seed, shifts=shifts, rates=rates), START_S)
    end_s = START_S + _DAYS * DAY_S
    trace = simulation.advance_to(end_s)
    seen = {span.kind for shard in simulation.shards for span in shard.spans_between(START_S, end_s)}
    for shard in simulation.shards:
        seen |= {fault.kind for r in simulation.reports(shard, trace, 60.0) for fault in r.point_faults}
    network = Network(Rates(duplicate_share=0.1, late_share=0.1, loss_share=0.1), np.random.default_rng(seed))
    for seq in range(200):
        list(network.carry(Packet(topic="t", payload=b"", machine="m", seq=seq), 0.0))
    return len(set(SensorFault) - seen) + len(set(NetworkFault) - {fault.kind for fault in network.faults})
