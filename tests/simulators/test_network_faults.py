"""A network that repeats, delays and loses."""

import numpy as np

from simulators.network_faults import Network, NetworkFault, Packet
from simulators.scenario import Rates

NO_FAULTS = {"duplicate_share": 0.0, "late_share": 0.0, "loss_share": 0.0}


def a_network(**shares: float) -> Network:
    return Network(Rates(**{**NO_FAULTS, **shares}), np.random.default_rng(3))


def a_packet(seq: int = 1) -> Packet:
    return Packet(topic="t", payload=b"{}", machine="pump-01", seq=seq)


def test_good_network_passes_everything_once() -> None:
    network = a_network()
    arrived = [packet for seq in range(100) for packet in network.carry(a_packet(seq), 0.0)]
    assert [packet.seq for packet in arrived] == list(range(100))
    assert network.faults == []


def test_duplicate_arrives_twice_and_is_in_the_truth() -> None:
    network = a_network(duplicate_share=1.0)
    assert [packet.seq for packet in network.carry(a_packet(5), 0.0)] == [5, 5]
    assert [(fault.kind, fault.seq) for fault in network.faults] == [(NetworkFault.DUPLICATE, 5)]


def test_late_packet_arrives_after_those_behind_it() -> None:
    network = a_network(late_share=1.0)
    assert list(network.carry(a_packet(1), 0.0)) == []
    assert list(network.due(0.0)) == []
    assert [packet.seq for packet in network.due(1e6)] == [1]
    assert network.faults[0].kind is NetworkFault.LATE


def test_lost_packet_never_arrives() -> None:
    network = a_network(loss_share=1.0)
    assert list(network.carry(a_packet(1), 0.0)) == []
    assert list(network.due(np.inf)) == []
    assert network.faults[0].kind is NetworkFault.LOSS
