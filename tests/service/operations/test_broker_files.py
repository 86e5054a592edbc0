"""A production broker's files: real devices get in with what was issued, and do nothing else."""

import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from configs.errors import ConfigurationError
from service.errors import ConflictError, InvalidRequestError, NotFoundError
from service.operations import broker_files
from service.operations.broker import _takes_connections, find_mosquitto
from service.operations.broker_check import check_broker
from service.operations.broker_client import BrokerAddress
from service.operations.broker_files import Certificates, IssuedDevice, Listening
from tests.fakes.certificates import write_certificates
from tests.fakes.plants import a_machine
from tests.fakes.waiting import wait_until

MACHINE = a_machine("pump1")
needs_mosquitto = pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")


def free_port() -> int:

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def running() -> Iterator[Callable[[Path, int], None]]:
    """Return what starts Mosquitto on a configuration; it ends with the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(config: Path, port: int) -> None:
        if os.geteuid() == 0:
            config.write_text(config.read_text() + "user root\n")
        started.append(subprocess.Popen([str(find_mosquitto()), "-c", str(config)], stderr=subprocess.DEVNULL))
        wait_until(lambda: _takes_connections("127.0.0.1", port))

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


def says(port: int, device: IssuedDevice | None, topic: str, password: str | None = None) -> str:
    """Return what the broker answers to a device that publishes on a topic."""
    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    if device is not None:
        client.username_pw_set(device.name, password or device.password)
    said: list[str] = []
    heard = threading.Event()
    client.on_connect = lambda _c, _d, _f, reason, _p: (said.append(str(reason)), reason.is_failure and heard.set())
    client.on_publish = lambda _c, _d, _m, reason, _p: (said.append(str(reason)), heard.set())
    client.connect("127.0.0.1", port)
    client.loop_start()
    wait_until(lambda: bool(said))
    if said[0] == "Success":
        client.publish(topic, b"x", qos=1)
    heard.wait(5)
    client.disconnect()
    client.loop_stop()
    return said[-1]


@pytest.mark.mosquitto
@needs_mosquitto
def test_a_device_writes_its_own_topic_and_nothing_else(tmp_path: Path, running: Callable[[Path, int], None]) -> None:
    port = free_port()
    config = broker_files.write_broker_files(tmp_path, Listening(host="127.0.0.1", port=port))
    device = broker_files.add_device(tmp_path, "gateway-1", MACHINE)
    running(config, port)
    assert says(port, device, device.topic) in {"Success", "No matching subscribers"}
    assert says(port, device, "yeji/v1/busan/a/pump2/telemetry") == "Not authorized"
    assert says(port, device, device.topic, password="guessed") == "Not authorized"
    assert says(port, None, device.topic) == "Not authorized"


@pytest.mark.mosquitto
@needs_mosquitto
def test_the_doctor_finds_the_written_broker_well_over_tls(
    tmp_path: Path, running: Callable[[Path, int], None]
) -> None:
    port = free_port()
    authority, certificate, key = write_certificates(tmp_path)
    certificates = Certificates(authority=authority, certificate=certificate, key=key)
    files = tmp_path / "files"
    config = broker_files.write_broker_files(files, Listening(host="127.0.0.1", port=port, certificates=certificates))
    running(config, port)
    password = (files / broker_files.OWN_PASSWORD).read_text().strip()
    own = BrokerAddress(host="127.0.0.1", port=port, username="yeji", password=password, tls_ca_file=authority)
    findings = check_broker(own)
    assert [(each.check, each.detail) for each in findings if not each.ok] == []
    assert len(findings) == 7


@pytest.mark.mosquitto
@needs_mosquitto
def test_the_doctor_says_how_to_mend_a_broker_as_it_comes(tmp_path: Path, running: Callable[[Path, int], None]) -> None:
    port, config = free_port(), tmp_path / "plain.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_packet_size 1000\n")
    running(config, port)
    found = {each.check: each for each in check_broker(BrokerAddress(host="127.0.0.1", port=port))}
    assert not found["broker queue"].ok
    assert "max_queued_messages 100000" in found["broker queue"].detail
    assert "max_packet_size" in found["broker message size"].detail
    assert "allow_anonymous false" in found["broker names"].detail


@pytest.mark.mosquitto
@needs_mosquitto
def test_rights_that_let_nothing_come_round_are_found(tmp_path: Path, running: Callable[[Path, int], None]) -> None:
    port = free_port()
    config = broker_files.write_broker_files(tmp_path, Listening(host="127.0.0.1", port=port))
    rules = tmp_path / broker_files.RULES
    rules.write_text(
        rules.read_text().replace("topic read yeji/v1/#\n", "").replace("topic readwrite yeji", "topic write yeji")
    )
    running(config, port)
    password = (tmp_path / broker_files.OWN_PASSWORD).read_text().strip()
    found = check_broker(BrokerAddress(host="127.0.0.1", port=port, username="yeji", password=password))
    trip = next(each for each in found if each.check == "broker round trip")
    assert (trip.ok, "topic read yeji/v1/#" in trip.detail) == (False, True)


def test_a_broker_that_is_not_there_is_one_finding() -> None:
    (finding,) = check_broker(BrokerAddress(host="127.0.0.1", port=free_port()))
    assert not finding.ok
    assert "is it running" in finding.detail


def test_devices_are_added_listed_and_revoked(tmp_path: Path) -> None:
    broker_files.write_broker_files(tmp_path, Listening(port=1883))
    broker_files.add_device(tmp_path, "one", MACHINE)
    broker_files.add_device(tmp_path, "two", a_machine("pump2"))
    assert broker_files.devices_in(tmp_path) == {"one": "pump1", "two": "pump2"}
    with pytest.raises(ConflictError, match="revoke it first"):
        broker_files.add_device(tmp_path, "one", MACHINE)
    broker_files.revoke_device(tmp_path, "one")
    assert broker_files.devices_in(tmp_path) == {"two": "pump2"}
    assert "one:" not in (tmp_path / broker_files.PASSWORDS).read_text()
    assert "pump1" not in (tmp_path / broker_files.RULES).read_text()
    with pytest.raises(NotFoundError, match="no device one"):
        broker_files.revoke_device(tmp_path, "one")


def test_writing_again_keeps_the_devices(tmp_path: Path) -> None:
    broker_files.write_broker_files(tmp_path, Listening(port=1883))
    broker_files.add_device(tmp_path, "one", MACHINE)
    before = (tmp_path / broker_files.OWN_PASSWORD).read_text()
    broker_files.write_broker_files(tmp_path, Listening(port=1884))
    assert broker_files.devices_in(tmp_path) == {"one": "pump1"}
    assert (tmp_path / broker_files.OWN_PASSWORD).read_text() == before
    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.is_file()} == {0}


@pytest.mark.parametrize("name", ["yeji", "#", "a b", "", "../x", "a\nuser b"])
def test_a_name_that_could_widen_the_rules_is_refused(tmp_path: Path, name: str) -> None:
    broker_files.write_broker_files(tmp_path, Listening(port=1883))
    with pytest.raises(InvalidRequestError):
        broker_files.add_device(tmp_path, name, MACHINE)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="yeji broker write"):
        broker_files.add_device(tmp_path, "one", MACHINE)
    absent = Certificates(authority=tmp_path / "ca", certificate=tmp_path / "c", key=tmp_path / "k")
    with pytest.raises(ConfigurationError, match="is not there"):
        broker_files.write_broker_files(tmp_path, Listening(certificates=absent))
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        broker_files.write_broker_files(tmp_path / "file" / "folder", Listening(port=1883))
