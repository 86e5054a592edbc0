"""The simulated factory as a Sparkplug B edge node, as a host hears it."""

import threading
from dataclasses import replace
from pathlib import Path

import orjson
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from configs.sparkplug_schema import payload_type
from ingest.decode.sparkplug import SparkplugDecoder
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from simulators.bearing_waveform import LENGTH_S
from simulators.dialect import Instant, Reading
from simulators.factory import PUMPS, with_accelerometers
from simulators.live import LiveFactory, Voice
from simulators.network_faults import Packet
from simulators.publish import Publisher
from simulators.simulation import Simulation, start_simulation
from simulators.sparkplug_edge import SparkplugEdge
from tests.simulators.scenarios import START_S, a_scenario
from tests.simulators.test_live import NOON_S, FastClock, Wire, a_running_simulation, native

ALWAYS = TimeWindow(past_ns=10**18, future_ns=10**18)
PLANT = a_scenario(4).plant
PUMP = next(machine for machine in PLANT.machines if machine.id == "pump-01")


def an_edge(bd_seq: int = 7) -> SparkplugEdge:
    return SparkplugEdge(PLANT.machines, "changwon", boot="b1", bd_seq=bd_seq)


def a_host() -> SparkplugDecoder:
    return SparkplugDecoder(PLANT, ALWAYS)


def heard(host: SparkplugDecoder, packet: Packet, at_s: float = NOON_S) -> Parcel:
    parcel = host.decode(packet.topic, packet.payload, int(at_s * 1e9))
    assert isinstance(parcel, Parcel), parcel
    assert parcel.rejections == ()
    return parcel


def a_reading(**values: float) -> Reading:
    return Reading(machine=PUMP, values=values, state="executing", job="W85")


def at(second: float) -> Instant:
    return Instant(at_s=NOON_S + second, told_ms=round((NOON_S + second) * 1000))


def kind(packet: Packet) -> str:
    return packet.topic.split("/")[2]


def published(simulation: Simulation, seconds: float, root: Path, *, sparkplug: bool, batched: bool = False) -> Wire:
    wire = Wire()
    edge = SparkplugEdge(simulation.scenario.plant.machines, "changwon", boot="b1", bd_seq=7)
    voice = Voice(outlet=wire, dialect=edge, batched=batched) if sparkplug else native(wire, batched=batched)
    factory = LiveFactory(simulation, voice, None, root / "live.jsonl")
    factory.run(FastClock(NOON_S, NOON_S + seconds).clock(), root / "checkpoint")
    return wire


@pytest.mark.parametrize("batched", [False, True])
def test_host_hears_the_values_that_the_native_devices_would_have_sent(tmp_path: Path, batched: bool) -> None:
    by_alias = published(a_running_simulation(), 40, tmp_path / "s", sparkplug=True, batched=batched)
    plain = published(a_running_simulation(), 40, tmp_path / "n", sparkplug=False)
    host = a_host()
    stored: dict[tuple[str, int, str], float] = {}
    for topic, payload in by_alias.messages:
        parcel = host.decode(topic, payload, int((NOON_S + 60) * 1e9))
        assert isinstance(parcel, Parcel), parcel
        assert parcel.rejections == ()
        for message in parcel.messages:
            for row, at_ns in zip(message.values, message.event_times_ns, strict=True):
                pairs = zip(message.sensors, row, strict=True)
                stored |= {(message.machine, at_ns // 1_000_000, s): v for s, v in pairs if v == v}  # noqa: PLR0124
    told = [(topic.split("/")[4], orjson.loads(payload)) for topic, payload in plain.messages]
    expected = {
        (machine, message["ts"], sensor): value
        for machine, message in told
        for sensor, value in message["values"].items()
    }
    shifted = {(m, at_ms // 1000, s): v for (m, at_ms, s), v in stored.items()}
    wanted = {(m, at_ms // 1000, s): v for (m, at_ms, s), v in expected.items()}
    if batched:
        assert shifted.items() <= wanted.items()
        assert len(shifted) > len(wanted) / 2
    else:
        assert stored == expected
    assert host.due(int((NOON_S + 60) * 1e9)).rebirths == ()


def test_edge_node_is_born_before_it_reports_and_once() -> None:
    edge = an_edge()
    births = list(edge.births(NOON_S))
    assert [kind(packet) for packet in births] == ["NBIRTH"] + ["DBIRTH"] * 4
    assert list(edge.births(NOON_S + 1)) == []
    assert {packet.qos for packet in births} == {0}


def test_numbers_wrap_at_256_and_begin_anew_with_a_birth() -> None:
    edge = an_edge()
    births = list(edge.births(NOON_S))
    data = [edge.reading(a_reading(flow=40.0), at(second)) for second in range(300)]
    assert [packet.seq for packet in births + data] == [number % 256 for number in range(305)]
    edge.connected()
    assert next(iter(edge.births(NOON_S + 301))).seq == 0


def test_rebirth_that_a_host_asks_for_brings_the_newest_values() -> None:
    edge, host = an_edge(), a_host()
    for packet in edge.births(NOON_S):
        heard(host, packet)
    lost = [edge.reading(a_reading(flow=40.0 + second), at(second)) for second in range(2)]
    heard(host, lost[1])
    assert host.due(int((NOON_S + 60) * 1e9)).rebirths
    command = payload_type()(timestamp=0)
    command.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=True)
    edge.hear(command.SerializeToString())
    parcels = [heard(host, packet) for packet in edge.births(NOON_S + 2)]
    flows = [m.values[0][m.sensors.index("flow")] for p in parcels for m in p.messages if "flow" in m.sensors]
    assert flows == [41.0]
    assert host.due(int((NOON_S + 200) * 1e9)).rebirths == ()


@pytest.mark.parametrize("payload", [b"\xff\xff", b"", payload_type()(timestamp=1).SerializeToString()])
def test_what_is_no_command_is_passed_over(payload: bytes) -> None:
    edge = an_edge()
    list(edge.births(NOON_S))
    edge.hear(payload)
    assert list(edge.births(NOON_S + 1)) == []


def test_death_belongs_to_the_newest_birth() -> None:
    edge, host = an_edge(bd_seq=255), a_host()
    first = edge.will()
    for packet in edge.births(NOON_S):
        heard(host, packet)
    second = edge.will()
    edge.connected()
    born = [heard(host, packet, NOON_S + 10) for packet in edge.births(NOON_S + 10)]
    assert {presence.alive for parcel in born for presence in parcel.presences} == {True}
    assert heard(host, first).presences == ()
    gone = heard(host, second).presences
    assert {presence.machine for presence in gone} == {machine.id for machine in PLANT.machines}
    assert not any(presence.alive for presence in gone)


def test_factory_that_stops_says_that_its_machines_are_off_and_dies(tmp_path: Path) -> None:
    wire = published(a_running_simulation(), 15, tmp_path, sparkplug=True)
    host = a_host()
    for topic, payload in wire.messages:
        heard(host, Packet(topic=topic, payload=payload, machine="", seq=0))
    assert wire.messages[-1][0] == "spBv1.0/changwon/NDEATH/yeji-simulator"
    last = [topic.split("/")[2] for topic, _ in wire.messages[-5:-1]]
    assert last == ["DDATA"] * 4


def test_accelerometers_speak_natively(tmp_path: Path) -> None:
    scenario = a_scenario(2, (PUMPS,))
    simulation = start_simulation(replace(scenario, plant=with_accelerometers(scenario.plant)), START_S)
    simulation.advance_to(NOON_S)
    wire = published(simulation, 320, tmp_path, sparkplug=True)
    waveforms = [topic for topic, _ in wire.messages if topic.endswith("/waveform")]
    assert {topic.split("/")[-2] for topic in waveforms} == {"pump-01", "pump-02"}
    assert LENGTH_S == 2.0


@pytest.mark.mosquitto
def test_broker_says_the_will_when_the_edge_node_vanishes(broker: int) -> None:
    deaths: list[bytes] = []
    subscribed, died = threading.Event(), threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _c, _u, message: (deaths.append(message.payload), died.set())
    client.connect("127.0.0.1", broker)
    client.loop_start()
    client.subscribe("spBv1.0/+/NDEATH/#", qos=1)
    assert subscribed.wait(10)
    edge, publisher = an_edge(bd_seq=41), Publisher("edge-test")
    publisher.live(edge)
    publisher.connect("127.0.0.1", broker, timeout_s=10)
    assert next(kind(packet) for packet in edge.births(NOON_S)) == "NBIRTH"
    publisher._client.socket().close()
    assert died.wait(10)
    publisher.close()
    client.disconnect()
    client.loop_stop()
    said = payload_type().FromString(deaths[0])
    assert [(metric.name, metric.long_value) for metric in said.metrics] == [("bdSeq", 42)]
