"""Hands out messages and remembers which of them the broker has taken.

`python -m benchmarks.kill9_oracle HOST PORT RATE LEAST FILE`. Every message is a reading set with a number of its own,
(machine, boot, seq); every fifty-first is poison whose bytes name its number. It publishes until its standard input
closes and at least LEAST messages are out, waits for what is under way, and writes the numbers that were acknowledged,
which from then on are the service's obligation.
"""

import json
import random
import re
import sys
import threading
import time
from pathlib import Path

import paho.mqtt.client as paho

from benchmarks import load

MACHINES = 20
POISON_EVERY = 51
"""Has no divisor in common with the number of machines, so that all of them send poison."""

SENTINEL = "sentinel"
_FLOW = re.compile(rb'"flow": [0-9.]+')


def flow_of(machine: str, seq: int) -> float:
    """Return the flow that a message says: what came out is known to be what went in."""
    return 40.0 + (int(machine.rpartition("-")[2]) * 131 + seq * 7) % 4000 / 1000


class Oracle:
    """One publishing run."""

    def __init__(self, host: str, port: int) -> None:
        self.boot = f"{time.time_ns():x}"
        self._client = load.connect(host, port)
        self._sent: list[tuple[str, int, paho.MQTTMessageInfo]] = []
        self._generator = random.Random(11)

    def publish(self, number: int) -> None:
        """Publish message `number`."""
        seq, machine = divmod(number, MACHINES)
        name = load.machine_name(machine)
        payload = load.message(self.boot, seq, self._generator)
        payload = _FLOW.sub(b'"flow": %.3f' % flow_of(name, seq), payload)
        if number % POISON_EVERY == 0:
            payload = payload.replace(b'"values": {', b'"values": {"vib": NaN, ')
        self._sent.append((name, seq, self._client.publish(load.topic_of(name), payload, qos=1)))

    def publish_steadily(self, rate: float, over: threading.Event) -> None:
        """Publish so many messages a second, going on where it stopped, until it is over."""
        started, first = time.perf_counter(), len(self._sent)
        while not over.is_set():
            if not self._client.is_connected():
                time.sleep(0.02)
                continue
            number = len(self._sent)
            if (early := started + (number - first) / rate - time.perf_counter()) > 0:
                time.sleep(early)
            self.publish(number)

    def publish_some(self, count: int) -> None:
        """Publish so many messages at once, and wait until the broker has them."""
        first = len(self._sent)
        for number in range(first, first + count):
            self.publish(number)
        self.wait_taken()

    @property
    def published(self) -> int:
        """How many messages are out."""
        return len(self._sent)

    def wait_taken(self, within_s: float = 60.0) -> None:
        """Wait until the broker has taken everything that is out."""
        deadline = time.monotonic() + within_s
        while self._sent and not _is_taken(self._sent[-1][2]) and time.monotonic() < deadline:
            time.sleep(0.05)

    def taken(self, begin: int) -> list[tuple[str, int]]:
        """Return which messages from the `begin`-th on the broker has acknowledged so far."""
        return [(name, seq) for name, seq, info in self._sent[begin:] if _is_taken(info)]

    def wait_connected(self, within_s: float = 60.0) -> None:
        """Wait until the broker has us again."""
        deadline = time.monotonic() + within_s
        while not self._client.is_connected() and time.monotonic() < deadline:
            time.sleep(0.02)

    def close(self) -> None:
        """Leave the broker; safe to repeat."""
        self._client.disconnect()
        self._client.loop_stop()

    def obligations(self) -> list[tuple[str, int]]:
        """Wait for what is under way, publish the message after which nothing comes, and return what was taken."""
        self.wait_taken()
        self.wait_connected()
        end = self._client.publish(load.topic_of(SENTINEL), load.message(self.boot, 1, self._generator), qos=1)
        end.wait_for_publish(30)
        self.close()
        return [(name, seq) for name, seq, info in self._sent if _is_taken(info)]


def _is_taken(info: paho.MQTTMessageInfo) -> bool:
    """Whether the broker has acknowledged a message; one that met no connection counts as not taken."""
    return not info.rc and info.is_published()


def main() -> None:
    """Publish at a steady rate until standard input closes and enough is out."""
    host, port, rate = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    least, path = int(sys.argv[4]), Path(sys.argv[5])
    oracle, over = Oracle(host, port), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    started, number = time.perf_counter(), 0
    while number < least or not over.is_set():
        if (early := started + number / rate - time.perf_counter()) > 0:
            time.sleep(early)
        oracle.publish(number)
        number += 1
    seconds = time.perf_counter() - started
    result = {"boot": oracle.boot, "published": number, "seconds": seconds, "obligations": oracle.obligations()}
    path.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
