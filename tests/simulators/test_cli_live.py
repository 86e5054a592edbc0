"""`yeji-simulate live` and `inject` against a real broker, as a person starts them."""

import json
import signal
import subprocess
import sys
import threading
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from simulators.cli import exit_code

YEJI_SIMULATE = str(Path(sys.executable).with_name("yeji-simulate"))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    options = ["--years", "0.003", "--machines", "24", "--no-staged", "--faults", "none"]
    assert exit_code(["history", "--out", str(tmp_path / "h"), *options]) == 0
    return tmp_path / "h-checkpoint"


@pytest.mark.mosquitto
def test_live_factory_publishes_takes_a_fault_and_ends_when_it_is_told_to(broker: int, checkpoint: Path) -> None:
    heard, told = threading.Event(), []
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.on_connect = lambda c, *_: c.subscribe("yeji/#", qos=1)
    client.on_message = lambda _c, _u, message: (told.append(json.loads(message.payload)), heard.set())
    client.connect("127.0.0.1", broker)
    client.loop_start()
    live = subprocess.Popen(
        [YEJI_SIMULATE, "live", "--checkpoint", str(checkpoint), "--broker", f"127.0.0.1:{broker}"],
        stderr=subprocess.DEVNULL,
    )
    try:
        assert heard.wait(60)
        wrong = ["inject", "--machine", "pump-99", "--fault", "bearing", "--broker", f"127.0.0.1:{broker}"]
        assert exit_code(wrong) == 0
        refused = checkpoint.with_name("truth") / "live.jsonl"
        pause = threading.Event()
        while not refused.exists() and live.poll() is None:
            pause.wait(0.2)
        assert "pump-99" in refused.read_text(encoding="utf-8")
        live.send_signal(signal.SIGTERM)
        assert live.wait(60) == 0
    finally:
        live.kill()
        live.wait()
        client.loop_stop()
    assert {message["state"] for message in told} <= {"executing", "idle", "off"}


def test_broker_that_is_away_is_one_line_to_the_live_factory(
    checkpoint: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert exit_code(["live", "--checkpoint", str(checkpoint), "--broker", "127.0.0.1:9"]) == 1
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert "cannot connect" in lines[0]
