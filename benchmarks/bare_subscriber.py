"""What intake is compared with: paho, QoS 1, and orjson on every payload; nothing else.

`python -m benchmarks.bare_subscriber HOST PORT COUNT` ends after so many messages and prints what they cost.
"""

import json
import sys
import threading
import time

import orjson
import paho.mqtt.client as paho
import psutil
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from benchmarks import load

CLIENT_ID = "bare"
TOPICS = f"yeji/v1/{load.SITE}/#"


def subscribed(
    address: tuple[str, int], client_id: str, topics: str, on_message: "paho.CallbackOnMessage | None" = None
) -> paho.Client:
    """Return a client with a session that outlives it, subscribed at QoS 1; its thread is not started."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    properties.SessionExpiryInterval, properties.ReceiveMaximum = 86_400, 1_000
    client.on_connect = lambda *_: client.subscribe(topics, qos=1)
    client.on_message = on_message
    client.connect(*address, clean_start=False, properties=properties)
    return client


def main() -> None:
    """Read until enough has come."""
    host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    over, seen = threading.Event(), 0

    def read(_client: paho.Client, _userdata: object, message: paho.MQTTMessage) -> None:
        nonlocal seen
        orjson.loads(message.payload)
        seen += 1
        if seen == count:
            over.set()

    began, began_cpu = time.perf_counter(), time.process_time()
    client = subscribed((host, port), CLIENT_ID, TOPICS, read)
    client.loop_start()
    over.wait(600)
    cpu_s, seconds = time.process_time() - began_cpu, time.perf_counter() - began
    client.disconnect()
    client.loop_stop()
    rss_mib = psutil.Process().memory_info().rss / 2**20
    print(json.dumps({"messages": seen, "cpu_s": cpu_s, "seconds": seconds, "rss_mib": rss_mib}))


if __name__ == "__main__":
    main()
