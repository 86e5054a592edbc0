"""The page that connects the first device does what it says: its plant loads, and its examples run against a real broker."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import time_ns

import jsonschema_rs
import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from configs.catalogue.load import load_catalogue
from configs.plant import Plant
from configs.plant_file import parse_plant
from configs.settings import load_settings
from ingest.decode.native import NativeDecoder
from ingest.decode.time_window import TimeWindow
from ingest.reading import Message, Presence
from service.operations.broker import BrokerOptions, OwnBroker, start_broker
from tests.fakes.waiting import wait_until

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "connect-first-device.md").read_text(encoding="utf-8")
SCHEMA = json.loads((DOCS / "telemetry.schema.json").read_text(encoding="utf-8"))


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def _plant() -> Plant:
    return parse_plant("".join(_blocks("toml")[:2]), load_catalogue(), "connect-first-device.md")


def _decode(topic: str, payload: bytes) -> object:
    window = TimeWindow(past_ns=60 * 10**9, future_ns=10**9)
    return NativeDecoder(_plant(), window).decode(topic, payload, time_ns())


class _Ear:
    """Collects what is published."""

    def __init__(self, broker: OwnBroker) -> None:
        self.heard: list[paho.MQTTMessage] = []
        self._subscribed = threading.Event()
        self.client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        self.client.on_message = lambda _client, _data, message: self.heard.append(message)
        self.client.on_subscribe = lambda *_: self._subscribed.set()
        self.client.on_connect = lambda *_: self.client.subscribe("yeji/v1/#", qos=1)
        self.client.connect(broker.host, broker.port)
        self.client.loop_start()
        assert self._subscribed.wait(10)

    def decoded(self) -> list[object]:
        return [_decode(message.topic, message.payload) for message in self.heard]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    started = start_broker(BrokerOptions(folder=tmp_path / "broker"))
    yield started
    started.stop()


@pytest.fixture
def ear(broker: OwnBroker) -> Iterator[_Ear]:
    ear = _Ear(broker)
    yield ear
    ear.client.disconnect()
    ear.client.loop_stop()


def test_the_plant_of_the_page_loads_as_it_says() -> None:
    plant = _plant()
    (machine,) = plant.machines
    sensors = {sensor.id: sensor for sensor in machine.sensors}
    assert "spindle_kurtosis" not in sensors
    assert "door_current" in sensors
    assert [limit.value for limit in next(s for i, s in sensors.items() if i == "spindle_vib").limits] == [2.0, 3.0]
    assert next(p for p in plant.part_types if p.id.endswith("coolant_filter")).price_krw == 52000


def test_the_settings_of_the_page_load(tmp_path: Path) -> None:
    file = tmp_path / "yeji.toml"
    file.write_text(_blocks("toml")[2], encoding="utf-8")
    assert load_settings(file).mqtt.host == "192.168.0.10"


def test_the_terminal_example_arrives(broker: OwnBroker, ear: _Ear) -> None:
    if shutil.which("mosquitto_pub") is None:
        pytest.skip("mosquitto_pub is not installed")
    command = next(block for block in _blocks("sh") if block.startswith("mosquitto_pub"))
    subprocess.run(["bash", "-ec", command.replace("1883", str(broker.port))], check=True, timeout=30)
    wait_until(lambda: len(ear.heard) == 1)
    (message,) = ear.decoded()
    assert isinstance(message, Message)
    assert message.values == ((0.82, 36.5, 6000),)
    assert ear.heard[0].qos == 1
    assert jsonschema_rs.is_valid(SCHEMA, json.loads(ear.heard[0].payload))


def test_the_python_example_arrives(broker: OwnBroker, ear: _Ear, tmp_path: Path) -> None:
    script = tmp_path / "first_device.py"
    script.write_text(_blocks("python")[0], encoding="utf-8")
    subprocess.run([sys.executable, str(script), broker.host, str(broker.port), "2"], check=True, timeout=60)
    wait_until(lambda: len(ear.heard) >= 3)
    birth, first, second = ear.decoded()
    assert birth == Presence(
        stream="yeji/v1/ansan/cutting/mc-1", machine=_plant().machines[0].id, alive=True,
        received_time_ns=birth.received_time_ns,  # type: ignore[attr-defined]
    )  # fmt: skip
    assert isinstance(first, Message)
    assert isinstance(second, Message)
    assert (first.boot, first.seq, second.seq) == (second.boot, 0, 1)
    for message in ear.heard[1:]:
        assert jsonschema_rs.is_valid(SCHEMA, json.loads(message.payload))


def test_the_message_of_the_esp32_example_is_a_reading() -> None:
    sketch = _blocks("cpp")[0]
    quoted = re.search(r'sizeof reading,\s*"((?:[^"\\]|\\.)*)"', sketch)
    assert quoted is not None
    form = quoted[1].replace('\\"', '"').replace("%lu", "%d").replace("%lld", "%d")
    payload = (form % ("0a1b2c3d", 4_294_967_295, time_ns() // 1_000_000, 36.54)).encode()
    assert len(payload) < int(re.search(r"char reading\[(\d+)\]", sketch)[1])  # type: ignore[index]
    assert jsonschema_rs.is_valid(SCHEMA, json.loads(payload))
    topic = re.search(r'TOPIC = "(.*?)"', sketch)
    assert topic is not None
    assert isinstance(_decode(topic[1], payload), Message)
