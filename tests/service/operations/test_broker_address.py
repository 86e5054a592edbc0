"""A command finds the broker that is named, or the one that the running service uses."""

from pathlib import Path

import pytest

from configs.settings import BrokerKind, MqttSettings, Settings
from service.app.running_file import announced
from service.errors import BrokerError, InvalidRequestError
from service.operations.broker_address import broker_for


def _found(tmp_path: Path, wanted: str | None = None, **mqtt: object) -> str:
    return str(broker_for(Settings(data_dir=tmp_path, mqtt=MqttSettings(**mqtt)), wanted))  # type: ignore[arg-type]


def test_a_named_broker_wins(tmp_path: Path) -> None:
    with announced(tmp_path, address="http://x", broker=("127.0.0.1", 1884)):
        assert _found(tmp_path, "broker.local:1885") == "broker.local:1885"
        assert _found(tmp_path, "[::1]:1885") == "::1:1885"


def test_the_running_service_tells_where_its_broker_is(tmp_path: Path) -> None:
    with announced(tmp_path, address="http://x", broker=("0.0.0.0", 1884)):
        assert _found(tmp_path) == "127.0.0.1:1884"


def test_an_external_broker_is_that_of_the_settings(tmp_path: Path) -> None:
    assert _found(tmp_path, broker=BrokerKind.EXTERNAL, host="10.0.0.2") == "10.0.0.2:1883"


def test_a_fixed_port_is_known_before_the_service_runs(tmp_path: Path) -> None:
    assert _found(tmp_path, port=1883) == "127.0.0.1:1883"


def test_without_a_service_it_says_what_to_start(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match="no service runs on"):
        _found(tmp_path)


@pytest.mark.parametrize("wanted", ["broker", ":1883", "broker:", "broker:http", "broker:0", "broker:70000"])
def test_what_is_no_address_is_refused(tmp_path: Path, wanted: str) -> None:
    with pytest.raises(InvalidRequestError, match="must be HOST:PORT, such as"):
        _found(tmp_path, wanted)


def test_the_password_comes_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    settings = Settings(data_dir=tmp_path, mqtt=MqttSettings(port=1883, username="yeji", password_file=file))
    with pytest.raises(InvalidRequestError, match=r"password_file .*: cannot be read"):
        broker_for(settings, None)
    file.write_text("secret\n", encoding="utf-8")
    assert broker_for(settings, None).password == "secret"
