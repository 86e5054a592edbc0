"""Every format by its topic."""

from dataclasses import replace

import orjson

from configs.input_forms import read_mappings
from ingest.decode.decoder import Decoder, mapped_topics
from ingest.decode.native_sightings import MAX_SENSORS, native_sightings
from ingest.decode.time_window import TimeWindow
from ingest.parcel import Parcel
from ingest.reading import Message, Rejection, RejectionReason
from tests.fakes.edge_nodes import EdgeNode, a_metric
from tests.fakes.plants import a_machine, a_plant
from tests.fakes.readings import NOON_NS, a_payload

WINDOW = TimeWindow(past_ns=10**18, future_ns=10**18)
MAPPINGS, _ = read_mappings(
    [{"id": "a", "like": "umh"}, {"id": "b", "like": "node_red_value"}, {"id": "c", "like": "umh"}], {}
)
PLANT = replace(a_plant(), mappings=MAPPINGS)
NATIVE = "yeji/v1/busan/a/{}/telemetry"


def test_each_topic_is_read_in_its_format() -> None:
    decoder, node = Decoder(PLANT, WINDOW), EdgeNode(name="pump1")
    assert isinstance(decoder.decode(NATIVE.format("pump1"), a_payload(), NOON_NS), Message)
    assert isinstance(decoder.decode(*node.birth(a_metric("vib", 1.0)), NOON_NS), Parcel)
    assert isinstance(decoder.decode("factory/pump1/vib", b"1", NOON_NS), Parcel)
    stranger = decoder.decode("elsewhere", b"1", NOON_NS)
    assert isinstance(stranger, Rejection)
    assert stranger.reason is RejectionReason.UNKNOWN_TOPIC


def test_a_broken_connection_is_passed_on() -> None:
    decoder, node = Decoder(PLANT, WINDOW), EdgeNode(name="pump1")
    decoder.decode(*node.birth(a_metric("vib", 1.0)), NOON_NS)
    decoder.begin_connection()
    assert [each.name for each in decoder.due(NOON_NS).rebirths] == ["pump1"]


def test_another_plant_holds_for_every_format() -> None:
    decoder = Decoder(a_plant(a_machine("pump9")), WINDOW)
    decoder.replant(PLANT)
    assert isinstance(decoder.decode(NATIVE.format("pump1"), a_payload(), NOON_NS), Message)
    assert isinstance(decoder.decode("factory/pump1/vib", b"1", NOON_NS), Parcel)


def test_a_broker_is_asked_for_every_mapped_topic_once() -> None:
    assert mapped_topics(PLANT) == ("umh/v1/+/+/+/+/_historian/+", "factory/+/+")


def sightings(topic: str, payload: bytes) -> list[tuple[str, str | None, str, float | None, str | None]]:
    rejection = Decoder(PLANT, WINDOW).decode(topic, payload, NOON_NS)
    assert isinstance(rejection, Rejection)
    machines = {machine.id: machine for machine in PLANT.machines}
    return [(s.machine, s.known_machine, s.sensor, s.value, s.unit) for s in native_sightings(rejection, machines)]


def test_an_unknown_sensor_and_machine_are_seen_with_what_they_said() -> None:
    payload = a_payload(values={"vib": 1.0, "smell": 2.0, "on": True}, units={"smell": "ppm"})
    assert sightings(NATIVE.format("pump1"), payload) == [
        ("pump1", "pump1", "smell", 2.0, "ppm"),
        ("pump1", "pump1", "on", None, None),
    ]
    assert sightings(NATIVE.format("pump9"), a_payload(values={"vib": 1.0})) == [("pump9", None, "vib", 1.0, None)]


def test_the_newest_of_a_column_is_seen() -> None:
    said = orjson.dumps({"v": 1, "t0": 5, "dt_ms": 1000, "columns": {"smell": [1.0, 3.0], "x": []}})
    assert [(name, value) for _, _, name, value, _ in sightings(NATIVE.format("pump1"), said)] == [
        ("smell", 3.0),
        ("x", None),
    ]


def test_what_shows_nothing_is_passed_over() -> None:
    for payload in (b"{", b"[]", b'{"values": 3}', b'{"ts": "x", "values": {}}'):
        assert sightings(NATIVE.format("pump9"), payload) == []
    assert sightings("yeji/v1/busan/a/pump9/waveform", b"{}") == []
    many = a_payload(values={f"s{i}": 1.0 for i in range(MAX_SENSORS + 5)}, ts="noon")
    assert len(sightings(NATIVE.format("pump9"), many)) == MAX_SENSORS
    refused = Decoder(PLANT, WINDOW).decode(NATIVE.format("pump1"), b"{", NOON_NS)
    assert isinstance(refused, Rejection)
    assert native_sightings(refused, {}) == ()
