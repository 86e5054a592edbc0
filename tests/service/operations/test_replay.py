"""A recording goes through a real broker with its spacing kept, ends now, and every message is acknowledged."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from rich.console import Console

from configs.catalogue.load import load_catalogue
from configs.plant import Plant
from configs.plant_file import parse_plant
from configs.settings import MqttSettings, Settings
from service.app.running_file import announced
from service.errors import BrokerError, InvalidRequestError, NotFoundError
from service.operations.broker import BrokerFlavour, BrokerOptions, OwnBroker, find_mosquitto, start_broker
from service.operations.recordings.recording import Recording
from service.operations.replay import ReplaySummary, ReplayWish, replay
from service.operations.replay_source import ReadingOptions, ReplaySource, plant_of, read_recording
from tests.fakes.waiting import wait_until

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
QUIET = Console(quiet=True)


def _recording(folder: Path, rows: int = 30) -> Recording:
    lines = "".join(f"2026-01-01T00:{second // 60:02d}:{second % 60:02d}Z,{second / 8},7,0\n" for second in range(rows))
    file = folder / "rig.csv"
    file.write_text(f"time,vib,smell,anomaly\n{lines}", encoding="utf-8")
    return read_recording(ReplaySource.CSV, file, ReadingOptions())


def _plant(recording: Recording) -> Plant:
    """Return a plant with a machine that has a sensor `vib` and none to smell with."""
    absent = "[machine.sensors.smell]\nabsent = true\n\n[[equipment_type]]"
    text = plant_of(recording, "rig-1").replace("[[equipment_type]]", absent)
    return parse_plant(text, load_catalogue(), "plant.toml")


@pytest.fixture(params=BrokerFlavour)
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OwnBroker]:
    if request.param is BrokerFlavour.MOSQUITTO and find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    started = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=request.param))
    yield started
    started.stop()


@contextmanager
def _listening(broker: OwnBroker) -> Iterator[list[paho.MQTTMessage]]:
    heard: list[paho.MQTTMessage] = []
    subscribed: list[bool] = []
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.on_message = lambda _client, _data, message: heard.append(message)
    client.on_subscribe = lambda *_: subscribed.append(True)
    client.on_connect = lambda *_: client.subscribe("yeji/v1/#", qos=1)
    client.connect(broker.host, broker.port)
    client.loop_start()
    wait_until(lambda: bool(subscribed))
    try:
        yield heard
    finally:
        client.disconnect()
        client.loop_stop()


def _replay(recording: Recording, broker: OwnBroker | None = None, **wish: object) -> ReplaySummary:
    address = f"{broker.host}:{broker.port}" if broker else "127.0.0.1:1"
    asked = ReplayWish(**({"rate": 1000.0, "broker": address, "machine": "rig-1"} | wish))  # type: ignore[arg-type]
    return replay(Settings(), _plant(recording), recording, asked, now=NOW, progress=QUIET)


def test_spacing_is_kept_and_the_end_is_now(broker: OwnBroker, tmp_path: Path) -> None:
    recording = _recording(tmp_path)
    with _listening(broker) as heard:
        summary = _replay(recording, broker)
        wait_until(lambda: len(heard) == 31)
    documents = [json.loads(message.payload) for message in heard]
    stamps = [document["ts"] for document in documents[:-1]]
    assert {message.topic for message in heard} == {"yeji/v1/replay/bench/rig-1/telemetry"}
    assert {message.qos for message in heard} == {1}
    assert [later - earlier for earlier, later in pairwise(stamps)] == [1000] * 29
    assert stamps[-1] == int((NOW + timedelta(seconds=29 / 1000)).timestamp() * 1000)
    assert [document["seq"] for document in documents] == list(range(31))
    assert len({document["boot"] for document in documents}) == 1
    assert documents[3]["values"] == {"vib": 3 / 8}
    assert documents[-1] | {"boot": ""} == {
        "v": 1, "boot": "", "seq": 30, "ts": stamps[-1] + 1, "values": {}, "state": "off",
    }  # fmt: skip
    assert (summary.machines, summary.messages, summary.left_out) == (("rig-1",), 31, ("anomaly", "smell"))
    assert summary.last_event_time - summary.first_event_time == timedelta(seconds=29)
    assert json.loads(json.dumps(summary.row()))["messages"] == 31
    assert "31 messages of rig-1" in summary.line()


def test_the_rate_sets_how_fast_messages_are_sent(broker: OwnBroker, tmp_path: Path) -> None:
    with _listening(broker):
        summary = _replay(_recording(tmp_path), broker, rate=58.0)
    assert 0.5 <= summary.seconds < 10


def test_only_the_end_is_published_where_that_is_asked_for(broker: OwnBroker, tmp_path: Path) -> None:
    with _listening(broker):
        summary = _replay(_recording(tmp_path), broker, last=timedelta(seconds=9))
    assert summary.messages == 11


def test_a_broker_where_nobody_listens_is_told(tmp_path: Path) -> None:
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    broker = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=BrokerFlavour.MOSQUITTO))
    try:
        with pytest.raises(BrokerError, match="has nobody who listens; start `yeji run` on this broker first"):
            _replay(_recording(tmp_path), broker)
    finally:
        broker.stop()


def test_a_broker_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"no broker at 127.0.0.1:1 .*; start `yeji run`, or name the broker"):
        _replay(_recording(tmp_path))


@pytest.mark.parametrize("rate", [0.5, 0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_below_the_recorded_one_is_refused(tmp_path: Path, rate: float) -> None:
    with pytest.raises(InvalidRequestError, match=r"must be 1 \(as recorded\) or more"):
        _replay(_recording(tmp_path), rate=rate)


def test_the_end_of_a_recording_lasts_some_time(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequestError, match="--last-days -1: must be above 0"):
        _replay(_recording(tmp_path), last=timedelta(days=-1))


def test_the_broker_is_that_of_the_running_service(broker: OwnBroker, tmp_path: Path) -> None:
    recording = _recording(tmp_path)
    settings = Settings(data_dir=tmp_path)
    wish = ReplayWish(rate=1000.0, machine="rig-1")
    with _listening(broker), announced(tmp_path, address="http://127.0.0.1:1", broker=(broker.host, broker.port)):
        summary = replay(settings, _plant(recording), recording, wish, now=NOW, progress=QUIET)
    assert summary.messages == 31


def test_a_recording_longer_than_the_service_takes_is_refused_before_the_first_message(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("time,vib,smell\n2026-01-01,1,1\n2026-03-01,1,1\n", encoding="utf-8")
    with pytest.raises(InvalidRequestError, match=r"spans 59.0 days, and the service takes in readings of the last 30"):
        _replay(read_recording(ReplaySource.CSV, file, ReadingOptions()))


@pytest.mark.parametrize(
    ("machine", "error", "told"),
    [
        (None, InvalidRequestError, "which machine is it? name it with --machine"),
        ("rig-2", NotFoundError, "the plant has no machine rig-2"),
    ],
)
def test_a_machine_that_is_not_clear_is_asked_for(
    tmp_path: Path, machine: str | None, error: type[Exception], told: str
) -> None:
    recording = _recording(tmp_path)
    plant = _plant(recording)
    with pytest.raises(error) as caught:
        replay(Settings(), plant, recording, ReplayWish(machine=machine), now=NOW, progress=QUIET)
    assert told in str(caught.value)


def test_without_a_service_and_without_an_address_it_says_what_to_start(tmp_path: Path) -> None:
    recording = _recording(tmp_path)
    settings = Settings(data_dir=tmp_path / "data", mqtt=MqttSettings())
    with pytest.raises(BrokerError, match=r"no service runs on .*; start `yeji run`, or name the broker"):
        replay(settings, _plant(recording), recording, ReplayWish(machine="rig-1"), now=NOW, progress=QUIET)
