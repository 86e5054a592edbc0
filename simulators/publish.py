"""The devices' side of MQTT: one connection that publishes for all machines of the simulated factory."""

import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Protocol

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from simulators.errors import SimulatorError
from simulators.network_faults import Packet

INJECTION_FILTER = "yeji-simulator/v1/+/inject"
_QUEUE = 20_000
_FLUSHED = "yeji-simulator/v1/flushed"


class Life(Protocol):
    """What is said around a connection: `will` before each one, `connected` once it stands, `hear` of its commands."""

    @property
    def commands(self) -> str:
        """The topic of the commands."""
        ...

    def will(self) -> Packet:
        """Give what the broker says when the connection breaks."""
        ...

    def connected(self) -> None:
        """Learn that the connection stands."""
        ...

    def hear(self, payload: bytes) -> None:
        """Take a command."""
        ...


class Publisher:
    """Publishes over MQTT 5; reconnects by itself and keeps what is unacknowledged at QoS 1, within bounds."""

    def __init__(self, client_id: str, login: tuple[str, Path] | None = None) -> None:
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=mqtt.MQTTv5)
        self._client.max_queued_messages_set(_QUEUE)
        self._client.max_inflight_messages_set(1000)
        self._client.reconnect_delay_set(1, 30)
        self._client.on_connect = self._connected
        self._client.on_message = self._received
        self._client.on_publish = self._acknowledged
        self._ready, self._speaking = threading.Event(), threading.Event()
        self._speaking.set()
        self._refusal: str | None = None
        self._listener: Callable[[str, bytes], None] | None = None
        self._life: Life | None = None
        self._login = login
        self._address = ("", 0)
        self._silent_until_s: float | None = None
        self._held: deque[Packet] = deque(maxlen=_QUEUE)
        if login is not None:
            _sign_in(self._client, login)

    def connect(self, host: str, port: int, timeout_s: float) -> None:
        """Connect and start the network thread.

        Raises
        ------
        SimulatorError
            When the broker cannot be reached or refuses.
        """
        self._address = (host, port)
        try:
            self._client.connect(host, port, keepalive=30)
        except OSError as problem:
            raise SimulatorError(
                f"broker {host}:{port}: cannot connect ({problem}); start the broker or correct --broker"
            ) from None
        self._client.loop_start()
        if not self._ready.wait(timeout_s) or self._refusal:
            self.close()
            reason = self._refusal or "it does not answer"
            raise SimulatorError(f"broker {host}:{port}: {reason}; check the broker, the user and the password")

    def listen(self, listener: Callable[[str, bytes], None]) -> None:
        """Pass requests for injected faults to `listener(topic, payload)`, from the network thread; set before `connect`."""
        self._listener = listener

    def live(self, life: Life) -> None:
        """Have a will, before `connect`, and a birth after every connection."""
        self._life = life
        self._client.on_pre_connect = self._about_to_connect

    def publish(self, packet: Packet) -> None:
        """Queue one message."""
        if self._silent_until_s is not None and monotonic() < self._silent_until_s:
            self._held.append(packet)
            return
        self._wake()
        self._client.publish(packet.topic, packet.payload, qos=packet.qos, retain=packet.retain)

    def fall_silent(self, seconds: float) -> None:
        """Leave the connection half open: nothing is sent, nothing answered and nothing closed for so long."""
        self._speaking.clear()
        self._silent_until_s = monotonic() + seconds
        self._client.publish(_FLUSHED, b"", qos=1)

    def die(self, will: Packet) -> None:
        """Connect as the device that a will is of, and be torn off, so that the broker makes the will known."""
        device = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"{will.machine}-{will.seq}", protocol=mqtt.MQTTv5)
        if self._login is not None:
            _sign_in(device, self._login)
        device.will_set(will.topic, will.payload, qos=will.qos)
        device.connect(*self._address, keepalive=30)
        while not device.is_connected() and device.loop(1.0) is mqtt.MQTT_ERR_SUCCESS:
            pass
        line = device.socket()
        if line is not None:
            line.close()

    def flush(self, timeout_s: float) -> None:
        """Wait until the newest message is acknowledged, or the time is over."""
        self._wake()
        info = self._client.publish(_FLUSHED, b"", qos=1)
        if self._client.is_connected():
            info.wait_for_publish(timeout_s)

    def close(self) -> None:
        """Disconnect and stop the network thread."""
        self._wake()
        self._client.disconnect()
        self._client.loop_stop()

    def _wake(self) -> None:
        """Go on after a silence, as a device whose line is mended."""
        if self._silent_until_s is None:
            return
        self._silent_until_s = None
        self._speaking.set()
        for packet in self._held:
            self._client.publish(packet.topic, packet.payload, qos=packet.qos, retain=packet.retain)
        self._held.clear()

    def _connected(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        code: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._refusal = str(code) if code.is_failure else None
        if not code.is_failure:
            if self._listener is not None:
                client.subscribe(INJECTION_FILTER, qos=1)
            if self._life is not None:
                client.subscribe(self._life.commands, qos=1)
                self._life.connected()
        self._ready.set()

    def _acknowledged(self, *_of: object) -> None:
        """Hold the network thread for as long as the line is half open."""
        self._speaking.wait()

    def _about_to_connect(self, client: mqtt.Client, _userdata: object) -> None:
        if self._life is not None:
            will = self._life.will()
            client.will_set(will.topic, will.payload, qos=will.qos)

    def _received(self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage) -> None:
        if self._life is not None and message.topic == self._life.commands:
            self._life.hear(bytes(message.payload))
        elif self._listener is not None:
            self._listener(message.topic, bytes(message.payload))


def _sign_in(client: mqtt.Client, login: tuple[str, Path]) -> None:
    client.username_pw_set(login[0], login[1].read_text(encoding="utf-8").strip())
