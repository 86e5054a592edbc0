"""Where a command finds the broker: named on the command line, or the one that the running service uses."""

from pathlib import Path

from configs.settings import BrokerKind, Settings
from service.app.reachable import reachable
from service.app.running_file import read_whereabouts
from service.errors import BrokerError, InvalidRequestError
from service.operations.broker_client import BrokerAddress


def broker_for(settings: Settings, wanted: str | None) -> BrokerAddress:
    """Return the broker `HOST:PORT`, or without one that of the service that runs on the data folder.

    Raises
    ------
    InvalidRequestError
        `wanted` is no address, or the password cannot be read.
    BrokerError
        None is named, and no service runs.
    """
    host, port = _host_and_port(settings, wanted)
    mqtt = settings.mqtt
    password = None if mqtt.password_file is None else _read_password(mqtt.password_file)
    return BrokerAddress(host=host, port=port, username=mqtt.username, password=password, tls_ca_file=mqtt.tls_ca_file)


def _host_and_port(settings: Settings, wanted: str | None) -> tuple[str, int]:
    if wanted is not None:
        return _parsed(wanted)
    if settings.mqtt.broker is BrokerKind.EXTERNAL:
        return settings.mqtt.host, settings.mqtt.external_port
    running = read_whereabouts(settings.data_dir)
    if running is not None:
        return reachable(running.mqtt_host), running.mqtt_port
    if settings.mqtt.port:
        return reachable(settings.mqtt.host), settings.mqtt.port
    told = f"no service runs on {settings.data_dir}; start `yeji run`, or name the broker with --broker HOST:PORT"
    raise BrokerError(told)


def _parsed(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise InvalidRequestError(f"--broker {address}: must be HOST:PORT, such as 127.0.0.1:1883")
    return host.strip("[]"), int(port)


def _read_password(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        told = f"mqtt.password_file {path}: cannot be read ({error.strerror}); correct the path or its rights"
        raise InvalidRequestError(told) from None
