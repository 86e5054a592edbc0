"""A network that repeats, delays and loses."""

from dataclasses import replace

import numpy as np
import orjson
import pytest

from simulators.network_faults import Network, NetworkFault, Packet
from simulators.scenario import only

PAYLOAD = b'{"v":1,"boot":"b1","seq":4,"ts":1767225600000,"values":{"flow":42.0},"state":"executing"}'


def a_network(**shares: float) -> Network:
    return Network(replace(only(()), **shares), np.random.default_rng(3))


def a_packet(seq: int = 1) -> Packet:
    return Packet(topic="yeji/v1/s/l/pump-01/telemetry", payload=PAYLOAD, machine="pump-01", seq=seq)


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


def test_packet_out_of_order_arrives_some_seconds_later() -> None:
    network = a_network(reorder_share=1.0)
    assert list(network.carry(a_packet(1), 0.0)) == []
    assert [packet.seq for packet in network.due(20.0)] == [1]
    assert network.faults[0].kind is NetworkFault.REORDER


def test_spoilt_packet_is_no_message_and_the_truth_keeps_what_it_should_have_been() -> None:
    network = a_network(malformed_share=1.0)
    arrived = [packet.payload for seq in range(40) for packet in network.carry(a_packet(seq), 0.0)]
    assert all(not _is_message(payload) for payload in arrived)
    assert len({payload[:45] for payload in arrived}) == 3
    assert network.faults[0].should_be == f"yeji/v1/s/l/pump-01/telemetry {PAYLOAD.decode()}"


def _is_message(payload: bytes) -> bool:
    try:
        return isinstance(orjson.loads(payload)["seq"], int)
    except orjson.JSONDecodeError:
        return False


@pytest.mark.parametrize(
    ("share", "topic", "sensor"),
    [("unknown_machine_share", "pump-01-new", "flow"), ("renamed_field_share", "pump-01", "fw2_flow")],
)
def test_machine_or_field_of_another_name(share: str, topic: str, sensor: str) -> None:
    (packet,) = a_network(**{share: 1.0}).carry(a_packet(), 0.0)
    assert packet.topic == f"yeji/v1/s/l/{topic}/telemetry"
    assert list(orjson.loads(packet.payload)["values"]) == [sensor]


def test_what_a_gateway_kept_while_its_line_was_down_comes_in_a_burst_in_order() -> None:
    network = a_network(burst_per_year=1e9)
    sent = [packet.seq for seq in range(3) for packet in network.carry(a_packet(seq), float(seq))]
    assert sent == [0]
    assert [packet.seq for packet in network.due(2000.0)] == [1, 2]
    assert {fault.kind for fault in network.faults} == {NetworkFault.BURST}
