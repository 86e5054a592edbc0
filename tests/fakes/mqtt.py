"""A plain MQTT client for tests: publishes, and collects what arrives."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

Address = tuple[str, int]


def publish(address: Address, messages: Iterable[tuple[str, bytes]]) -> None:
    """Publish at QoS 1 and return once the broker has taken everything."""
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.max_inflight_messages_set(100)
    client.max_queued_messages_set(0)
    client.connect(*address)
    client.loop_start()
    sent = [client.publish(topic, payload, qos=1) for topic, payload in messages]
    for info in sent:
        info.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()


@contextmanager
def collect(address: Address, topic: str, client_id: str = "collector") -> Iterator[list[tuple[str, bytes]]]:
    """Subscribe at QoS 1 in a lasting session; give the list that messages are added to."""
    got: list[tuple[str, bytes]] = []
    subscribed = threading.Event()
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
    client.on_connect = lambda *_: client.subscribe(topic, qos=1)
    client.on_subscribe = lambda *_: subscribed.set()
    client.on_message = lambda _client, _userdata, message: got.append((message.topic, message.payload))
    properties = Properties(PacketTypes.CONNECT)
    properties.SessionExpiryInterval = 3600
    client.connect(*address, clean_start=False, properties=properties)
    client.loop_start()
    assert subscribed.wait(10)
    yield got
    client.disconnect()
    client.loop_stop()
