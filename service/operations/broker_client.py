"""What every command that speaks to a broker does alike: where it is, as whom, and the words when it cannot be reached."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from service.errors import BrokerError

CONNECT_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAddress:
    """Where a broker is reached, and as whom."""

    host: str
    port: int
    username: str | None = None
    password: str | None = None
    tls_ca_file: Path | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def client_for(address: BrokerAddress, client_id: str = "") -> paho.Client:
    """Return a client of MQTT 5 with the user, password and TLS of the address, not yet connected."""
    client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=paho.MQTTv5)
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    if address.tls_ca_file is not None:
        client.tls_set(ca_certs=str(address.tls_ca_file), tls_version=ssl.PROTOCOL_TLS_CLIENT)
    return client


def begin(client: paho.Client, address: BrokerAddress) -> None:
    """Start to connect, and leave the rest to the network thread; BrokerError where nobody listens there."""
    try:
        client.connect(address.host, address.port, keepalive=30)
    except (OSError, ValueError) as error:
        told = f"no broker at {address} ({error}); start `yeji run`, or name the broker with --broker HOST:PORT"
        raise BrokerError(told) from None
    client.loop_start()


def refusal(code: ReasonCode) -> str:
    """Say that the broker refuses a connection, and what to correct."""
    return f"refuses the connection ({code}); correct mqtt.username and mqtt.password_file"
