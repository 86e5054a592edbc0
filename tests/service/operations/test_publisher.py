"""Every way in which a broker lets a publisher down is one clear line, and none of them hangs."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service.errors import BrokerError
from service.operations.broker import BrokerFlavour, BrokerOptions, OwnBroker, find_mosquitto, start_broker
from service.operations.broker_client import BrokerAddress
from service.operations.publisher import MOST_OUTSTANDING, Publisher, publishing
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.skipif(find_mosquitto() is None, reason="mosquitto is not installed")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[OwnBroker]:
    started = start_broker(BrokerOptions(folder=tmp_path / "broker", flavour=BrokerFlavour.MOSQUITTO))
    yield started
    started.stop()


def _publish(publisher: Publisher, messages: int) -> None:
    for _ in range(messages):
        publisher.publish("yeji/v1/a/b/c/telemetry", b"{}")
    publisher.finish()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _broker_with(tmp_path: Path, *lines: str) -> tuple["subprocess.Popen[bytes]", int]:
    port = _free_port()
    config = tmp_path / "mosquitto.conf"
    same_user = ["user root"] if os.geteuid() == 0 else []
    config.write_text("\n".join([f"listener {port} 127.0.0.1", *same_user, *lines, ""]), encoding="utf-8")
    program = find_mosquitto()
    assert program is not None
    child = subprocess.Popen([program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_until(lambda: _listens(port))
    return child, port


def test_a_broker_that_wants_a_password_is_told_with_the_settings_that_hold_it(tmp_path: Path) -> None:
    child, port = _broker_with(tmp_path, "allow_anonymous false")
    try:
        with (
            pytest.raises(BrokerError, match=r"refuses the connection \(Not authorized\); correct mqtt.username"),
            publishing(BrokerAddress(host="127.0.0.1", port=port)),
        ):
            pass
    finally:
        child.terminate()
        child.wait(10)


def test_a_topic_that_may_not_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic read yeji/#\n", encoding="utf-8")
    child, port = _broker_with(tmp_path, "allow_anonymous true", f"acl_file {tmp_path / 'acl'}")
    try:
        with (
            pytest.raises(BrokerError, match=r"refuses the messages \(Not authorized\); correct its access rules"),
            publishing(BrokerAddress(host="127.0.0.1", port=port)) as publisher,
        ):
            _publish(publisher, 1)
    finally:
        child.terminate()
        child.wait(10)


def test_what_is_no_broker_is_told_in_time() -> None:
    with closing(socket.socket()) as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        port = mute.getsockname()[1]
        with (
            pytest.raises(BrokerError, match=r"does not answer as MQTT 5 to the connection; see whether it runs"),
            publishing(BrokerAddress(host="127.0.0.1", port=port), patience_s=0.3),
        ):
            pass


def test_a_name_that_does_not_resolve_is_told() -> None:
    with pytest.raises(BrokerError, match=r"no broker at :1883"), publishing(BrokerAddress(host="", port=1883)):
        pass


def test_a_broker_that_goes_away_in_the_middle_is_told(broker: OwnBroker) -> None:
    address = BrokerAddress(host=broker.host, port=broker.port)
    with publishing(address, patience_s=0.3) as publisher:
        broker.stop()
        with pytest.raises(BrokerError, match=r"acknowledges nothing after 0 of \d+ messages; see whether it runs"):
            _publish(publisher, MOST_OUTSTANDING + 1)


def test_nothing_published_is_nothing_to_wait_for(broker: OwnBroker) -> None:
    with publishing(BrokerAddress(host=broker.host, port=broker.port)) as publisher:
        publisher.finish()
    assert publisher.arrived == 0
