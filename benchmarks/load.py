"""A factory's worth of messages: `python -m benchmarks.load HOST PORT MACHINES SECONDS` publishes once a second a machine."""

import json
import random
import sys
import time
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

SITE, LINE = "bench", "line"
TYPE = "centrifugal_pump"
VALUES = {
    "suction_pressure": (1.0, 0.05),
    "discharge_pressure": (5.0, 0.1),
    "flow": (42.0, 0.5),
    "vib": (1.8, 0.1),
    "motor_current": (12.0, 0.2),
    "bearing_temp": (45.0, 0.3),
}
"""Mean and standard deviation of the sensors that are published."""


def machine_name(number: int) -> str:
    """Return the id of a machine of the load."""
    return f"pump-{number:04d}"


def topic_of(machine: str) -> str:
    """Return the topic that a machine publishes to."""
    return f"yeji/v1/{SITE}/{LINE}/{machine}/telemetry"


def write_plant(folder: Path, machines: int) -> Path:
    """Write a plant of so many pumps."""
    folder.mkdir(parents=True, exist_ok=True)
    parts = [
        f'[[site]]\nid = "{SITE}"\nname = "Bench"\ntime_zone = "Asia/Seoul"\n',
        f'[[line]]\nid = "{LINE}"\nname = "Line"\nsite = "{SITE}"\n',
    ]
    names = [*map(machine_name, range(machines)), "sentinel"]
    parts += [f'[[machine]]\nid = "{name}"\nname = "{name}"\nline = "{LINE}"\ntype = "{TYPE}"\n' for name in names]
    path = folder / "plant.toml"
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def connect(host: str, port: int, client_id: str = "") -> paho.Client:
    """Return a connected client whose network thread runs."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
    client.max_inflight_messages_set(1000)
    client.max_queued_messages_set(0)
    client.reconnect_delay_set(1, 1)
    client.connect(host, port)
    client.loop_start()
    return client


def message(boot: str, seq: int, generator: random.Random) -> bytes:
    """Return one reading set whose event time is now."""
    values = {name: round(generator.gauss(mean, sd), 3) for name, (mean, sd) in VALUES.items()}
    document = {"v": 1, "boot": boot, "seq": seq, "ts": time.time_ns() // 1_000_000, "values": values}
    return json.dumps(document | {"state": "executing"}).encode()


def publish(host: str, port: int, machines: int, seconds: float) -> int:
    """Publish once a second for every machine, evenly spread; return how many the broker has taken."""
    client = connect(host, port)
    generator = random.Random(7)
    boot = f"{time.time_ns():x}"
    topics = [topic_of(machine_name(number)) for number in range(machines)]
    started = time.perf_counter()
    sent = []
    for count in range(int(machines * seconds)):
        due = started + count / machines
        if (early := due - time.perf_counter()) > 0:
            time.sleep(early)
        seq, machine = divmod(count, machines)
        sent.append(client.publish(topics[machine], message(boot, seq, generator), qos=1))
    for each in sent:
        each.wait_for_publish(30)
    client.disconnect()
    client.loop_stop()
    return len(sent)


if __name__ == "__main__":
    print(publish(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])))
