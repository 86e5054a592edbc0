"""The MQTT source on real brokers: nothing is acknowledged but what it is told to, and it comes back by itself."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from ingest.ports import Delivery
from ingest.sources import mqtt
from ingest.sources.mqtt import MqttOptions, MqttSource
from service.operations.broker import (
    BrokerFlavour,
    BrokerOptions,
    OwnBroker,
    find_mosquitto,
    has_builtin_broker,
    start_broker,
)
from tests.fakes.certificates import write_certificates
from tests.fakes.mqtt import publish
from tests.fakes.readings import NOON_NS
from tests.fakes.waiting import wait_until

MOSQUITTO = pytest.param(
    BrokerFlavour.MOSQUITTO,
    marks=[
        pytest.mark.mosquitto,
        pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed"),
    ],
)
BUILTIN = pytest.param(
    BrokerFlavour.BUILTIN, marks=pytest.mark.skipif(not has_builtin_broker(), reason="iotcore is not installed")
)


@pytest.fixture(params=[MOSQUITTO, BUILTIN])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnBroker]:
    started = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=request.param))
    yield started
    started.stop()


def a_source(broker: OwnBroker, **changes: object) -> MqttSource:
    options = MqttOptions(host=broker.host, port=broker.port, client_id="yeji-test", keepalive_s=5, canary_every_s=0)
    return MqttSource(replace(options, **changes), lambda: NOON_NS)  # type: ignore[arg-type]


def started(source: MqttSource) -> MqttSource:
    source.start()
    wait_until(lambda: source.status().subscribed)
    return source


def send(broker: OwnBroker, *payloads: bytes) -> None:
    publish((broker.host, broker.port), [("yeji/v1/busan/a/pump1/telemetry", payload) for payload in payloads])


def taken(source: MqttSource, count: int) -> list[Delivery]:
    found: list[Delivery] = []
    while len(found) < count:
        more = source.take(count - len(found), 10.0)
        assert more, "nothing came for ten seconds"
        found += more
    return found


def test_messages_arrive_in_order_with_topic_and_time(broker: OwnBroker) -> None:
    source = started(a_source(broker))
    send(broker, b"1", b"2", b"3")
    got = taken(source, 3)
    assert [d.payload for d in got] == [b"1", b"2", b"3"]
    assert {(d.topic, d.received_time_ns) for d in got} == {("yeji/v1/busan/a/pump1/telemetry", NOON_NS)}
    assert source.acknowledge(got) == 3
    status = source.status()
    assert (status.alive, status.connected, status.subscribed, status.trouble) == (True, True, True, None)
    assert (status.received, status.waiting, status.reconnects) == (3, 0, 0)
    source.stop(2.0)
    source.stop(2.0)
    assert not source.status().alive


def test_what_is_not_acknowledged_comes_again_and_the_rest_does_not(broker: OwnBroker) -> None:
    first = started(a_source(broker))
    send(broker, b"1", b"2", b"3")
    got = taken(first, 3)
    first.acknowledge(got[:1])
    first.stop(2.0)
    second = started(a_source(broker))
    again = taken(second, 2)
    assert [d.payload for d in again] == [b"2", b"3"]
    second.acknowledge(again)
    second.stop(2.0)
    third = started(a_source(broker))
    send(broker, b"4")
    assert [d.payload for d in taken(third, 1)] == [b"4"]
    third.stop(2.0)


def test_messages_wait_at_the_broker_while_we_are_away(broker: OwnBroker) -> None:
    started(a_source(broker)).stop(2.0)
    send(broker, b"1", b"2")
    source = started(a_source(broker))
    assert [d.payload for d in taken(source, 2)] == [b"1", b"2"]
    source.stop(2.0)


def test_a_lost_connection_is_made_again_and_its_acknowledgements_are_dropped(
    broker: OwnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = started(a_source(broker))
    send(broker, b"1")
    before = taken(source, 1)
    source._hang_up(source._client)
    wait_until(lambda: source.status().reconnects == 1 and source.status().subscribed)
    assert source.acknowledge(before) == 0
    after = taken(source, 1)
    assert after[0].payload == b"1"
    assert after[0].token[0] > before[0].token[0]
    assert source.acknowledge(after) == 1
    source.stop(2.0)


def test_a_full_queue_drops_the_connection_and_never_a_message(
    broker: OwnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes anything until the connection is given up; then everything comes, in the end."""
    monkeypatch.setattr(mqtt, "OVERRUN", 0.04)
    source = started(a_source(broker, max_outstanding=100, keepalive_s=1))
    payloads = [b"%d" % i for i in range(40)]
    sending = threading.Thread(target=send, args=(broker, *payloads))
    sending.start()
    wait_until(lambda: source.status().reconnects >= 1)
    assert source.status().waiting <= 4
    found: set[bytes] = set()
    while len(found) < 40:
        got = source.take(3, 10.0)
        assert got, "nothing came for ten seconds"
        found |= {d.payload for d in got}
        source.acknowledge(got)
    sending.join()
    assert found == set(payloads)
    source.stop(2.0)


def test_the_network_thread_outlives_a_message_that_cannot_be_taken(broker: OwnBroker) -> None:
    calls = iter([True])

    def clock() -> int:
        if next(calls, False):
            raise ZeroDivisionError
        return NOON_NS

    source = MqttSource(
        MqttOptions(host=broker.host, port=broker.port, client_id="yeji-test", keepalive_s=5, canary_every_s=0), clock
    )
    started(source)
    send(broker, b"1")
    assert [d.payload for d in taken(source, 1)] == [b"1"]
    assert source.status().alive
    source.stop(2.0)


def test_a_second_program_of_the_same_name_makes_us_step_back(
    broker: OwnBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of these brokers says that a session was taken over; that connections do not last tells."""
    monkeypatch.setattr(mqtt, "PUSHED_OUT_AFTER", 1)
    source = started(a_source(broker))
    other = started(a_source(broker))
    wait_until(lambda: "another program is connected" in (source.status().trouble or ""))
    assert not source.status().connected
    source.stop(2.0)
    other.stop(2.0)


def test_a_broker_that_says_so_makes_us_step_back() -> None:
    source = MqttSource(MqttOptions(host="broker", port=1, client_id="yeji-test"), lambda: NOON_NS)
    client = source._client
    source._on_connect(client, None, None, ReasonCode(PacketTypes.CONNACK, "Success"), None)
    source._on_disconnect(client, None, None, ReasonCode(PacketTypes.DISCONNECT, "Session taken over"), None)
    assert "another program is connected as 'yeji-test'" in (source.status().trouble or "")


def test_a_broker_that_is_not_there_is_said_and_tried_again() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    source = MqttSource(MqttOptions(host="127.0.0.1", port=port, client_id="yeji-test"), lambda: NOON_NS)
    source.start()
    wait_until(lambda: "cannot be reached" in (source.status().trouble or ""))
    assert source.status().alive
    assert source.take(1, 0.01) == []
    source.stop(3.0)


@pytest.mark.mosquitto
@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_a_wrong_password_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nobody").touch(0o600)
    template = f"password_file {tmp_path / 'nobody'}\nallow_anonymous false\nlistener {{port}} {{host}}\n"
    monkeypatch.setattr("service.operations.broker._MOSQUITTO", template)
    broker = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=BrokerFlavour.MOSQUITTO))
    source = a_source(broker, username="yeji", password="wrong")
    source.start()
    wait_until(lambda: "refuses us" in (source.status().trouble or ""))
    source.stop(3.0)
    broker.stop()


@pytest.mark.parametrize("code", ["Not authorized", "Granted QoS 0"])
def test_a_topic_that_we_may_not_read_is_no_subscription(code: str) -> None:
    source = MqttSource(MqttOptions(host="broker", port=1, client_id="yeji-test"), lambda: NOON_NS)
    source._on_subscribe(source._client, None, 1, [ReasonCode(PacketTypes.SUBACK, code)], None)
    status = source.status()
    assert (status.subscribed, status.trouble) == (False, "broker broker:1 does not let us read yeji/v1/# at QoS 1")


@pytest.fixture
def tls_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OwnBroker, Path]]:
    """Return a Mosquitto that speaks TLS only, and the certificate of its authority."""
    authority, certificate, key = write_certificates(tmp_path)
    template = f"listener {{port}} {{host}}\nallow_anonymous true\ncertfile {certificate}\nkeyfile {key}\n"
    monkeypatch.setattr("service.operations.broker._MOSQUITTO", template)
    broker = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=BrokerFlavour.MOSQUITTO))
    yield broker, authority
    broker.stop()


@pytest.mark.mosquitto
@pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")
def test_a_broker_is_reached_over_tls_when_its_authority_is_known(tls_broker: tuple[OwnBroker, Path]) -> None:
    broker, authority = tls_broker
    source = started(a_source(broker, tls_ca_file=authority))
    assert source.status().trouble is None
    source.stop(2.0)


def test_the_canary_comes_round_and_is_answered_by_any_acknowledgement(broker: OwnBroker) -> None:
    source = started(a_source(broker, canary_every_s=60.0))
    source.take(1, 0)
    assert source.status().unanswered_s > 0
    (canary,) = source.take(10, 5.0)
    assert canary.topic == "yeji/v1/canary/yeji-test"
    source.acknowledge([canary])
    assert source.status().unanswered_s == 0
    source.stop(2.0)


def test_the_canary_is_listened_for_where_the_topics_do_not_hold_it(broker: OwnBroker) -> None:
    source = started(a_source(broker, canary_every_s=60.0, topics=("factory/#",)))
    source.take(1, 0)
    assert [delivery.payload for delivery in source.take(10, 5.0)] == [b"canary"]
    source.stop(2.0)


def test_other_topics_can_be_asked_for_while_it_runs(broker: OwnBroker) -> None:
    source = started(a_source(broker, topics=("yeji/#", "old/#")))
    source.listen_to(("yeji/#", "new/#"))
    wait_until(lambda: source.status().subscribed)
    publish((broker.host, broker.port), [("old/a", b"1"), ("new/a", b"2")])
    assert [delivery.topic for delivery in taken(source, 1)] == ["new/a"]
    source.listen_to(("yeji/#", "new/#"))
    assert source.status().subscribed
    source.stop(2.0)
