"""Hands out messages and remembers which of them the broker has taken.

`python -m benchmarks.kill9_oracle HOST PORT RATE LEAST FILE`. Every message is a reading set with a number of its own,
(machine, boot, seq); every fifty-first is poison whose bytes name its number. It publishes until its standard input
closes and at least LEAST messages are out, waits for what is under way, and writes the numbers that were acknowledged,
which from then on are the service's obligation.
"""

import json
import random
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
        if number % POISON_EVERY == 0:
            payload = payload.replace(b'"values": {', b'"values": {"vib": NaN, ')
        self._sent.append((name, seq, self._client.publish(load.topic_of(name), payload, qos=1)))

    def obligations(self) -> list[tuple[str, int]]:
        """Wait for what is under way, publish the message after which nothing comes, and return what was taken."""
        deadline = time.monotonic() + 60
        while not self._sent[-1][2].is_published() and time.monotonic() < deadline:
            time.sleep(0.05)
        end = self._client.publish(load.topic_of(SENTINEL), load.message(self.boot, 1, self._generator), qos=1)
        end.wait_for_publish(30)
        self._client.disconnect()
        self._client.loop_stop()
        return [(name, seq) for name, seq, info in self._sent if info.is_published()]


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
