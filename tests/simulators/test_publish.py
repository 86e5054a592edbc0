"""Publishing to a real broker."""

import threading

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from simulators.demo import free_port
from simulators.errors import SimulatorError
from simulators.injection import Injection, decode_injection, encode_injection, injection_topic
from simulators.network_faults import Packet
from simulators.publish import Publisher

pytestmark = pytest.mark.mosquitto


def a_subscriber(port: int, topic: str) -> tuple[mqtt.Client, list[bytes], threading.Event]:
    seen: list[bytes] = []
    subscribed, arrived = threading.Event(), threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _c, _u, message: (seen.append(message.payload), arrived.set())
    client.connect("127.0.0.1", port)
    client.loop_start()
    client.subscribe(topic, qos=1)
    assert subscribed.wait(10)
    return client, seen, arrived


def test_message_reaches_a_subscriber(broker: int) -> None:
    client, seen, arrived = a_subscriber(broker, "yeji/#")
    publisher = Publisher("simulator-test")
    publisher.connect("127.0.0.1", broker, timeout_s=10)
    publisher.publish(Packet(topic="yeji/v1/a/b/c/telemetry", payload=b"{}", machine="c", seq=1))
    publisher.flush(10)
    assert arrived.wait(10)
    publisher.close()
    client.disconnect()
    client.loop_stop()
    assert seen == [b"{}"]


def test_request_for_a_fault_reaches_the_running_simulator(broker: int) -> None:
    heard: list[Injection | None] = []
    arrived = threading.Event()

    def listen(_topic: str, payload: bytes) -> None:
        heard.append(decode_injection(payload))
        arrived.set()

    simulator, asker = Publisher("simulator-test"), Publisher("asker")
    simulator.listen(listen)
    simulator.connect("127.0.0.1", broker, timeout_s=10)
    simulator.flush(10)
    asker.connect("127.0.0.1", broker, timeout_s=10)
    request = Injection(machine="pump-01", fault="bearing", sensor=None, minutes=5.0)
    asker.publish(Packet(topic=injection_topic("pump-01"), payload=encode_injection(request), machine="", seq=0))
    assert arrived.wait(10)
    simulator.close()
    asker.close()
    assert heard == [request]


def test_broker_that_is_away_is_one_clear_line() -> None:
    with pytest.raises(SimulatorError, match="start the broker") as caught:
        Publisher("simulator-test").connect("127.0.0.1", free_port(), timeout_s=1)
    assert "\n" not in str(caught.value)


def test_torn_off_device_leaves_its_will_to_the_broker(broker: int) -> None:
    client, seen, arrived = a_subscriber(broker, "yeji/v1/a/b/c/death")
    publisher = Publisher("simulator-test")
    publisher.connect("127.0.0.1", broker, timeout_s=10)
    publisher.die(Packet(topic="yeji/v1/a/b/c/death", payload=b"{}", machine="c", seq=0))
    assert arrived.wait(10)
    publisher.close()
    client.disconnect()
    client.loop_stop()
    assert seen == [b"{}"]


def test_half_open_line_delivers_what_it_held_once_it_is_mended(broker: int) -> None:
    client, seen, arrived = a_subscriber(broker, "yeji/#")
    publisher = Publisher("simulator-test")
    publisher.connect("127.0.0.1", broker, timeout_s=10)
    publisher.fall_silent(3600.0)
    publisher.publish(Packet(topic="yeji/v1/a/b/c/telemetry", payload=b"1", machine="c", seq=1))
    assert not seen
    publisher.flush(10)
    assert arrived.wait(10)
    publisher.close()
    client.disconnect()
    client.loop_stop()
    assert seen == [b"1"]
